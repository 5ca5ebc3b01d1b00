"""The memory of who was erased: keyed hashes only, so that a later delivery brings nobody back.

`private/erased.json` in the workspace's home holds, per person, a hash of retailer and customer
id and whether the erasure is finished, and hashes of other words that name the person, such as
an e-mail address. Without the key of the workspace they tell nothing.
"""

import json
import re
from collections.abc import Iterable
from pathlib import Path

import polars as pl

from workbench.data.privacy import derived, digests, workspace_key
from workbench.files import write_whole

BEGUN, DONE = "begun", "done"
FIELDS, WORDS = r"[,;|\t\"]", r"[,;|\s\"':=<>(){}\[\]]"


def hashed(ids: pl.Series, key: bytes, retailer: str) -> pl.Series:
    """Return the hashes that a retailer's customer ids are remembered by."""
    return digests(ids, derived(key, f"erased customer of {retailer}"))


def erased(home: Path) -> frozenset[str]:
    """Return the hashes of all who were erased, or are being erased."""
    return frozenset(_read(home)["customers"])


def state(home: Path, person: str) -> str | None:
    """Return whether the erasure of a person (a hash) has begun or is done, or None."""
    return _read(home)["customers"].get(person)


def remember(home: Path, person: str, state: str, words: Iterable[str] = ()) -> None:
    """Write down how far the erasure of a person (a hash) is; `words` name the person too."""
    known = _read(home)
    known["customers"][person] = state
    texts = pl.Series(list(words), dtype=pl.String)
    known["words"] |= dict.fromkeys(_hashed_words(texts, workspace_key(home)), person)
    write_whole(_path(home), json.dumps(known, indent=2, sort_keys=True) + "\n")


def gone(home: Path, retailer: str, rows: Iterable[pl.LazyFrame]) -> list[str]:
    """Return the customer ids among delivered rows (column `customer`) that were erased."""
    known = erased(home)
    if not known:
        return []
    frames = [
        frame.select(pl.col("customer").cast(pl.String)).unique()
        for frame in rows
        if "customer" in frame.collect_schema()
    ]
    if not frames:
        return []
    ids = pl.concat(pl.collect_all(frames))["customer"].drop_nulls().unique().sort()
    return ids.filter(hashed(ids, workspace_key(home), retailer).is_in(list(known))).to_list()


def without(rows: pl.LazyFrame, table: str, gone: list[str]) -> pl.LazyFrame:
    """Return delivered rows as if nobody who was erased had been in them.

    Receipt lines stay, without a card; other rows about the person are left out.
    """
    if not gone or "customer" not in rows.collect_schema():
        return rows
    theirs = pl.col("customer").cast(pl.String).is_in(gone).fill_null(False)
    if table == "lines":
        return rows.with_columns(pl.when(~theirs).then(pl.col("customer")).alias("customer"))
    return rows.filter(~theirs)


def counted(rows: Iterable[pl.LazyFrame], gone: list[str]) -> int:
    """Return how many delivered rows are of customers who were erased."""
    theirs = pl.col("customer").cast(pl.String).is_in(gone).sum()
    frames = [frame for frame in rows if gone and "customer" in frame.collect_schema()]
    return sum(int(frame.select(theirs).collect().item()) for frame in frames)


def unnamed(home: Path, retailer: str, texts: pl.Series) -> pl.Series:
    """Return texts (of quarantined rows), null where a word in one names somebody erased."""
    known = _read(home)
    if not known["customers"]:
        return texts
    key = workspace_key(home)
    words = {text: _words(text) for text in texts.drop_nulls().unique()}
    every = pl.Series(sorted(set().union(*words.values())), dtype=pl.String)
    ids = hashed(every, key, retailer).is_in(list(known["customers"]))
    others = _hashed_words(every, key).is_in(list(known["words"]))
    named = set(every.filter(ids | others))
    kept = [None if text is None or named & words[text] else text for text in texts]
    return pl.Series(texts.name, kept, dtype=pl.String)


def _words(text: str) -> set[str]:
    """Return a line's fields and words."""
    return {word.strip() for signs in (FIELDS, WORDS) for word in re.split(signs, text)}


def _hashed_words(words: pl.Series, key: bytes) -> pl.Series:
    return digests(words.str.to_lowercase(), derived(key, "word that names somebody erased"))


def _read(home: Path) -> dict[str, dict[str, str]]:
    path = _path(home)
    if not path.exists():
        return {"customers": {}, "words": {}}
    found: dict[str, dict[str, str]] = json.loads(path.read_text(encoding="utf-8"))
    return found


def _path(home: Path) -> Path:
    return home / "private" / "erased.json"
