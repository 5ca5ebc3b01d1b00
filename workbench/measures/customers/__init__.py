"""Customers: what they buy together, will buy next, say and cost, and who is about to leave."""
