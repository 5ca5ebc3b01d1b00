"""Measures: verbs that apply to every segmentation, because all return the same frame."""

from workbench.measures.basis import cost_basis, stand_ins
from workbench.measures.conversion import answered, conversion, say_answered
from workbench.measures.coverage import arrivals, daily, extent, hourly
from workbench.measures.crossing import crossing, say_crossing
from workbench.measures.disagreement import disagreements, expected_by, say_disagreements
from workbench.measures.discounts import discount_depth, full_price, say_full_price
from workbench.measures.expectation import expectation, say_expectation
from workbench.measures.gain_loss import gain_loss
from workbench.measures.line_classes import line_classes
from workbench.measures.migrate import largest_moves, migrate
from workbench.measures.noise import beyond_chance, noise_floor, say_chance, surprises
from workbench.measures.outcome import OBJECTIVES, outcome
from workbench.measures.profile import profile
from workbench.measures.response import discount_response, say_response
from workbench.measures.retention import retention, say_retention
from workbench.measures.separation import (
    best_and_rival,
    figures,
    nothing,
    say_figures,
    say_separation,
    separation,
)
from workbench.measures.spend import say_spend, spend
from workbench.measures.trend import movers, segment_trend
from workbench.measures.weigh import weigh

__all__ = [
    "OBJECTIVES",
    "answered",
    "arrivals",
    "best_and_rival",
    "beyond_chance",
    "conversion",
    "cost_basis",
    "crossing",
    "daily",
    "disagreements",
    "discount_depth",
    "discount_response",
    "expectation",
    "expected_by",
    "extent",
    "figures",
    "full_price",
    "gain_loss",
    "hourly",
    "largest_moves",
    "line_classes",
    "migrate",
    "movers",
    "noise_floor",
    "nothing",
    "outcome",
    "profile",
    "retention",
    "say_answered",
    "say_chance",
    "say_crossing",
    "say_disagreements",
    "say_expectation",
    "say_figures",
    "say_full_price",
    "say_response",
    "say_retention",
    "say_separation",
    "say_spend",
    "segment_trend",
    "separation",
    "spend",
    "stand_ins",
    "surprises",
    "weigh",
]
