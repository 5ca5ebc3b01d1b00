"""Guesses at receipt lines, by what only receipts show: numbers that repeat, prices that grow
with the pieces or do not, lines that take others back, and codes that are no merchandise.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from workbench.data.contracts import CONTRACTS
from workbench.door.mapping import OPEN
from workbench.door.suggest.columns import CLOCK, PRICE, Entry, entry, moment, number, source
from workbench.door.suggest.evidence import Seen
from workbench.door.suggest.synonyms import FEES, RETURN_WORDS, words

CENT = 0.011
MOST = 0.8
FEW = 20
DISCOUNTS = ("loyalty_discount", "match_discount", "coupon_discount")
COLUMNS = {column.name: column for column in CONTRACTS["lines"].columns}


def line_entries(found: Mapping[str, Seen], columns: Sequence[Seen]) -> list[Entry]:
    """Return the columns of the receipt lines as lines of a mapping."""
    found = dict(found)
    if "basket" not in found and (basket := _by_repetition(found, columns)):
        found["basket"] = basket
    made = {
        "basket": _basket(found, columns),
        "product": _product(found, columns),
        "store": _store(found),
        "sold_at": _sold_at(found),
        "quantity": _quantity(found),
        "sales": _sales(found),
    }
    given = {name: entry(COLUMNS[name], seen) for name, seen in found.items() if name in COLUMNS}
    for name in DISCOUNTS:
        if name in given:
            given[name] = _discount(found, name)
    if "customer" in given:
        given["customer"].notes += _one_for_all(found["customer"])
    together = given | {name: guess for name, guess in made.items() if guess}
    return [together[name] for name in COLUMNS if name in together]


def returns(found: Mapping[str, Seen], columns: Sequence[Seen]) -> Entry | None:
    """Return what marks returns: letters before the receipt's number, or words in a column."""
    if letters := _cancelling_letters(found):
        start, lines = letters
        return Entry(
            "returns",
            {"column": found["basket"].name, "starts": start},
            [f"{lines:,} lines have a receipt number that starts with {start}, and take off"],
        )
    for seen in columns:
        if seen in found.values() or not 0 < len(seen.distinct) <= FEW:
            continue
        texts = [str(value) for value in seen.distinct.to_list()]
        if back := sorted(text for text in texts if RETURN_WORDS & set(words(text))):
            others = ", ".join(sorted(set(texts) - set(back))) or "none"
            note = f"DOUBT: these values seem to mean returns; the others are: {others}"
            return Entry("returns", {"column": seen.name, "values": back}, [note])
    return None


def merchandise(found: Mapping[str, Seen]) -> Entry | None:
    """Return the products that are no merchandise: codes without digits, names of fees."""
    product, name = found["product"], found.get("description")
    ids = product.values.cast(pl.String)
    codes = ids.drop_nulls().unique()
    odd = codes.filter(~codes.str.contains(r"\d"))
    if len(odd) > (1 - MOST) * len(codes):
        odd = odd.clear()
    if name is not None:
        texts = name.distinct.cast(pl.String)
        fees = [text for text in texts if set(words(text)) <= FEES]
        odd = pl.concat([odd, ids.filter(name.values.cast(pl.String).is_in(fees)).drop_nulls()])
    listed = sorted(set(odd))
    if not listed:
        return None
    note = "DOUBT: these look like postage, fees or corrections, not merchandise"
    return Entry("merchandise", {"from": product.name, "no": listed}, [note])


def _basket(found: Mapping[str, Seen], columns: Sequence[Seen]) -> Entry:
    if "basket" not in found:
        names = ", ".join(seen.name for seen in columns)
        return Entry("basket", OPEN, [f"CHOOSE: the column with the receipt's number, of: {names}"])
    guess = entry(COLUMNS["basket"], found["basket"])
    if found["basket"].unique and len(found["basket"].values) > 1:
        guess.notes.append("DOUBT: no number comes twice: is each line a receipt of its own?")
    return guess


def _product(found: Mapping[str, Seen], columns: Sequence[Seen]) -> Entry | None:
    if "product" in found:
        return None
    names = ", ".join(seen.name for seen in columns)
    return Entry("product", OPEN, [f"CHOOSE: the column with the product's number, of: {names}"])


def _by_repetition(found: Mapping[str, Seen], columns: Sequence[Seen]) -> Seen | None:
    """Return the column whose values repeat, each on one moment only, if there is just one."""
    moments = found["sold_at"].values
    likely = [
        seen
        for seen in columns
        if seen not in found.values() and not seen.dated and _repeats(seen, moments)
    ]
    return likely[0] if len(likely) == 1 else None


def _repeats(seen: Seen, moments: pl.Series) -> bool:
    if not len(seen.values) * 0.02 < len(seen.distinct) < len(seen.values):
        return False
    pairs = pl.DataFrame({"id": seen.values, "at": moments})
    return pairs.unique().height <= len(seen.distinct) * 1.01


def _store(found: Mapping[str, Seen]) -> Entry | None:
    if "store" in found:
        return None
    note = "DOUBT: no column names the store, so there is one; call it web for a web shop"
    return Entry("store", {"always": "shop"}, [note])


def _sold_at(found: Mapping[str, Seen]) -> Entry | None:
    if CLOCK.name not in found:
        return None
    day, clock = found["sold_at"], found[CLOCK.name]
    texts = pl.DataFrame({"day": day.values.cast(pl.String), "clock": clock.values.cast(pl.String)})
    joined = Seen(
        "day and clock", texts.select(pl.concat_str("day", "clock", separator=" ")).to_series()
    )
    if not joined.dated:
        guess = entry(COLUMNS["sold_at"], day)
        guess.notes.append(
            f"DOUBT: the times in {clock.name!r} are left out: no format reads day and time"
        )
        return guess
    options, notes = moment(joined, stamp=True)
    return Entry("sold_at", {"from": [day.name, clock.name], **options}, notes)


def _quantity(found: Mapping[str, Seen]) -> Entry | None:
    if "quantity" in found:
        return None
    note = "DOUBT: no column counts the pieces, so every line is one"
    return Entry("quantity", {"always": "1"}, [note])


def _sales(found: Mapping[str, Seen]) -> Entry:
    if "sales" in found and "quantity" in found:
        return _amount(found)
    if "sales" in found:
        return entry(COLUMNS["sales"], found["sales"])
    return _priced(found)


def _amount(found: Mapping[str, Seen]) -> Entry:
    """Return takings from a column that is called so, unless its values are prices per piece."""
    amount, pieces = found["sales"].numbers(), found["quantity"].numbers()
    guess = entry(COLUMNS["sales"], found["sales"])
    if PRICE.name in found:
        price = found[PRICE.name].numbers()
        several = pieces.is_not_null() & (pieces.abs() > 1)
        if _alike(amount.filter(several), price.filter(several)) >= MOST:
            return _priced(found)
        guess.notes += _against_price(found, amount, price * pieces)
        return guess
    per_piece, per_line = _grows(found, amount)
    if per_piece >= MOST > per_line:
        guess.notes.append(
            "DOUBT: the amounts do not grow with the pieces: if they are prices per piece, write "
            f"{{from: {found['sales'].name}, times: {found['quantity'].name}}}"
        )
    return guess


def _against_price(found: Mapping[str, Seen], amount: pl.Series, product: pl.Series) -> list[str]:
    share = _alike(amount, product)
    price, pieces = found[PRICE.name].name, found["quantity"].name
    notes = [f"{price} x {pieces} gives the same in {share:.0%} of the lines"]
    given = [name for name in DISCOUNTS if name in found]
    if given and share >= MOST and (found[given[0]].numbers() != 0).any():
        notes.append(
            "DOUBT: so the discounts are not taken off; ours are takings, after the retailer's "
            "discounts: use a column of net amounts if there is one"
        )
    return notes


def _priced(found: Mapping[str, Seen]) -> Entry:
    """Return takings from a price, times the pieces unless it grows with them already."""
    seen = found[PRICE.name]
    options, notes = number(seen)
    if "quantity" not in found:
        return Entry("sales", source(seen, options), notes)
    per_piece, per_line = _grows(found, seen.numbers())
    if per_line >= MOST > per_piece:
        notes.append("DOUBT: called a price, but it grows with the pieces: taken for the line's")
        return Entry("sales", source(seen, options), notes)
    if per_piece >= MOST:
        notes.append("the price of a product is the same whatever the pieces, so it is per piece")
    else:
        notes.append("DOUBT: by its name a price per piece; the values do not tell")
    return Entry("sales", {"from": seen.name, "times": found["quantity"].name, **options}, notes)


def _grows(found: Mapping[str, Seen], amount: pl.Series) -> tuple[float, float]:
    """Return the shares of lines of several pieces whose amount is that of a single piece of the
    product, and is that times the pieces.
    """
    if "product" not in found:
        return 0.0, 0.0
    rows = pl.DataFrame(
        {
            "product": found["product"].values.cast(pl.String),
            "pieces": found["quantity"].numbers(),
            "amount": amount,
        }
    ).filter(pl.col("amount") > 0)
    one = rows.filter(pl.col("pieces") == 1).group_by("product").agg(one=pl.col("amount").median())
    several = rows.filter(pl.col("pieces") >= 2).join(one, on="product")
    if several.is_empty():
        return 0.0, 0.0
    unit, line = pl.col("one"), pl.col("one") * pl.col("pieces")
    shares = several.select(
        _near(pl.col("amount"), unit).alias("unit"), _near(pl.col("amount"), line).alias("line")
    )
    return shares.row(0)


def _near(value: pl.Expr, expected: pl.Expr) -> pl.Expr:
    return ((value - expected).abs() <= pl.max_horizontal(expected * 0.05, CENT)).mean()


def _alike(one: pl.Series, other: pl.Series) -> float:
    both = pl.DataFrame({"one": one, "other": other}).drop_nulls()
    same = (both["one"] - both["other"]).abs() <= CENT
    return float(same.mean() or 0)  # type: ignore[arg-type]


def _discount(found: Mapping[str, Seen], name: str) -> Entry:
    seen = found[name]
    options, notes = number(seen)
    values, amount = seen.numbers(), found.get("sales", found.get(PRICE.name))
    bought = values.filter(amount.numbers() > 0) if amount else values
    if ((bought < 0).sum() or 0) > ((bought > 0).sum() or 0):
        options["sign"] = -1
        notes.append("its values are below zero; ours say what was given, above zero")
    if name == "loyalty_discount":
        notes.append("DOUBT: taken for the retailer's own; a maker's is a coupon_discount")
    return Entry(name, source(seen, options), notes)


def _one_for_all(seen: Seen) -> list[str]:
    counts = seen.values.drop_nulls().value_counts(sort=True)
    if counts.height < 3:
        return []
    (first, most), (_, next_most) = counts.head(2).rows()
    if most < len(seen.values) * 0.05 or most < 10 * next_most:
        return []
    return [
        f"DOUBT: {first!r} stands on {most:,} of {len(seen.values):,} lines: if it means no card, "
        f"add it to nulls"
    ]


def _cancelling_letters(found: Mapping[str, Seen]) -> tuple[str, int] | None:
    amounts = [found[name] for name in ("quantity", "sales", PRICE.name) if name in found]
    if "basket" not in found:
        return None
    rows = pl.DataFrame(
        {
            "start": found["basket"].values.cast(pl.String).str.extract(r"^([A-Za-z]+)"),
            "below": pl.DataFrame([(seen.numbers() < 0).alias(seen.name) for seen in amounts])
            .select(pl.any_horizontal(pl.all()))
            .to_series(),
        }
    )
    for start, lines, below in _by_letters(rows):
        if start and below >= MOST * lines and lines < rows.height / 2:
            return start, lines
    return None


def _by_letters(rows: pl.DataFrame) -> Iterator[tuple[Any, ...]]:
    counted = rows.group_by("start").agg(pl.len(), pl.col("below").sum()).sort("start")
    return counted.iter_rows()
