"""Campaigns: alerts, offers and their forecasts, plans, audiences, and what came of them."""

from workbench.campaigns.alert_views import HEADINGS as ALERT_HEADINGS
from workbench.campaigns.alert_views import alerts_of

__all__ = ["ALERT_HEADINGS", "alerts_of"]
