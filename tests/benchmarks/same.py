"""Whether the workbench, openretailscience and pandas give the same figures, before any is timed.

Compared is what they define alike: amounts and counts one by one and to the cent, ratios to four
digits. Not compared are segments, which each cuts by its own rule, and what only one of them tells.
Who defines nothing alike is not among those with whom `COMPARED` compares a question.
"""

from pathlib import Path

import alike_customers
import alike_goods
import alike_segments
import polars as pl
from polars.testing import assert_frame_equal
from verbs import opened

NEAR = 1e-4
COMPARED = alike_segments.COMPARED | alike_customers.COMPARED | alike_goods.COMPARED


def compare(verb: str, way: str, home: Path, found: Path) -> int:
    """Compare a verb's figures with those of a peer in a file; return how many rows are equal.

    That is 0 where the two define nothing alike. Raises AssertionError, with the first difference,
    where figures are not equal.
    """
    if way not in COMPARED.get(verb, {}):
        return 0
    ours, theirs = COMPARED[verb][way]
    mine, other = ours(opened(home, lines=False)), theirs(pl.read_parquet(found))
    assert_frame_equal(
        mine, other, check_row_order=False, check_column_order=False, check_dtypes=False,
        abs_tol=NEAR,
    )  # fmt: skip
    return mine.height
