"""Campaigns: alerts, offers and their forecasts, plans, audiences, and what came of them."""

from workbench.campaigns.alerts.views import HEADINGS as ALERT_HEADINGS
from workbench.campaigns.alerts.views import alerts_of
from workbench.campaigns.audiences.audience import DEFINITION as AUDIENCE
from workbench.campaigns.audiences.audience import audience, draw, groups_of, say_audience
from workbench.campaigns.audiences.export import export, exports, say_exports
from workbench.campaigns.offers.options import OPTIONS, product_options
from workbench.campaigns.plans.checks import HEADINGS as PLAN_HEADINGS
from workbench.campaigns.plans.checks import check_plan, power_of, say_plan
from workbench.campaigns.plans.mechanics import MECHANICS, formulas
from workbench.campaigns.plans.plan import begun, changed, choices, read, save
from workbench.campaigns.plans.propose import (
    PARTS,
    WAYS,
    Days,
    learn,
    period_before,
    propose,
    settled,
)
from workbench.campaigns.plans.running import DEFINITION as RUNNING
from workbench.campaigns.plans.running import running
from workbench.campaigns.plans.totals import DEFINITION as TOTALS
from workbench.campaigns.plans.totals import forecast_of, payers_of, totals

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
