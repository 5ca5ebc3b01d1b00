"""Business: the whole shop against other days, and why its sales changed."""
