"""Line-grain questions are lazy Narwhals frames; `fetch` is the one place that collects.

The same question runs on Polars' streaming engine, DuckDB or any other engine that Narwhals
speaks to. Engines differ in the integers and decimals they sum to and in row order: `fetch`
settles both, so that results are equal to the bit.
"""

from collections.abc import Callable, Collection
from typing import Any, Literal

import narwhals as nw
import polars as pl
import polars.selectors as cs

from workbench.data import shared
from workbench.data.answers import ANSWERS, name_of

CENTS_PER_UNIT = 100
ROOM = 2**31  # for the second of two ids packed into one
UNCOSTED = nw.col("margin").is_null()  # whether a line has no known cost
FEW = 50  # values that any engine takes written out in its question


def total(name: str) -> nw.Expr:
    """Return the exact sum of an integer column; 32 bits on disk would wrap silently."""
    return nw.col(name).cast(nw.Int64).sum()


def fetch(question: nw.LazyFrame[Any], *, by: list[str]) -> pl.DataFrame:
    """Return the answer as a Polars frame, sorted by its key columns `by`.

    Without keys the rows come in any order, for sums of them. An answer that this process
    was given before, of the same data version, is not asked again.
    """
    return fetch_together((question, by))[0]


def fetch_together(*questions: tuple[nw.LazyFrame[Any], list[str]]) -> list[pl.DataFrame]:
    """Return the answer to each question, sorted by its keys, as `fetch` does.

    Polars reads and filters once what the questions have alike: two of the same category cost
    three quarters of what they cost apart. Questions to all lines gain nothing by it.
    """
    natives = [question.to_native() for question, _ in questions]
    if not all(isinstance(native, pl.LazyFrame) for native in natives):
        return [
            _settled(pl.DataFrame(question.collect("polars").to_native()), by)
            for question, by in questions
        ]
    orders = [by for _, by in questions]
    names = [
        "" if ANSWERS.asleep else name_of(native, by)
        for native, by in zip(natives, orders, strict=True)
    ]
    known = {place: _known(name) for place, name in enumerate(names)}
    answers = {place: answer for place, answer in known.items() if answer is not None}
    new = [place for place in known if place not in answers]
    found = pl.collect_all([natives[place] for place in new], engine="streaming")
    for place, answer in zip(new, found, strict=True):
        answers[place] = _settled(answer, orders[place])
        _keep(names[place], answers[place])
    return [answers[place] for place in known]


def remembered(
    question: nw.LazyFrame[Any], answer: Callable[[], pl.DataFrame], *, by: list[str]
) -> pl.DataFrame:
    """Return the answer to a Polars question, found otherwise than by asking it, sorted `by`.

    An answer that was given before is not looked for again, as in `fetch`.
    """
    name = "" if ANSWERS.asleep else name_of(question.to_native(), by)
    found = _known(name)
    if found is None:
        found = answer()
        _keep(name, found)
    return found


def _known(name: str) -> pl.DataFrame | None:
    """Return an answer that this process has, or another report of the same pack."""
    answer = ANSWERS.get(name)
    if answer is None:
        answer = shared.kept(name)
        if answer is not None:
            ANSWERS.keep(name, answer)
    return answer


def _keep(name: str, answer: pl.DataFrame) -> None:
    ANSWERS.keep(name, answer)
    shared.keep(name, answer)


def _settled(answer: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    """Return an answer in the types and the order that all engines' answers have."""
    answer = answer.with_columns(
        cs.decimal().cast(pl.Int64), cs.integer().cast(pl.Int64), cs.datetime().cast(pl.Date)
    )
    # Nulls last takes four times as long for several keys, also where there are none.
    gaps = any(answer[key].null_count() for key in by)
    return answer.sort(by, nulls_last=gaps) if by else answer


def packed(first: str, second: str) -> nw.Expr:
    """Return two columns of ids as one, as which they are grouped by in two thirds of the time.

    The first may be null; the second has from 0 to 2**31 - 1. See `unpacked`.
    """
    return (nw.col(first).cast(nw.Int64).fill_null(-1) + 1) * ROOM + nw.col(second)


def unpacked(first: str, second: str) -> list[pl.Expr]:
    """Return the two columns that a column `packed` was made of."""
    one = pl.col("packed") // ROOM - 1
    return [pl.when(one >= 0).then(one).alias(first), (pl.col("packed") % ROOM).alias(second)]


def numbered(
    names: nw.LazyFrame[Any], key: str, name: str, *, number: str = "number", unknown: str = ""
) -> nw.LazyFrame[Any]:
    """Return a table of ids and names with a number, by which lines are grouped faster.

    It is the least id that has the name; null where there is no name, or the one for `unknown`.
    """
    known = names.filter(~nw.col(name).is_null())
    known = known.filter(nw.col(name) != unknown) if unknown else known
    least = known.group_by(name).agg(nw.col(key).min().alias(number))
    return names.join(least, on=name, how="left")


def weekday(name: str) -> nw.Expr:
    """Return the day of the week, Monday being 0; Spark calls Sunday 0 where others say 7."""
    return (nw.col(name).dt.weekday() + 6) % 7


def only(
    question: nw.LazyFrame[Any],
    column: str,
    values: Collection[int],
    how: Literal["semi", "anti"] = "semi",
) -> nw.LazyFrame[Any]:
    """Return the rows whose id is among the values, or (`anti`) among others; never a null id.

    Thousands of values written out take other engines longer than the question itself: they get
    them as a small table beside it.
    """
    if _written_out(question, values):
        inside = nw.col(column).is_in(values)
        return question.filter(inside if how == "semi" else ~inside)
    known = question.filter(~nw.col(column).is_null())
    return known.join(_beside(question, _table(column, values)), on=column, how=how)


def marked(
    question: nw.LazyFrame[Any], column: str, values: Collection[int], name: str
) -> nw.LazyFrame[Any]:
    """Return the rows with a column of that name: whether the id is among the values."""
    if _written_out(question, values):
        return question.with_columns(nw.col(column).is_in(values).fill_null(False).alias(name))
    small = _table(column, values).with_columns(pl.lit(True).alias(name))
    beside = question.join(_beside(question, small), on=column, how="left")
    return beside.with_columns(nw.col(name).fill_null(False))


def _written_out(question: nw.LazyFrame[Any], values: Collection[int]) -> bool:
    engine = question.implementation
    return len(values) <= FEW or engine.is_polars() or engine.is_duckdb()


def _table(column: str, values: Collection[int]) -> pl.DataFrame:
    return pl.DataFrame({column: list(values)}, schema={column: pl.Int64}).unique()


def _beside(question: nw.LazyFrame[Any], small: pl.DataFrame) -> nw.LazyFrame[Any]:
    """Return a small table as a table of the engine that a question runs on."""
    if question.implementation.is_ibis():
        import ibis

        native = ibis.memtable(small.to_arrow())
    else:
        native = question.to_native().sparkSession.createDataFrame(small.to_arrow())
    beside: nw.LazyFrame[Any] = nw.from_native(native)
    return beside


def height(question: nw.LazyFrame[Any]) -> int:
    """Return how many rows a question has."""
    return int(fetch(question.select(rows=nw.len()), by=["rows"]).item())


def money(*names: str) -> pl.Expr:
    """Return columns of integer cents as exact amounts with two decimals.

    >>> pl.DataFrame({"sales": [123, None]}).with_columns(money("sales"))["sales"].to_list()
    [Decimal('1.23'), None]
    """
    return (pl.col(*names).cast(pl.Decimal(38, 2)) / CENTS_PER_UNIT).cast(pl.Decimal(38, 2))


def known_sum(*names: str) -> list[pl.Expr]:
    """Return sums that are null where a part of them is unknown.

    >>> pl.DataFrame({"margin": [1, None]}).select(known_sum("margin")).item() is None
    True
    """
    return [
        pl.when(pl.col(name).is_not_null().all()).then(pl.col(name).sum()).alias(name)
        for name in names
    ]
