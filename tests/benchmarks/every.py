"""Every question that there is, at ten and a hundred million lines, under a limit of memory.

`python tests/benchmarks/every.py 10 100` asks each verb found on disk, with its own defaults, of
half a year, in a process of its own that may hold `--limit` MiB; then it scans the columns and
months of the receipt lines that the verb reads, which a spy on a small retailer finds out, once for
all verbs that read the same. Verbs that read tables kept for speed are asked once more without
them. The figures go to `docs/benchmarks.json`.
"""

import argparse
import json
import os
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import page
import polars as pl
import retailer
import timing
from figures import line
from polars.io.plugins import register_io_source
from verbs import MARTS, OURS, forget, opened

sys.path.append(str(Path(__file__).parents[1]))
from asked import VERBS, Asker

from workbench.data import Shop
from workbench.data.answers import ANSWERS

HERE = Path(__file__).parent
PERIOD = "last 26 weeks"  # the most that has as much before it in a year of receipts
SMALL = 1
Reads = dict[str, set[Any]]


def asker_of(home: Path, period: str, *, lines: bool) -> Asker:
    """Return who asks the verbs of a retailer, with `lines` without the tables kept for speed."""
    return Asker(opened(home, lines=lines), period)


@cache
def reads(home: Path, name: str, period: str) -> dict[str, Any]:
    """Return what a verb reads: columns and months of the lines, and whether kept tables too."""
    spied: dict[str, Reads] = {}
    for lines in (False, True):
        asker = asker_of(home, period, lines=lines)
        arguments = asker.arguments(VERBS[name])
        with ANSWERS.paused():
            VERBS[name](_spying(asker.shop, spied), **arguments)
        if not lines:
            kept = sorted({*spied} & {*MARTS})
            spied = {}
    read = spied.get("lines", {"columns": set(), "months": set()})
    return {"kept": kept} | {what: sorted(found) for what, found in read.items()}


def _spying(shop: Shop, spied: dict[str, Reads]) -> Shop:
    """Return the shop with tables of receipts that note which of their columns are read."""
    tables = {}
    for name, table in shop.tables.items():
        whole = table.to_native()
        dated = "month" in whole.collect_schema().names()
        tables[name] = _noted(whole, name, spied) if dated else whole
    return shop.on(lambda name, _: tables[name])


def _noted(whole: pl.LazyFrame, name: str, spied: dict[str, Reads]) -> pl.LazyFrame:
    def source(
        columns: list[str] | None, predicate: pl.Expr | None, rows: int | None, batch: int | None
    ) -> Iterator[pl.DataFrame]:
        del batch
        every = whole.collect_schema().names()
        asked = whole.select(columns or every)
        some = asked if predicate is None else asked.filter(predicate)
        found = (some if rows is None else some.head(rows)).collect()
        read = spied.setdefault(name, {"columns": set(), "months": set()})
        read["columns"] |= {*(columns or every)} - {"month"}
        if "month" in found.columns:
            read["months"] |= {*found["month"].unique()}
        yield found

    return register_io_source(source, schema=whole.collect_schema())


def scan(shop: Shop, columns: list[str], months: list[int]) -> pl.DataFrame:
    """Read columns of the lines of some months: the least that a verb that needs them can do."""
    lines: pl.LazyFrame = shop.tables["lines"].to_native()
    return lines.filter(pl.col("month").is_in(months)).select(pl.col(columns).max()).collect()


def measured(
    name: str, millions: float, given: argparse.Namespace, scans: dict[str, Any]
) -> dict[str, Any]:
    """Ask a verb every way in processes of its own; return the reports by way.

    `scans` holds the reports of scans at this size by what they read; a new one is added.
    """
    read = reads(retailer.made(SMALL, given.folder), name, given.period)
    child = [sys.executable, __file__, millions, "--verbs", name, "--child"]
    child += ["--folder", given.folder.resolve(), "--period", given.period]
    child += ["--repeats", given.repeats]
    found = {"marts": [timing.run(child, limit=given.limit)]}
    apart = [*child, *OURS["lines"]]
    found["lines"] = [timing.run(apart, limit=given.limit)] if read["kept"] else found["marts"]
    if read["columns"]:
        asked = json.dumps({what: read[what] for what in ("columns", "months")})
        scans[asked] = scans.get(asked) or [timing.run([*child, "--scan", asked])]
        found["scan"] = scans[asked]
    return found


def main(given: argparse.Namespace) -> None:
    """Ask some or all verbs and write the page, or one of them in this process."""
    if given.child:
        _child(retailer.made(given.millions[0], given.folder), given)
        return
    figures = json.loads(given.out.read_text("utf-8"))
    for millions in given.millions:
        retailer.made(millions, given.folder)
        size = figures.setdefault("sizes", {}).setdefault(f"{millions:g}", {})
        every = size.setdefault("every", {"verbs": {}})
        every |= {"limit": given.limit, "period": given.period}
        scans: dict[str, Any] = {}
        for name in given.verbs or VERBS:
            every["verbs"][name] = measured(name, millions, given, scans)
            print(line(name, every["verbs"][name]), flush=True)
            given.out.write_text(json.dumps(figures, indent=1), "utf-8")
    page.write(figures, given.out)


def _child(home: Path, given: argparse.Namespace) -> None:
    os.environ["WORKBENCH_HOME"] = str(home)
    asker = asker_of(home, given.period, lines=given.lines)
    verb = VERBS[given.verbs[0]]
    read = json.loads(given.scan) if given.scan else {}
    arguments = {} if read else asker.arguments(verb)

    def call(_: int) -> Any:
        forget()
        if read:
            return scan(asker.shop, read["columns"], read["months"])
        return verb(asker.shop, **arguments)

    timing.report(call, given.repeats)


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    asked.add_argument("millions", type=float, nargs="+")
    asked.add_argument("--verbs", nargs="*", choices=VERBS)
    asked.add_argument("--period", default=PERIOD)
    asked.add_argument("--limit", type=int, default=2048, help="MiB that a verb may hold")
    asked.add_argument("--repeats", type=int, default=3, help="warm calls in each process")
    asked.add_argument("--lines", action="store_true", help=argparse.SUPPRESS)
    asked.add_argument("--folder", type=Path, default=retailer.FOLDER)
    asked.add_argument("--out", type=Path, default=HERE.parents[1] / "docs" / "benchmarks.json")
    asked.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    asked.add_argument("--scan", default="", help=argparse.SUPPRESS)
    main(asked.parse_args())
