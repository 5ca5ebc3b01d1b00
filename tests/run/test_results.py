"""Result tables and fingerprints: the same numbers have the same hash."""

import datetime as dt
import json
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from workbench.run import results

SEGMENTS = pl.Enum(["Best", "At risk"])


def frame() -> pl.DataFrame:
    """Return a frame with every type of column that analyses leave."""
    return pl.DataFrame(
        {
            "segment": pl.Series(["Best", None], dtype=SEGMENTS),
            "sales": pl.Series([Decimal("1.25"), None], dtype=pl.Decimal(12, 2)),
            "share": [0.5, None],
            "customers": [3, 4],
            "day": [dt.date(2017, 12, 31), None],
            "top": [["a"], []],
        }
    )


@dataclass
class Shop:
    """A stand-in with the attributes that make a shop."""

    version: str = "v3"
    retailer: str = "Corner"
    currency: str = "USD"
    last_day: dt.date = dt.date(2017, 12, 31)
    synthetic: tuple[str, ...] = ("costs",)

    def window(self, named: str) -> str:
        """Return the days a named stretch means."""
        return "2017-07-03/2017-12-31" if named == "last 26 weeks" else named


def test_tables_are_the_public_frames() -> None:
    """Frames under names without a leading underscore, by name, and nothing else."""
    space = {"b": frame(), "_a": frame(), "lazy": frame().lazy(), "n": 5, "a": frame()}
    assert list(results.tables(space)) == ["a", "b"]


def test_a_fingerprint_stays_the_same() -> None:
    """The hash of known values is a known text, in any process, of any chunks."""
    known = "70a"
    chunked = pl.concat([frame()[:1], frame()[1:]], rechunk=False)
    assert chunked.n_chunks() == 2
    assert results.fingerprint(chunked) == results.fingerprint(frame())
    assert results.fingerprint(frame())[:3] == known


def test_a_fingerprint_survives_parquet(tmp_path: Path) -> None:
    """A table read back from its file has the hash that the record states."""
    frame().write_parquet(tmp_path / "t.parquet")
    assert results.fingerprint(pl.read_parquet(tmp_path / "t.parquet")) == results.fingerprint(
        frame()
    )


@pytest.mark.parametrize(
    "other",
    [
        frame().reverse(),
        frame().head(1),
        frame().rename({"share": "part"}),
        frame().select(reversed(frame().columns)),
        frame().with_columns(customers=pl.col("customers").cast(pl.Int32)),
        frame().with_columns(share=pl.col("share").fill_null(0)),
        frame().with_columns(share=pl.col("share") + 1e-12),
        frame().with_columns(pl.col("segment").cast(pl.Enum(["At risk", "Best"]))),
        frame().with_columns(top=pl.Series([["a"], None])),
    ],
)
def test_a_fingerprint_tells_apart(other: pl.DataFrame) -> None:
    """Rows, order, names, types, nulls and the last digit all count."""
    assert results.fingerprint(other) != results.fingerprint(frame())


def test_minus_zero_is_zero() -> None:
    """Two zeros that compare equal have one hash."""
    zero, minus = pl.DataFrame({"a": [0.0]}), pl.DataFrame({"a": [-0.0]})
    assert results.fingerprint(zero) == results.fingerprint(minus)


def test_the_shop_is_known_by_what_it_states() -> None:
    """A shop is any global with version, retailer, currency and last day."""
    shop = Shop()
    assert results.shop({"Shop": Shop, "n": 5, "s": shop}) is shop
    assert results.shop({"n": 5, "_s": shop}) is None


def test_saving_writes_tables_and_what_the_record_states(tmp_path: Path) -> None:
    """Each table becomes a file; the facts name data, days and hashes."""
    space = {"weight": frame(), "shop": Shop(), "period": "last 26 weeks"}
    results.save(space, str(tmp_path / "tables"), ["period"])
    assert [path.name for path in (tmp_path / "tables").iterdir()] == ["weight.parquet"]
    assert json.loads((tmp_path / results.FACTS).read_text()) == {
        "tables": {"weight": {"sha256": results.fingerprint(frame()), "rows": 2}},
        "data_version": "v3",
        "retailer": "Corner",
        "currency": "USD",
        "last_day": "2017-12-31",
        "synthetic": ["costs"],
        "passport": {},
        "period": "2017-07-03/2017-12-31",
    }


def test_a_notebook_without_a_shop_states_no_data() -> None:
    """Without a shop the data is unknown, not made up."""
    stated = results.facts({"n": 5}, [])
    assert (stated["data_version"], stated["retailer"], stated["period"]) == (None, None, None)
