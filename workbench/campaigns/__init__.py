"""Campaigns: alerts, offers and their forecasts, plans, audiences, and what came of them."""

from workbench.campaigns.alert_views import HEADINGS as ALERT_HEADINGS
from workbench.campaigns.alert_views import alerts_of
from workbench.campaigns.audience import DEFINITION as AUDIENCE
from workbench.campaigns.audience import audience, draw, groups_of, say_audience
from workbench.campaigns.checks import HEADINGS as PLAN_HEADINGS
from workbench.campaigns.checks import check_plan, power_of, say_plan
from workbench.campaigns.export import export, exports, say_exports
from workbench.campaigns.mechanics import MECHANICS, formulas
from workbench.campaigns.options import OPTIONS, product_options
from workbench.campaigns.plan import begun, changed, choices, read, save
from workbench.campaigns.propose import PARTS, WAYS, Days, learn, period_before, propose, settled
from workbench.campaigns.running import DEFINITION as RUNNING
from workbench.campaigns.running import running
from workbench.campaigns.totals import DEFINITION as TOTALS
from workbench.campaigns.totals import forecast_of, payers_of, totals

__all__ = [
    "ALERT_HEADINGS",
    "AUDIENCE",
    "MECHANICS",
    "OPTIONS",
    "PARTS",
    "PLAN_HEADINGS",
    "RUNNING",
    "TOTALS",
    "WAYS",
    "Days",
    "alerts_of",
    "audience",
    "begun",
    "changed",
    "check_plan",
    "choices",
    "draw",
    "export",
    "exports",
    "forecast_of",
    "formulas",
    "groups_of",
    "learn",
    "payers_of",
    "period_before",
    "power_of",
    "product_options",
    "propose",
    "read",
    "running",
    "save",
    "say_audience",
    "say_exports",
    "say_plan",
    "settled",
    "totals",
]
