"""Measures: verbs that apply to every segmentation, because all return the same frame."""

from workbench.measures.assortment.hierarchy import DEFINITION as HIERARCHY
from workbench.measures.assortment.hierarchy import (
    complements,
    hierarchy,
    needs,
    say_parts,
    stand_ins_of,
)
from workbench.measures.assortment.range_items import GROUPS as STORE_GROUPS
from workbench.measures.basis import cost_basis, stand_ins
from workbench.measures.business.comparison import AGAINST, compared
from workbench.measures.business.contributions import (
    channels_and_regions,
    contributions,
    say_contributions,
)
from workbench.measures.business.drivers import DEFINITION as DRIVERS
from workbench.measures.business.drivers import drivers
from workbench.measures.business.headline import headline, say_cards
from workbench.measures.business.times import DEFINITION as TIMES
from workbench.measures.business.times import (
    all_times,
    along_the_month,
    by_hour,
    odd_days,
    say_month,
    say_times,
)
from workbench.measures.conversion import answered, conversion, say_answered
from workbench.measures.coverage import arrivals, daily, extent, hourly, over_time
from workbench.measures.crossing import crossing, say_crossing
from workbench.measures.customers import card
from workbench.measures.customers.after_contact import after_contact, say_after
from workbench.measures.customers.churn import churn, say_churn
from workbench.measures.customers.churn_methods import HEADINGS as CHURN_HEADINGS
from workbench.measures.customers.churn_methods import LEDGER as CHURN_METHODS
from workbench.measures.customers.fallen import fallen, say_fallen
from workbench.measures.customers.feedback import DEFINITION as FEEDBACK
from workbench.measures.customers.feedback import feedback, reasons, say_feedback, who_answered
from workbench.measures.customers.habits import HABITS
from workbench.measures.customers.judge import calibration_gap, say_calibration
from workbench.measures.customers.loyalty import DEFINITION as LOYALTY
from workbench.measures.customers.loyalty import loyalty, loyalty_effect
from workbench.measures.customers.next_best import HEADINGS as OFFER_HEADINGS
from workbench.measures.customers.next_best import METHODS as OFFER_METHODS
from workbench.measures.customers.next_best import (
    most_offered,
    next_best,
    next_best_test,
    say_next_best,
)
from workbench.measures.customers.next_visit import next_visit, next_visit_test, say_visit
from workbench.measures.customers.pairs import DEFINITION as PAIRS
from workbench.measures.customers.pairs import pairs, say_anchor, say_pairs, surest, with_anchor
from workbench.measures.customers.persona import DEFINITION as PERSONA
from workbench.measures.customers.persona import persona, side_by_side
from workbench.measures.customers.persona_brief import brief, say_message, say_persona
from workbench.measures.customers.purchases import LEVELS
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
    "AGAINST",
    "CHURN_HEADINGS",
    "CHURN_METHODS",
    "DRIVERS",
    "FEEDBACK",
    "HABITS",
    "HIERARCHY",
    "LEVELS",
    "LOYALTY",
    "OBJECTIVES",
    "OFFER_HEADINGS",
    "OFFER_METHODS",
    "PAIRS",
    "PERSONA",
    "STORE_GROUPS",
    "TIMES",
    "after_contact",
    "all_times",
    "along_the_month",
    "answered",
    "arrivals",
    "best_and_rival",
    "beyond_chance",
    "brief",
    "by_hour",
    "calibration_gap",
    "card",
    "channels_and_regions",
    "churn",
    "compared",
    "complements",
    "contributions",
    "conversion",
    "cost_basis",
    "crossing",
    "daily",
    "disagreements",
    "discount_depth",
    "discount_response",
    "drivers",
    "expectation",
    "expected_by",
    "extent",
    "fallen",
    "feedback",
    "figures",
    "full_price",
    "gain_loss",
    "headline",
    "hierarchy",
    "hourly",
    "largest_moves",
    "line_classes",
    "loyalty",
    "loyalty_effect",
    "migrate",
    "most_offered",
    "movers",
    "needs",
    "next_best",
    "next_best_test",
    "next_visit",
    "next_visit_test",
    "noise_floor",
    "nothing",
    "odd_days",
    "outcome",
    "over_time",
    "pairs",
    "persona",
    "profile",
    "reasons",
    "retention",
    "say_after",
    "say_anchor",
    "say_answered",
    "say_calibration",
    "say_cards",
    "say_chance",
    "say_churn",
    "say_contributions",
    "say_crossing",
    "say_disagreements",
    "say_expectation",
    "say_fallen",
    "say_feedback",
    "say_figures",
    "say_full_price",
    "say_message",
    "say_month",
    "say_next_best",
    "say_pairs",
    "say_parts",
    "say_persona",
    "say_response",
    "say_retention",
    "say_separation",
    "say_spend",
    "say_times",
    "say_visit",
    "segment_trend",
    "separation",
    "side_by_side",
    "spend",
    "stand_ins",
    "stand_ins_of",
    "surest",
    "surprises",
    "weigh",
    "who_answered",
    "with_anchor",
]
