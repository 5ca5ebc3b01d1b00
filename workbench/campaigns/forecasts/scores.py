"""The ledger of forecasts and choices: what was said and chosen, and what came of it."""

import datetime as dt
from pathlib import Path
from typing import Any

import narwhals as nw
import polars as pl

from workbench import paths
from workbench.actions import Action
from workbench.campaigns.forecasts.forecast import Forecaster
from workbench.campaigns.forecasts.weeks import product_weeks
from workbench.data.choices import category_of
from workbench.data.engine import fetch
from workbench.data.period import Period
from workbench.data.shop import Shop
from workbench.journal import OF, RETAILER, Table

_OFFER = {"discount_share": "REAL", "display": "INTEGER", "mailer": "INTEGER"}
_SAID = dict.fromkeys(["units", "units_low", "units_high"], "REAL")
_WHAT = dict.fromkeys(["made_on", "product", "week"], "TEXT")
_WHY = dict.fromkeys(["made_on", "segment", "category", "product", "option", "reason"], "TEXT")
_WHOSE = {"retailer": RETAILER}
FORECASTS = Table("forecasts", _WHOSE | _WHAT | _OFFER | _SAID, (*_WHOSE, *_WHAT, *_OFFER))
CHOICES = Table("choices", _WHOSE | _WHY, (*_WHOSE, "made_on", "segment", "category", "product"))
HEADINGS = {
    "made_on": "Data up to",
    "discount_share": "Planned discount",
    "mailer": "Leaflet",
    "units_low": "At least",
    "units_high": "At most",
    "actual": "Sold",
    "actual_discount_share": "Real discount",
    "error": "Missed by",
}
CHOICE_HEADINGS = {"made_on": "Data up to", "option": "Chosen as"}


def keep_forecast(
    shop: Shop, forecaster: Forecaster, forecasts: pl.DataFrame, home: Path | None = None
) -> Action:
    """Return the offer to store forecasts, so that they are scored when their weeks are over.

    `forecasts`: as `forecast` returns them; those without units are not stored. Products are
    stored by the retailer's own number, the day is the last of the weeks learnt from. Raises
    ValueError for forecasts that were narrowed to some customers.
    """
    if "share_of_units" in forecasts.columns:
        raise ValueError("forecasts of some customers cannot be scored; keep those of everybody")
    made = (forecaster.until + _SIX_DAYS).isoformat()
    known = _numbered(shop, forecasts.drop_nulls("units"))
    ours = {"retailer": shop.retailer, "made_on": made}
    names = [name for name in FORECASTS.columns if name not in ours]
    rows = [{**ours, **row} for row in _plain(known.select(names)).rows(named=True)]
    said = _some(len(rows), "forecast")
    question = f"Store {said} made of the data up to {made}, to be scored later?"
    return Action(f"Keep {said}", question, lambda: _kept(home or paths.home(), FORECASTS, rows))


def keep_choice(
    shop: Shop,
    segment: str,
    category: str,
    option: pl.DataFrame,
    reason: str = "",
    home: Path | None = None,
) -> Action:
    """Return the offer to store the product that was chosen for a segment, and why.

    `option`: the row of `product_options` that was chosen, whose own reason comes before the one
    given. Without a row there is nothing to choose, and doing it is refused.
    """
    if option.is_empty():
        return Action("Keep this choice", "No product is offered as this option.", _nothing)
    row = _numbered(shop, option.drop("product")).row(0, named=True)
    why = ". ".join(part for part in (row["reason"], reason.strip()) if part)
    stored = {"retailer": shop.retailer, "made_on": shop.last_day.isoformat()}
    stored |= {"segment": segment, "category": category_of(shop, category)}
    stored |= {"product": row["product"], "option": str(row["option"]), "reason": why}
    of = f"{stored['category']} for {segment}"
    question = f"Store product {row['product']} as the choice in {of}: {why}?"
    return Action(
        "Keep this choice", question, lambda: _kept(home or paths.home(), CHOICES, [stored])
    )


def _nothing() -> str:
    raise ValueError("no product is offered as this option; choose another one")


def chosen_products(shop: Shop, home: Path | None = None) -> pl.DataFrame:
    """Return one row per choice that was stored: made_on, segment, category, product, option,
    reason."""
    return _of(shop, CHOICES, home).with_columns(pl.col("made_on").str.to_date())


def scored(shop: Shop, home: Path | None = None) -> pl.DataFrame:
    """Return one row per forecast that was stored, the oldest first: what came of it.

    Columns: made_on, product, week, discount_share, display, mailer, units with units_low and
    units_high, and actual (units), actual_discount_share, error (units less actual) and inside
    (the interval): null while the week is not complete.
    """
    told = _of(shop, FORECASTS, home).with_columns(
        pl.col("made_on", "week").str.to_date(), pl.col("display", "mailer").cast(pl.Boolean)
    )
    whole = told.join(_sold(shop, told), on=["product", "week"], how="left", maintain_order="left")
    over = pl.col("week") + _SIX_DAYS <= shop.last_day
    actual = pl.when(over).then(pl.col("actual").fill_null(0.0))
    return whole.with_columns(actual=actual).with_columns(
        error=pl.col("units") - pl.col("actual"),
        inside=pl.col("actual").is_between("units_low", "units_high"),
    )


def say_scored(ledger: pl.DataFrame) -> str:
    """Return the sentence that says how past forecasts did."""
    known = ledger.drop_nulls("actual")
    if known.is_empty():
        waiting = (
            f"; {_some(ledger.height, 'forecast')} wait for their week" if ledger.height else ""
        )
        return f"No stored forecast's week is over yet{waiting}"
    inside = f"{int(known['inside'].sum())} of {_some(known.height, 'stored forecast')}"
    sold, off = float(known["actual"].sum()), float(known["error"].abs().sum())
    missed = f", and missed by {off / sold:.0%} of the units sold" if sold else ""
    return f"{inside} came true within the 90% interval{missed}"


_SIX_DAYS = dt.timedelta(days=6)


def _of(shop: Shop, table: Table, home: Path | None) -> pl.DataFrame:
    """Return the rows of the shop's retailer."""
    return table.read(home or paths.home(), OF, [shop.retailer]).drop("retailer")


def _kept(home: Path, table: Table, rows: list[dict[str, Any]]) -> str:
    with table.writing(home) as journal:
        new = sum(table.put(journal, row) for row in rows)
    there = len(rows) - new
    return f"{_some(new, 'row')} stored" + f"; {there} stored before" * bool(there)


def _numbered(shop: Shop, frame: pl.DataFrame) -> pl.DataFrame:
    """Return the frame with product, the retailer's own number."""
    named = fetch(shop.products.select("product_id", "product"), by=["product_id"])
    return frame.join(named, on="product_id", how="left", maintain_order="left")


def _plain(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(
        pl.col("week").cast(pl.String), pl.col("display", "mailer").cast(pl.Int64)
    )


def _sold(shop: Shop, told: pl.DataFrame) -> pl.DataFrame:
    """Return one row per product and complete week of the forecasts: what was sold."""
    over = pl.col("week").is_between(shop.first_day, shop.last_day - _SIX_DAYS)
    weeks = told.filter(over)["week"].to_list()
    if not weeks:
        return pl.DataFrame(schema=_ACTUAL)
    asked = told["product"].unique().to_list()
    named = shop.products.filter(nw.col("product").is_in(asked)).select("product_id", "product")
    known = fetch(named, by=["product_id"])
    window = Period(min(weeks), max(weeks) + _SIX_DAYS)
    panel = product_weeks(shop, window, least=1, among=known["product_id"].to_list())
    names = {"units": "actual", "discount_share": "actual_discount_share"}
    return panel.join(known, on="product_id").rename(names).select(list(_ACTUAL))


_ACTUAL = pl.Schema(
    {
        "product": pl.String,
        "week": pl.Date,
        "actual": pl.Float64,
        "actual_discount_share": pl.Float64,
    }
)


def _some(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
