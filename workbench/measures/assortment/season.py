"""Season: when in the year each area buys a category, and which areas begin earlier or later."""

import datetime as dt
from typing import Any, NamedTuple

import narwhals as nw
import numpy as np
import polars as pl

from workbench.data.engine import fetch, only, total
from workbench.data.goods import merchandise
from workbench.data.period import Latest, Period, written
from workbench.data.shop import NotCovered, Shop
from workbench.measures.categories import category_numbers
from workbench.measures.chance import resamples

YEAR, FOUR, TOP, FURTHEST, SURE = 52, 4, 20, 6, 0.05
DEFINITION = {
    "Seasonal index": "100 x the category's share of what an area's stores sell in a week (or four "
    "weeks), over its share in the whole year: 100 is an average week, and what moves all sales of "
    "the stores is out of it. Merchandise only; 95 % interval over resamples of the stores",
    "One year": "a season is what comes back every year; with one year of data a season, a "
    "promotion and chance cannot be told apart",
    "Earlier": "by how many weeks, up to six, the area's weekly index has to be moved to look most "
    "like that of all other areas' stores (highest correlation); below nothing: later",
    "Interval": "95 %, over resamples of the stores inside the area and outside",
    "Chance": "how often stores drawn at random into an area of as many are as far ahead or behind",
    "Reading": "earlier or later where the chance, times the number of categories, is under 5 %; "
    "no difference where the whole interval is within a week of none; else it cannot be told",
}
EARLIER, LATER, SAME, UNKNOWN = "earlier", "later", "no difference", "cannot be told"
HEADINGS = {
    "peak_day": "Most in four weeks to",
    "index": "Index then",
    "weeks_earlier": "Weeks earlier",
    "latest": "At least",
    "earliest": "At most",
    "chance_share": "Chance",
}


class Daily(NamedTuple):
    """Sales of each category, store and day, in cents, with the stores' ids and areas.

    `sales` has the axes categories, stores, days; `whole` stores, days.
    """

    window: Period
    categories: list[str]
    stores: list[int]
    areas: list[str]
    sales: Any
    whole: Any


def daily(
    shop: Shop, period: str | Period | Latest, stores: pl.DataFrame, *, also: str = ""
) -> Daily:
    """Return the days' sales of the areas' stores (store, segment): 20 categories, and `also`.

    There is no season to be seen in less than a year: a shorter period stands for the 52 weeks up
    to its last day. Raises NotCovered where the data has no such year.
    """
    meant = shop.window(period)
    window = Period(min(meant.first, meant.last - dt.timedelta(days=7 * YEAR - 1)), meant.last)
    if window.first < shop.first_day:
        raise NotCovered(
            f"a season needs a full year, {YEAR} weeks up to {window.last}; the data of "
            f"{shop.retailer} begins on {written(shop.first_day)}"
        )
    named = fetch(shop.stores.select("store_id", "store"), by=["store_id"])
    placed = named.join(stores.select("store", "segment"), on="store").sort("store_id")
    inside = only(shop.during(window).lines, "store_id", placed["store_id"].to_list())
    lines = merchandise(inside, shop.products)
    largest = _largest(shop, lines, also)
    numbers = nw.col("number").is_in(largest["number"].to_list())
    shelves = category_numbers(shop).filter(numbers).select("category_id", "number")
    place = {store: n for n, store in enumerate(placed["store_id"])}
    apart = _dated(lines.join(shelves, on="category_id"), ["number"], place, window)
    every, shape = _dated(lines, [], place, window), (placed.height, window.days)
    each = [_filled(apart.filter(number=number), shape) for number in largest["number"]]
    areas = placed["segment"].cast(pl.String).to_list()
    names = largest["category"].to_list()
    return Daily(window, names, list(place), areas, np.array(each), _filled(every, shape))


def _dated(
    lines: nw.LazyFrame[Any], by: list[str], place: dict[int, int], window: Period
) -> pl.DataFrame:
    """Return sales by store and day, counted from 0 as the axes of `Daily` are."""
    keys = [*by, "store_id", "day"]
    sold = fetch(lines.group_by(keys).agg(sales=total("sales")), by=keys)
    days = (pl.col("day") - window.first).dt.total_days()
    return sold.with_columns(days, store=pl.col("store_id").replace_strict(place))


def _largest(shop: Shop, lines: nw.LazyFrame[Any], also: str) -> pl.DataFrame:
    """Return the categories that sold most, and `also` wherever it stands: number, category."""
    sums = lines.group_by("category_id").agg(sales=total("sales"))
    named = sums.join(category_numbers(shop), on="category_id")
    sold = fetch(named.group_by("number", "category").agg(sales=total("sales")), by=["number"])
    ranked = sold.drop_nulls("category").sort("sales", "category", descending=[True, False])
    rest = ranked[TOP:]
    return pl.concat([ranked.head(TOP), rest.filter(category=also)]).select("number", "category")


def season(found: Daily, category: str, *, seed: int = 0, draws: int = 300) -> pl.DataFrame:
    """Return one row per area and four weeks: segment, last_day, index, index_low, index_high.

    The bounds are 95 %. Days that fill no four weeks are left out at the start.
    """
    own, whole = (_stretches(a, FOUR) for a in (_of(found, category), found.whole))
    frames = []
    for area in sorted(set(found.areas)):
        inside = np.flatnonzero(np.array(found.areas) == area)
        once, drawn = np.ones((1, len(inside))), resamples(len(inside), draws, seed)
        index, spread = (_index(n, own[inside], whole[inside]) for n in (once, drawn))
        low, high = np.quantile(spread, [0.025, 0.975], axis=0)
        count = reversed(range(len(low)))
        ends = [found.window.last - dt.timedelta(weeks=FOUR * back) for back in count]
        columns = {"last_day": ends, "index": index[0], "index_low": low, "index_high": high}
        frames.append(pl.DataFrame(columns).select(pl.lit(area).alias("segment"), pl.all()))
    return pl.concat(frames).with_columns(pl.col("index", "index_low", "index_high").fill_nan(None))


def starts(found: Daily, area: str, *, seed: int = 0, draws: int = 499) -> pl.DataFrame:
    """Return one row per category: by how many weeks the area is earlier than the other areas.

    Columns: category, peak_day (the last day of the area's highest four weeks), index (there),
    weeks_earlier with earliest and latest (95 %), chance_share and reading; the least owed to
    chance first. Raises ValueError for an area without stores, or the only one.
    """
    own = np.array(found.areas) == area
    if not own.any() or own.all():
        known = ", ".join(sorted(set(found.areas)))
        raise ValueError(f"{area!r} has no stores, or all of them; areas: {known}")
    rng = np.random.default_rng(seed)
    shuffled = np.array([rng.permutation(own) for _ in range(draws)], dtype=float)
    drawn = np.zeros((draws, len(own)))
    for side in (own, ~own):
        drawn[:, side] = resamples(int(side.sum()), draws, seed)
    rows = [_start(found, name, area, own, shuffled, drawn) for name in found.categories]
    told = pl.DataFrame(rows, STARTS, orient="row")
    sure, ahead = pl.col("chance_share") * len(rows) < SURE, pl.col("weeks_earlier") > 0
    same = (pl.col("latest") >= -1) & (pl.col("earliest") <= 1)
    words = {EARLIER: sure & ahead, LATER: sure, SAME: same}
    said = [pl.when(which).then(pl.lit(word)) for word, which in words.items()]
    reading = pl.coalesce([*said, pl.lit(UNKNOWN)])
    return told.with_columns(reading=reading).sort("chance_share", "reading", "category")


STARTS: Any = {"category": pl.String, "peak_day": pl.Date, "index": pl.Float64}
STARTS |= dict.fromkeys(("weeks_earlier", "latest", "earliest"), pl.Int64)
STARTS |= {"chance_share": pl.Float64}


def say_starts(told: pl.DataFrame, area: str) -> str:
    """Return which categories an area begins surely earlier or later, and how many surely not."""
    sure = told.filter(pl.col("reading").is_in([EARLIER, LATER])).sort("category")
    said = [
        f"{name} {abs(weeks)} {'week' if abs(weeks) == 1 else 'weeks'} {reading}"
        for name, weeks, reading in sure.select("category", "weeks_earlier", "reading").rows()
    ]
    same, unknown = (told.filter(reading=reading).height for reading in (SAME, UNKNOWN))
    found = ", ".join(said) if said else "no category surely earlier or later"
    return (
        f"{area} against the other areas: {found}. Of {told.height} categories {same} surely "
        f"begin together, and of {unknown} it cannot be told"
    )


def _start(found: Daily, name: str, area: str, own: Any, shuffled: Any, drawn: Any) -> list[Any]:
    sales, whole = (_stretches(a, 1) for a in (_of(found, name), found.whole))
    known = _ahead(own[None].astype(float), ~own[None] * 1.0, sales, whole)[0]
    by_chance = _ahead(shuffled, 1 - shuffled, sales, whole)
    chance = (1 + (np.abs(by_chance) >= abs(known)).sum()) / (1 + len(by_chance))
    spread = _ahead(drawn * own, drawn * ~own, sales, whole)
    latest, earliest = np.quantile(spread, [0.025, 0.975], method="nearest")
    peak = season(found, name, draws=1).filter(segment=area).sort("index", "last_day").row(-1)
    return [name, peak[1], peak[2], int(known), int(latest), int(earliest), float(chance)]


def _ahead(inside: Any, outside: Any, sales: Any, whole: Any) -> Any:
    """Return, per row of counts of stores, how many weeks those inside are ahead."""
    one, other = (_index(counts, sales, whole) for counts in (inside, outside))
    moves = sorted(range(-FURTHEST, FURTHEST + 1), key=abs)
    weeks = one.shape[1]
    alike = [
        _correlation(
            one[:, max(-m, 0) : weeks - max(m, 0)], other[:, max(m, 0) : weeks + min(m, 0)]
        )
        for m in moves
    ]
    return np.array(moves)[np.argmax(np.round(alike, 9), axis=0)]


def _correlation(one: Any, other: Any) -> Any:
    one, other = (a - a.mean(axis=1, keepdims=True) for a in map(np.nan_to_num, (one, other)))
    size = np.sqrt((one**2).sum(axis=1) * (other**2).sum(axis=1))
    return (one * other).sum(axis=1) / np.where(size > 0, size, np.inf)


def _index(counts: Any, sales: Any, whole: Any) -> Any:
    """Return 100 x the share of each stretch over the share of all, per row of counts."""
    part, of = counts @ sales, counts @ whole
    with np.errstate(invalid="ignore", divide="ignore"):
        return 100 * (part / of) / (part.sum(axis=1) / of.sum(axis=1))[:, None]


def _of(found: Daily, category: str) -> Any:
    if category not in found.categories:
        known = ", ".join(found.categories)
        raise ValueError(f"{category!r} is no merchandise looked at here; there are: {known}")
    return found.sales[found.categories.index(category)]


def _stretches(days: Any, weeks: int) -> Any:
    """Return sums of stretches of whole weeks, counted back from the last day."""
    size = 7 * weeks
    count = days.shape[1] // size
    return days[:, days.shape[1] - count * size :].reshape(len(days), count, size).sum(axis=2)


def _filled(spots: pl.DataFrame, shape: tuple[int, int]) -> Any:
    found = np.zeros(shape)
    np.add.at(
        found, (spots["store"].to_numpy(), spots["day"].to_numpy()), spots["sales"].to_numpy()
    )
    return found
