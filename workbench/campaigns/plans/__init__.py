"""Plans: campaigns as files, their mechanics, checks and totals, and how they run."""
