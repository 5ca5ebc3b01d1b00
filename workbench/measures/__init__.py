"""Measures: verbs that apply to every segmentation, because all return the same frame."""

from workbench.measures.basis import cost_basis, stand_ins
from workbench.measures.conversion import conversion
from workbench.measures.coverage import arrivals, daily, extent, hourly
from workbench.measures.expectation import expectation
from workbench.measures.gain_loss import gain_loss
from workbench.measures.health import health
from workbench.measures.migrate import largest_moves, migrate
from workbench.measures.noise import beyond_chance, noise_floor
from workbench.measures.profile import profile
from workbench.measures.retention import retention, say_retention
from workbench.measures.trend import movers, segment_trend
from workbench.measures.weigh import weigh

__all__ = [
    "arrivals",
    "beyond_chance",
    "conversion",
    "cost_basis",
    "daily",
    "expectation",
    "extent",
    "gain_loss",
    "health",
    "hourly",
    "largest_moves",
    "migrate",
    "movers",
    "noise_floor",
    "profile",
    "retention",
    "say_retention",
    "segment_trend",
    "stand_ins",
    "weigh",
]
