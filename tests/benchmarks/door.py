"""How fast the door is, and how much memory it needs, against a plain scan of the same file.

`make bench` runs it; `python tests/benchmarks/door.py 0.1 1 10` takes other sizes, in gigabytes.
Each way runs in a process of its own, in turn, on the same file: receipts made by rule.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import polars as pl

from workbench.door import corner

BYTES_PER_LINE = 79
MAPPING = corner.MAPPING.partition("  products:")[0].replace("last_day: 2026-03-01\n", "")


def receipts(lines: int, path: Path) -> None:
    """Write a year of receipts of eight lines each: half a million cards, 40,000 products."""
    line = pl.col("line")
    receipt = line // 8
    minutes = receipt * 525_000 // max(lines // 8, 1)
    pl.LazyFrame().select(line=pl.int_range(lines)).select(
        receipt=receipt,
        card=(receipt * 7 % 500_000).cast(pl.String).str.zfill(7),
        item=pl.format("SKU-{}", line * 7919 % 40_000),
        shop=receipt % 300,
        time=(pl.datetime(2025, 1, 1) + pl.duration(minutes=minutes)).dt.to_string(
            "%Y-%m-%d %H:%M:%S"
        ),
        quantity=line % 3 + 1,
        amount=1 + (line % 999) / 100,
        card_discount=pl.lit("0.00"),
        text=pl.lit("some text, here"),
    ).sink_csv(path)


def scan(folder: Path) -> None:
    """Read the file as text and write it as Parquet: the least that anything can do."""
    pl.scan_csv(folder / "receipts.csv", infer_schema=False).sink_parquet(folder / "plain.parquet")


def door(folder: Path) -> None:
    """Load the file: read, check, merge, sort, write, examine, seal."""
    from workbench.door.ingest import ingest
    from workbench.door.mapping import Mapping

    path = folder / "mapping.yaml"
    path.write_text(MAPPING, encoding="utf-8")
    ingest([folder], Mapping.read(path), folder / "home", progress=str)


WAYS = {"scan": scan, "door": door}


def measured(way: str, folder: Path) -> dict[str, float]:
    """Run a way in a process of its own: seconds, CPU seconds, peak gigabytes."""
    call = [sys.executable, __file__, way, str(folder)]
    answer = subprocess.run(call, check=True, capture_output=True, text=True)
    return dict(json.loads(answer.stdout))


def main(sizes: list[float]) -> None:
    """Print a line per size: seconds, CPU, peak memory of both ways, and the door's ratios."""
    for size in sizes:
        lines = int(size * 1e9 / BYTES_PER_LINE)
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            receipts(lines, folder / "receipts.csv")
            plain, whole = (measured(way, folder) for way in WAYS)
        told = {"size": f"{size:g} GB", "lines": lines}
        for way, found in (("scan", plain), ("door", whole)):
            told |= {f"{way} {name}": round(value, 2) for name, value in found.items()}
        told["lines/s"] = round(lines / whole["seconds"])
        told |= {f"{name} ratio": round(whole[name] / plain[name], 1) for name in ("cpu", "peak")}
        print(json.dumps(told))


if __name__ == "__main__":
    if sys.argv[1:2] and sys.argv[1] in WAYS:
        began = time.perf_counter()
        WAYS[sys.argv[1]](Path(sys.argv[2]))
        usage = resource.getrusage(resource.RUSAGE_SELF)
        seconds = {"seconds": time.perf_counter() - began, "cpu": time.process_time()}
        print(json.dumps(seconds | {"peak": usage.ru_maxrss / 1e6}))
    else:
        main([float(size) for size in sys.argv[1:]] or [0.1, 1])
