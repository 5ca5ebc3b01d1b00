"""Merging: rows of new files into the tables of a draft, by natural key, month by month.

Of rows with the same key the latest file's stands. Only months that change are written.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from workbench.data.contracts import CONTRACTS
from workbench.door import receipts
from workbench.door.draft import Draft
from workbench.door.parts import FILE, OLD, by_month, month_of, numbered, one_of_each, runs_of

MOST_ROWS = 2_000_000
NO_DAYS = pl.DataFrame(
    schema={
        "day": pl.Date,
        **dict.fromkeys(("lines_before", "sales_before", "lines_after", "sales_after"), pl.Int64),
    }
)


@dataclass
class Merged:
    """What merging a table did: rows repeated, added up and replaced, and days restated."""

    repeated: int = 0
    merged: int = 0
    replaced: int = 0
    restated: list[pl.DataFrame] = field(default_factory=lambda: [NO_DAYS])


def prices(draft: Draft) -> pl.DataFrame:
    """Return one row per product: product_id, category_id, merchandise, cost_rate (or null)."""
    products = draft.read("products").select("product_id", "category_id", "merchandise")
    costs = draft.read("costs").select("product_id", "cost_rate")
    return products.join(costs, on="product_id", how="left", validate="1:1")


def merge_lines(
    draft: Draft,
    new: pl.LazyFrame,
    before: pl.DataFrame,
    *,
    once: bool,
    near: Path,
    progress: Callable[[str], None],
) -> Merged:
    """Write the receipts of the months that `new` rows change.

    `new` holds resolved lines with FILE; `before` the prices that stored lines were laid out
    with: where those of a product changed, or a table that months make is not there yet, every
    month is laid out again. With `once`, rows of a file that are alike in every column count once.
    """
    done, now = Merged(), prices(draft)
    same = before.join(now, on=now.columns, how="semi", nulls_equal=True)
    stored = set(draft.months("lines"))
    again = same.height < before.height or not all(map(draft.has, receipts.MADE))
    with by_month(new.with_columns(month_of("day")), near) as months:
        for month in sorted({*months, *(stored if again else ())}):
            progress(f"writing receipts of {month}")
            old = _stored(draft, month) if month in stored else None
            fresh = months[month].select(*receipts.COLUMNS, FILE) if month in months else None
            _write_month(draft, month, old, fresh, now, done, once=once, near=near)
    return done


def _write_month(
    draft: Draft,
    month: int,
    old: pl.LazyFrame | None,
    fresh: pl.LazyFrame | None,
    prices: pl.DataFrame,
    done: Merged,
    *,
    once: bool,
    near: Path,
) -> None:
    """Write the receipts of a month, merged some days at a time where they are many."""
    both = pl.concat([frame for frame in (old, fresh) if frame is not None])
    runs = runs_of(both, "day", MOST_ROWS)
    baskets = 0
    with TemporaryDirectory(prefix=".parts-", dir=near) as folder:
        for number, days in enumerate(runs):
            stored, brought = (
                None if frame is None else frame.filter(days).collect() for frame in (old, fresh)
            )
            latest = _merged(stored, brought, done, once=once)
            laid_out = receipts.laid_out(latest, prices, month, baskets)
            baskets += laid_out.filter("first").height
            for table, rows in receipts.MADE.items():
                if len(runs) == 1:
                    draft.put(table, month, rows(laid_out))
                else:
                    rows(laid_out).write_parquet(Path(folder) / f"{table}-{number}.parquet")
        for table in receipts.MADE if len(runs) > 1 else ():
            put_in_order(draft, table, month, pl.scan_parquet(Path(folder) / f"{table}-*.parquet"))


def put_in_order(draft: Draft, table: str, month: int, rows: pl.LazyFrame) -> None:
    """Write a month of a table made of receipts in its order, some customers at a time.

    Runs of days, each in order, are not in order together: a customer would lie in each of them,
    and a week in two.
    """
    order, weeks = receipts.ORDER[table], table in receipts.WEEKS
    known = pl.col(order[0]).is_not_null()
    numbered, unknown = rows.filter(known), rows.filter(~known)
    parts = [numbered.filter(some) for some in runs_of(numbered, order[0], MOST_ROWS)]
    parts += [unknown] if weeks else [unknown.filter(d) for d in runs_of(unknown, "day", MOST_ROWS)]
    for number, part in enumerate(parts):
        found = part.collect()
        whole = receipts.weeks_of(table, found) if weeks else found.sort(order, nulls_last=True)
        draft.put(table, month, whole, more=number > 0)


def restated(before: pl.LazyFrame, after: pl.LazyFrame) -> pl.DataFrame:
    """Return one row per day of lines stored before whose number or sales are others after."""
    was, now = (receipts.daily(lines).collect(engine="streaming") for lines in (before, after))
    same = was.join(now, on=was.columns, how="semi")
    return receipts.beside(was.join(same, on="day", how="anti"), now)


def _merged(
    old: pl.DataFrame | None, fresh: pl.DataFrame | None, done: Merged, *, once: bool
) -> pl.DataFrame:
    """Return the rows that stand, and count in `done` those that do not."""
    if fresh is not None:
        extra = _repeated(fresh)
        done.repeated += extra
        fresh = fresh.unique() if once and extra else fresh
    frames = [frame for frame in (old, fresh) if frame is not None]
    added = receipts.added(pl.concat(frames))
    latest = receipts.latest(added)
    done.merged += sum(frame.height for frame in frames) - added.height
    done.replaced += added.height - latest.height
    if old is not None and fresh is not None:
        done.restated.append(receipts.restated(old, latest))
    return latest


def _repeated(rows: pl.DataFrame) -> int:
    """Return how many rows are alike in every column with one before them."""
    several = rows.group_by(*receipts.LINE, FILE).len().filter(pl.col("len") > 1)
    if several.is_empty():
        return 0
    alike = rows.join(several, on=[*receipts.LINE, FILE], how="semi", nulls_equal=True)
    return alike.height - alike.n_unique()


def _stored(draft: Draft, month: int) -> pl.LazyFrame:
    of_month = pl.col("month") == month
    lines, baskets = (draft.scan(table).filter(of_month) for table in ("lines", "baskets"))
    return numbered(receipts.stored(lines, baskets), OLD)


def merge_dated(draft: Draft, table: str, new: pl.LazyFrame, near: Path) -> Merged:
    """Write the months of a table kept by month that `new` rows (resolved, with FILE) change."""
    done, contract = Merged(), CONTRACTS[table]
    columns = [*contract.schema, FILE]
    stored = set(draft.months(table))
    if not draft.has(table):
        draft.clear(table)
    with by_month(new.with_columns(month_of(str(contract.dated))), near) as months:
        for month, rows in months.items():
            fresh = _each(rows.select(columns).collect(), contract.key, done)
            if month in stored:
                old = draft.scan(table).filter(pl.col("month") == month).collect()
                fresh = _over(old, fresh, contract.key, done)
            draft.put(table, month, fresh.drop(FILE))
    return done


def merge_whole(draft: Draft, table: str, new: pl.LazyFrame) -> Merged:
    """Write a table that is kept as one, with `new` rows (resolved, with FILE)."""
    done, contract = Merged(), CONTRACTS[table]
    fresh = _each(new.select(*contract.schema, FILE).collect(), contract.key, done)
    draft.replace(table, _over(draft.read(table), fresh, contract.key, done).drop(FILE))
    return done


def _each(rows: pl.DataFrame, key: tuple[str, ...], done: Merged) -> pl.DataFrame:
    each = one_of_each(rows, key)
    done.merged += rows.height - each.height
    return each


def _over(
    old: pl.DataFrame, fresh: pl.DataFrame, key: tuple[str, ...], done: Merged
) -> pl.DataFrame:
    """Return fresh rows and the old ones that they do not replace, sorted by key."""
    stored = numbered(old.lazy(), OLD).select(fresh.columns).collect()
    both = one_of_each(pl.concat([stored, fresh]), key)
    done.replaced += stored.height + fresh.height - both.height
    return both
