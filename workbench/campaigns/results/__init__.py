"""Results: what campaigns changed, beside what weeks without them show, and what all taught."""
