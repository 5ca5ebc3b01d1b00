"""Audiences: who may be addressed, who is left out by lot, and what leaves the house."""
