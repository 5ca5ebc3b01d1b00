"""The retention heat map: shares, sizes, and gaps where a month is not over."""

import datetime as dt

import polars as pl
import vl_convert

from workbench import show


def table(*, truncated: bool = True) -> pl.DataFrame:
    """Two cohorts and two ages; the second cohort's next month is not over."""
    january, february = dt.date(2024, 1, 1), dt.date(2024, 2, 1)
    return pl.DataFrame(
        {
            "cohort": [january, january, february, february],
            "age": [0, 1, 0, 1],
            "customers": [1200, 1200, 40, 40],
            "active": [1200, 600, 40, None],
            "retention_share": [1.0, 0.5, 1.0, None],
            "truncated": [truncated, truncated, False, False],
        }
    )


def picture(frame: pl.DataFrame) -> str:
    """Return the chart as SVG."""
    data, _ = show.retention(frame, title="Half came again")._repr_mimebundle_()
    spec = {**data["application/vnd.vegalite.v5+json"], "width": 600}
    return vl_convert.vegalite_to_svg(spec, allowed_base_urls=[])


def test_sizes_shares_and_the_finding_are_readable() -> None:
    """The first column counts the cohort, the others say the share; the title is the finding."""
    drawn = picture(table())
    for text in ("Half came again", "1,200", ">40<", "50%"):
        assert text in drawn


def test_what_is_not_over_is_a_gap() -> None:
    """No dash, no zero and no full cell stands where nothing could be observed."""
    drawn = picture(table())
    assert "–" not in drawn
    assert ">0%<" not in drawn
    assert ">100%<" not in drawn


def test_a_cohort_that_was_there_before_is_starred() -> None:
    """The star and its meaning are there only where a cohort is truncated."""
    assert "Jan 2024 *" in picture(table())
    assert "joined earlier" in picture(table())
    assert "*" not in " ".join(show.retention(table(truncated=False), title="x").title.subtitle)
