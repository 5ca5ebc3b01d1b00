"""The year in five tiles: each figure, and how it changed."""

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
    names = table["whose"].cast(pl.String)
    if whose not in names.to_list():
        raise ValueError(f"{whose!r} is not a part; allowed: {', '.join(names.unique())}")
    before, now = table.filter(names == whose).sort("first_day").iter_rows(named=True)
    return tiles(
        *(
            Tile(label, say(now[name]), _against(words.change(now[name], before[name]), before))
            for name, (label, say) in _TILES.items()
        )
    )


def _against(change: str, before: dict[str, object]) -> str:
    return f"{change} on {words.period(before['first_day'], before['last_day'])}"  # type: ignore[arg-type]
