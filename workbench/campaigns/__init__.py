"""Campaigns: alerts, offers and their forecasts, plans, audiences, and what came of them."""
