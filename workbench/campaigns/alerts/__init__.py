"""Alerts: rules as files, who is told of, what was done, and what it was worth."""
