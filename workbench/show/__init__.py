"""The look: charts, tables, tiles and computed sentences in one house style."""

from workbench.show.bars import bars, hours
from workbench.show.campaigns import say_memory, say_naive, say_placebos, say_power, say_result
from workbench.show.cards import cards
from workbench.show.crossing import crossing
from workbench.show.figures import figures
from workbench.show.flow import flow
from workbench.show.fragment import finding, note
from workbench.show.grid import grid
from workbench.show.headline import headline, say_growth
from workbench.show.index import index
from workbench.show.intervals import intervals
from workbench.show.lines import lines, say_lines
from workbench.show.options import options
from workbench.show.pace import pace, plan_tiles, say_lived, say_pace, say_payers, say_stops
from workbench.show.places import places
from workbench.show.retention import retention
from workbench.show.sentences import (
    say_arrivals,
    say_checks,
    say_flow,
    say_grid,
    say_index,
    say_loyalty,
    say_peak,
    say_proposal,
    say_stakes,
    say_weight,
)
from workbench.show.tables import checks, folded, ledger, scorecard, table
from workbench.show.theme import house
from workbench.show.tiles import Tile, tiles, worth_tiles
from workbench.show.times import times
from workbench.show.together import together
from workbench.show.tree import tree
from workbench.show.trend import trend
from workbench.show.waterfall import waterfall
from workbench.show.watermark import watermark
from workbench.show.weight import weight

__all__ = [
    "Tile",
    "bars",
    "cards",
    "checks",
    "crossing",
    "figures",
    "finding",
    "flow",
    "folded",
    "grid",
    "headline",
    "hours",
    "house",
    "index",
    "intervals",
    "ledger",
    "lines",
    "note",
    "options",
    "pace",
    "places",
    "plan_tiles",
    "retention",
    "say_arrivals",
    "say_checks",
    "say_flow",
    "say_grid",
    "say_growth",
    "say_index",
    "say_lines",
    "say_lived",
    "say_loyalty",
    "say_memory",
    "say_naive",
    "say_pace",
    "say_payers",
    "say_peak",
    "say_placebos",
    "say_power",
    "say_proposal",
    "say_result",
    "say_stakes",
    "say_stops",
    "say_weight",
    "scorecard",
    "table",
    "tiles",
    "times",
    "together",
    "tree",
    "trend",
    "waterfall",
    "watermark",
    "weight",
    "worth_tiles",
]
