"""The scorecard as a table: each KPI in its own unit, targets only where there are any."""

import datetime as dt

import polars as pl

from workbench import show

CARD = pl.DataFrame(
    {
        "kpi": ["Sales", "Penetration", "Price index"],
        "unit": ["money", "share", "number"],
        "now": [1200.0, 0.25, 101.5],
        "before": [1000.0, None, 100.0],
        "change_share": [0.2, None, 0.015],
        "last_year": [None, None, None],
        "year_change_share": [None, None, None],
        "target": [1500.0, None, None],
        "target_day": [dt.date(2026, 12, 31), None, None],
        "gap_share": [-0.2, None, None],
    },
    schema_overrides={"last_year": pl.Float64, "year_change_share": pl.Float64},
)


def test_each_kpi_is_written_in_its_unit() -> None:
    """Money, a share, an index; what is not known is a dash, and numbers stand to the right."""
    html = show.scorecard(CARD, title="Bakery").html
    for said in ("1,200", "+20.0%", "25.0%", "101.5", "+1.5%", "–", "31 Dec 2026", "−20.0%"):
        assert said in html
    assert 'gt_row gt_right">+20.0%' in html
    assert "Against target" in html


def test_without_a_target_there_is_no_column_of_targets() -> None:
    """Seven columns less three."""
    bare = CARD.with_columns(target=pl.lit(None, pl.Float64))
    assert "Against target" not in show.scorecard(bare, title="Bakery").html
