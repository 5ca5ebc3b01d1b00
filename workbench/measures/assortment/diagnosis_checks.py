"""Checks of a diagnosis: which causes were looked at, and which are ruled out."""

from decimal import Decimal

import polars as pl

from workbench.data.engine import CENTS_PER_UNIT, fetch, money, total
from workbench.data.period import Period, written
from workbench.data.shop import NotCovered, Shop
from workbench.measures.assortment.diagnosis import (
    NONE_IN_BOTH,
    Case,
    case_lines,
    products_of,
    takings,
)
from workbench.measures.assortment.scorecard_items import counted
from workbench.measures.business.comparison import SAME_WEEKS, YEAR, compared
from workbench.measures.gain_loss import gain_loss

MOST, PART, HARDLY = 0.5, 0.2, 0.02
EXPLAINS, IN_PART, RULED_OUT, UNKNOWN = "Explains most", "A part of it", "Ruled out", "Not known"
AGAINST = "Worked against it"
_SCHEMA = {"check": pl.String, "reading": pl.String, "sales_effect": pl.Int64}
Row = tuple[str, str, int | None]


def ruled_out(shop: Shop, case: Case, causes: pl.DataFrame) -> pl.DataFrame:
    """Return one row per cause that was checked: what it can account for, and the verdict.

    `causes`: the case's `tree`. Columns: check, reading (the figures before and now),
    sales_effect (money: the most it can account for), change_share (of the whole change; null
    where nothing changed), verdict: Explains most, A part of it, Worked against it,
    Ruled out, or Not known.
    """
    before, now = (case.sold.filter(pl.col("now") == at) for at in (0, 1))
    taken = takings(shop, case.both)
    rows = [
        *_market(case, taken),
        _season(shop, case, int(before["sales"].sum())),
        _stores("Stores that sell it", before, now),
        _openings(taken, before, now),
        _prices(causes),
        _range(case),
        _discount(shop, case),
    ]
    change = int(now["sales"].sum()) - int(before["sales"].sum())
    share = pl.col("sales_effect") / (change or None)
    table = pl.DataFrame(rows, _SCHEMA, orient="row").with_columns(change_share=share)
    return table.with_columns(money("sales_effect"), verdict=_verdict())


def _verdict() -> pl.Expr:
    share = pl.col("change_share")
    return (
        pl.when(share.is_null())
        .then(pl.lit(UNKNOWN))
        .when(share >= MOST)
        .then(pl.lit(EXPLAINS))
        .when(share >= PART)
        .then(pl.lit(IN_PART))
        .when(share <= -PART)
        .then(pl.lit(AGAINST))
        .otherwise(pl.lit(RULED_OUT))
    )


def _market(case: Case, taken: pl.DataFrame) -> list[Row]:
    """Return what it would have done with the rest of the shop, and of its category."""
    was, now = _by_window(case.sold)
    category = _by_window(case.products)
    whole = _by_window(taken)
    rest = [whole[at] - own for at, own in enumerate((was, now))]
    rows = [_with("The rest of the shop", rest, was)]
    if case.brand:
        others = [category[at] - own for at, own in enumerate((was, now))]
        rows.append(_with("The rest of the category", others, was))
    return rows


def _by_window(frame: pl.DataFrame) -> list[int]:
    return [int(frame.filter(pl.col("now") == at)["sales"].sum()) for at in (0, 1)]


def _with(check: str, rest: list[int], was: int) -> Row:
    if rest[0] <= 0:
        return check, "nothing sold before", None
    growth = rest[1] / rest[0] - 1
    return check, f"sales {growth:+.1%}", round(was * growth)


def _season(shop: Shop, case: Case, was: int) -> Row:
    check = "The season"
    if case.both.now.first - case.both.before.first == YEAR:
        return check, "the same weeks are compared", 0
    try:
        days = [
            compared(shop, days, SAME_WEEKS).before for days in (case.both.before, case.both.now)
        ]
    except NotCovered:
        begins = written(shop.first_day)
        return check, f"last year is not in the data, which begins on {begins}", None
    return _with(check, [_sales(shop, window, case) for window in days], was)


def _sales(shop: Shop, days: Period, case: Case) -> int:
    lines = case_lines(shop, days, case.category, case.brand)
    return int(fetch(lines.select(total("sales")), by=["sales"]).item() or 0)


def _stores(check: str, before: pl.DataFrame, now: pl.DataFrame) -> Row:
    sides = [_at(frame, "store_id") for frame in (before, now)]
    gained, lost = sides[1].keys() - sides[0].keys(), sides[0].keys() - sides[1].keys()
    effect = sum(sides[1][store] for store in gained) - sum(sides[0][store] for store in lost)
    return check, f"{len(sides[0]):,} to {len(sides[1]):,}", effect


def _at(frame: pl.DataFrame, key: str) -> dict[int | None, int]:
    return dict(frame.group_by(key).agg(pl.col("sales").sum()).rows())


def _openings(taken: pl.DataFrame, before: pl.DataFrame, now: pl.DataFrame) -> Row:
    """Return what stores that opened or closed altogether, rather than delisted it, account for."""
    open_in = [set(taken.filter(pl.col("now") == at)["store_id"]) for at in (0, 1)]
    opened = now.filter(~pl.col("store_id").is_in(list(open_in[0])))["sales"].sum()
    closed = before.filter(~pl.col("store_id").is_in(list(open_in[1])))["sales"].sum()
    reading = f"{len(open_in[0]):,} to {len(open_in[1]):,}"
    return "Stores that are open", reading, int(opened) - int(closed)


def _prices(causes: pl.DataFrame) -> Row:
    price = causes.row(by_predicate=pl.col("part") == "Price", named=True)
    effect = None if price["reading"] == NONE_IN_BOTH else _cents(price["sales_change"])
    return "Prices of the same products", price["reading"], effect


def _cents(amount: Decimal) -> int:
    return int(amount * CENTS_PER_UNIT)


def _range(case: Case) -> Row:
    items = products_of(case).filter((pl.col("units") > 0) | (pl.col("sales") > 0))
    sold = [_at(items.filter(pl.col("now") == at), "product_id") for at in (0, 1)]
    new, gone = sold[1].keys() - sold[0].keys(), sold[0].keys() - sold[1].keys()
    effect = sum(sold[1][item] for item in new) - sum(sold[0][item] for item in gone)
    reading = f"{len(new):,} products are new, {len(gone):,} are no longer sold"
    return "Products on sale", reading, effect


def _discount(shop: Shop, case: Case) -> Row:
    """Return what another share of discounted sales accounts for, at the mean of all sales."""
    sides = [_offered(shop, days, case) for days in (case.both.before, case.both.now)]
    if min(bought for _, bought in sides) <= 0:
        return "Sold at a discount", "not sold in both", None
    was, is_now = (promoted / bought for promoted, bought in sides)
    effect = round((is_now - was) * sum(bought for _, bought in sides) / 2)
    return "Sold at a discount", f"{was:.0%} to {is_now:.0%} of sales", effect


def _offered(shop: Shop, days: Period, case: Case) -> tuple[int, int]:
    """Return what of purchases was sold at a discount, and all of them, in cents."""
    lines = case_lines(shop, days, case.category, case.brand).with_columns(**counted())
    sums = fetch(lines.select(total("promoted"), total("bought")), by=["bought"])
    promoted, bought = sums.row(0)
    return promoted or 0, bought or 0


def sources(shop: Shop, case: Case) -> pl.DataFrame:
    """Return where the change came from: of a brand, its gain and loss; of a category, its brands.

    Columns: source, kind (Brand, or as `gain_loss` has it), change (money); the rows add up to
    the case's change to the cent.
    """
    if case.brand:
        asked = {"category": case.category, "brand": case.brand}
        return gain_loss(shop, case.both.now, **asked, before=case.both.before)
    signed = pl.when(pl.col("now") == 1).then(pl.col("sales")).otherwise(-pl.col("sales"))
    brands = case.products.group_by(source="brand").agg(change=signed.sum())
    ordered = brands.sort(pl.col("change").abs(), "source", descending=[True, False])
    return ordered.select("source", pl.lit("Brand").alias("kind"), money("change"))


def say_diagnosis(
    case: Case, causes: pl.DataFrame, moves: pl.DataFrame, checked: pl.DataFrame
) -> str:
    """Return the sentences that matter: the change, its largest parts, and what was checked.

    `causes`: as `tree` returns them; `moves`: as `sources` does; `checked`: as `ruled_out` does.
    """
    was, now = _by_window(case.sold)
    change = now - was
    by = f"{change / was:+.1%}, ".replace("-", "−") if was > 0 else ""
    first = f"{case.name}: sales of {_amount(now)} ({by}{_signed(change)}) against {_days(case)}"
    if was > 0 and abs(change) < HARDLY * was:
        first += f", which is hardly a change; what follows is of a change under {HARDLY:.0%}"
    said = [first, _say_parts(causes, change), _say_source(moves), _say_checked(checked)]
    return ". ".join(sentence for sentence in said if sentence)


def _days(case: Case) -> str:
    first = case.both.before.first
    return f"the {case.both.before.days} days from {written(first)}"


def _say_parts(causes: pl.DataFrame, change: int) -> str:
    ranked = causes.sort("sales_change", descending=change > 0).rows(named=True)
    with_it, against = ranked[0], ranked[-1]
    said = f"The largest part is {_part(with_it)}"
    if against["sales_change"] * (1 if change > 0 else -1) < 0:
        said += f"; {_part(against)} worked against it"
    return said


def _part(row: dict[str, object]) -> str:
    reading = f"{row['reading']}: {_signed(_cents(row['sales_change']))}"  # type: ignore[arg-type]
    return f"{str(row['part']).lower()} ({reading})"


def _say_source(moves: pl.DataFrame) -> str:
    if moves["change"].abs().sum() == 0:
        return ""
    row = moves.sort(pl.col("change").abs(), descending=True, maintain_order=True).row(
        0, named=True
    )
    amount, source = _signed(_cents(row["change"])), row["source"]
    if row["kind"] == "Brand":
        return f"Of its brands {source} changed most: {amount}"
    if row["kind"] == "Switching":
        way = "came from" if row["change"] > 0 else "went to"
        most = "The largest part of what its buyers changed"
        return f"{most} {way} another brand, {source}: {amount}"
    return f"Of what its buyers changed the largest is {str(source).lower()}: {amount}"


def _say_checked(checked: pl.DataFrame) -> str:
    said = {
        "can explain most of it": EXPLAINS,
        "a part of it": IN_PART,
        "worked against it": AGAINST,
        "ruled out": RULED_OUT,
        "not known": UNKNOWN,
    }
    parts = [
        f"{words}: {', '.join(name.lower() for name in names)}"
        for words, verdict in said.items()
        if (names := checked.filter(pl.col("verdict") == verdict)["check"].to_list())
    ]
    return f"Checked – {'; '.join(parts)}"


def _amount(cents: int) -> str:
    return f"{cents / CENTS_PER_UNIT:,.0f}"


def _signed(cents: int) -> str:
    return f"{cents / CENTS_PER_UNIT:+,.0f}".replace("-", "−")
