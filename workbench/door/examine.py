"""The passport of a draft: what it holds is examined before it is published."""

import dataclasses

import narwhals as nw
import polars as pl

from workbench.data import passport
from workbench.data.contracts import CONTRACTS
from workbench.data.lake import Edition
from workbench.data.shop import Shop
from workbench.door.draft import Draft


def examined(draft: Draft, edition: Edition) -> Edition:
    """Write the passport of what the draft holds, and return its edition with it.

    The draft's own findings and tables are looked at; `edition` says what they are.
    """
    tables = {table: nw.from_native(draft.scan(table)) for table in draft.tables}
    checks = passport.examine(Shop(edition, tables), draft.read("findings"))
    schema = CONTRACTS["passport"].schema
    draft.replace("passport", checks.select(pl.col(n).cast(t) for n, t in schema.items()))
    return dataclasses.replace(
        edition,
        tables=dict(draft.tables),
        passport=passport.reds(checks),
        colour=passport.colour(checks),
    )
