"""Rows of the months that a stretch of days lies in, whole or in part."""

import datetime as dt

import duckdb
import narwhals as nw
import polars as pl
import pytest

from workbench.data.months import rows_in
from workbench.data.period import Period

DAYS = [
    dt.date(2016, 12, 31),
    dt.date(2017, 1, 1),
    dt.date(2017, 1, 30),
    dt.date(2017, 2, 14),
    dt.date(2017, 3, 1),
    dt.date(2017, 3, 2),
    dt.date(2018, 1, 30),
]
TABLE = pl.DataFrame({"day": DAYS, "month": [day.year * 100 + day.month for day in DAYS]})


@pytest.mark.parametrize(
    ("period", "found"),
    [
        ("2017-01-01/2017-02-28", DAYS[1:4]),
        ("2017-01-02/2017-02-28", DAYS[2:4]),
        ("2017-01-01/2017-03-01", DAYS[1:5]),
        ("2017-01-30/2017-03-01", DAYS[2:5]),
        ("2016-12-31/2017-01-30", DAYS[:3]),
        ("2017-01-02/2017-01-29", []),
        ("2017-03-02/2017-03-02", DAYS[5:6]),
        ("2017-01-31/2018-01-29", DAYS[3:6]),
    ],
)
def test_days_of_a_stretch_are_found_on_every_engine(period: str, found: list[dt.date]) -> None:
    """Whether it cuts the first month, the last, both, the only one, or none."""
    span = Period.parse(period)
    assert isinstance(span, Period)
    ours = nw.from_native(TABLE.lazy())
    theirs = nw.from_native(duckdb.from_arrow(TABLE.to_arrow()))
    for table in (ours, theirs):
        rows = pl.DataFrame(rows_in(table, span).collect("polars").to_native())
        assert rows["day"].sort().to_list() == found
