"""The door: a retailer's files are read, checked, and become a new edition of the lake."""
