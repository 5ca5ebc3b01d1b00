"""Measures: verbs that apply to every segmentation, because all return the same frame."""

from workbench.measures.basis import cost_basis, stand_ins
from workbench.measures.coverage import arrivals, daily, extent, hourly
from workbench.measures.health import health
from workbench.measures.migrate import migrate
from workbench.measures.profile import profile
from workbench.measures.weigh import weigh

__all__ = [
    "arrivals",
    "cost_basis",
    "daily",
    "extent",
    "health",
    "hourly",
    "migrate",
    "profile",
    "stand_ins",
    "weigh",
]
