"""Propose: a campaign from a few choices, with its days, its products and its name worked out."""

import datetime as dt
import re

import narwhals as nw
import polars as pl

from workbench.campaigns.forecasts.forecast import Forecaster, learn_forecast, next_week
from workbench.campaigns.plans.keys import CHANNELS
from workbench.campaigns.plans.mechanics import MECHANICS
from workbench.campaigns.plans.plan import Campaign, changed, draft
from workbench.data.engine import fetch
from workbench.data.period import Latest, Period, written
from workbench.data.shop import Shop

_NEXT = re.compile(r"next (\d{1,2}) weeks?", re.IGNORECASE)
_DAY = dt.timedelta(days=1)


AS_PLANNED = "(as planned)"
PARTS = [AS_PLANNED, "5%", "10%", "20%", "30%", "40%", "50%", "75%"]
WAYS = [AS_PLANNED, *CHANNELS]


class Days:
    """When a campaign runs: `next 2 weeks`, from the second Monday to come, or two days."""

    @classmethod
    def parse(cls, value: object) -> str:
        """Return the text, or raise ValueError saying what is allowed."""
        text = str(value).strip()
        if _NEXT.fullmatch(text):
            return text
        try:
            return str(Period.parse(text))
        except ValueError as error:
            raise ValueError(f"{error}; or weeks to come like next 2 weeks") from None


def learn(shop: Shop, days: str) -> Forecaster:
    """Return what is learnt from the days before a campaign, as far as the data goes."""
    return learn_forecast(shop, until=_known(shop, days))


def period_before(shop: Shop, days: str) -> str:
    """Return the 26 weeks before a campaign, as far as the data goes: who is whom by then."""
    last = _known(shop, days)
    first = max(shop.first_day, last - dt.timedelta(weeks=26) + _DAY)
    return "last 26 weeks" if last == shop.last_day else str(Period(first, last))


def _known(shop: Shop, days: str) -> dt.date:
    """Return the last day of the data that is before a campaign."""
    if _NEXT.fullmatch(days):
        return shop.last_day
    return min(shop.last_day, _window(shop, days).first - _DAY)


def propose(
    shop: Shop,
    learnt: Forecaster,
    options: pl.DataFrame,
    *,
    option: str,
    segment: str,
    period: str,
    category: str,
    mechanic: str,
    worth: float,
    days: str,
) -> Campaign:
    """Return the campaign that some choices make; what its file settled already stays.

    `options` is what `product_options` returns, of which all products of the `option` are
    promoted; `worth` is what is given, in per cent of the shelf price. Raises ValueError where no
    product is offered as that option.
    """
    chosen = options.filter(pl.col("option").cast(pl.String) == option)
    if chosen.is_empty():
        there = options["option"].cast(pl.String).unique(maintain_order=True)
        raise ValueError(f"no product is offered as {option}; choose one of: {', '.join(there)}")
    wanted = nw.col("product_id").is_in(chosen["product_id"].to_list())
    products = fetch(shop.products.filter(wanted).select("product"), by=["product"])
    price = float(chosen["price"].mean() or 1)  # type: ignore[arg-type]
    window, who = _window(shop, days, learnt), segment.partition(": ")[2]
    starts = written(window.first)
    return draft(
        f"{mechanic.capitalize()} {worth:.0f}% on {category} for {who}, from {starts}",
        segment=segment,
        period=period,
        category=category,
        products=products["product"].to_list(),
        mechanic=mechanic,
        terms=MECHANICS[mechanic].usual(worth / 100, price),
        days=str(window),
    )


def settled(
    campaign: Campaign, *, channel: str, control: str, supplier: str, budget: str
) -> Campaign:
    """Return a campaign on other terms, each a word of `WAYS` or `PARTS`, or as it is planned.

    `supplier` is the part of the discount that the supplier pays, the retailer the rest; `budget`
    is an amount. Raises ValueError for a budget that is none.
    """
    terms: dict[str, object] = {}
    if channel != AS_PLANNED:
        terms["channel"] = channel
    if control != AS_PLANNED:
        terms["control"] = _part(control)
    if supplier != AS_PLANNED:
        terms["pays"] = {"retailer": 1 - _part(supplier), "supplier": _part(supplier)}
    if budget != AS_PLANNED:
        terms["budget"] = budget.replace(",", "")
    return changed(campaign, **terms)


def _part(word: str) -> float:
    return int(word.rstrip("%")) / 100


def _window(shop: Shop, days: str, learnt: Forecaster | None = None) -> Period:
    """Return the days that a text means; those to come start at the week forecasts are made for."""
    if learnt and (weeks := _NEXT.fullmatch(days)):
        first = next_week(learnt)
        return Period(first, first + dt.timedelta(weeks=int(weeks[1])) - _DAY)
    given = Period.parse(days)
    return shop.window(given) if isinstance(given, Latest) else given
