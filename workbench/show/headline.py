"""The year in five tiles: each figure, and how it changed."""

from typing import Any

import polars as pl

from workbench.show import words
from workbench.show.fragment import Fragment
from workbench.show.tiles import Tile, tiles

_TILES = {
    "sales": ("Sales", words.money),
    "margin": ("Margin", words.money),
    "customers": ("Customers with a card", words.count),
    "visits": ("Visits", words.count),
    "visits_per_customer": ("Visits per customer", words.number),
    "basket_value": ("Basket", words.money),
}


def headline(table: pl.DataFrame, *, whose: str = "All") -> Fragment:
    """Return tiles of one part's sales, margin, customers, visits and basket, with the change.

    `table`: one row per part and window, the earlier window first, as `headline` of the
    measures returns it. Raises ValueError for an unknown part.
    """
    before, now = _both(table, whose)
    return tiles(
        *(
            Tile(label, say(now[name]), _against(words.change(now[name], before[name]), before))
            for name, (label, say) in _TILES.items()
        )
    )


def say_growth(table: pl.DataFrame, *, whose: str = "All") -> str:
    """Say what sales were and how they changed, with customers, visits and basket behind them."""
    before, now = _both(table, whose)
    said = {name: words.change(now[name], before[name]) for name in _TILES}
    return (
        f"Sales of {words.money(now['sales'])}, {_against(said['sales'], before)}: "
        f"{words.some(now['customers'], 'customer')} with a card ({said['customers']}), "
        f"{words.number(now['visits_per_customer'])} visits each "
        f"({said['visits_per_customer']}), {words.money(now['basket_value'])} a visit "
        f"({said['basket_value']})"
    )


def _both(table: pl.DataFrame, whose: str) -> list[dict[str, Any]]:
    """Return one part's figures before and now."""
    names = table["whose"].cast(pl.String)
    if whose not in names.to_list():
        raise ValueError(f"{whose!r} is not a part; allowed: {', '.join(names.unique())}")
    return table.filter(names == whose).sort("first_day").rows(named=True)


def _against(change: str, before: dict[str, object]) -> str:
    return f"{change} on {words.period(before['first_day'], before['last_day'])}"  # type: ignore[arg-type]
