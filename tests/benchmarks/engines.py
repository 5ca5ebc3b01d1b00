"""The same verbs on every engine: seconds of Polars, and how many times as long others take.

`python tests/benchmarks/engines.py HOME` asks each verb of the retailer in HOME twice, and prints
the seconds of the first and of the second call, and the CPU seconds of the second: this process'
and the engine's own. Each engine is measured in a process of its own.
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import psutil

from workbench.data import Shop, open_shop
from workbench.data.answers import ANSWERS
from workbench.data.engines import ENGINE
from workbench.measures import pairs, profile, weigh
from workbench.segments import rfm, wallet

HALF, QUARTER = "last 26 weeks", "last 13 weeks"
AGAIN = 1
VERBS: dict[str, Callable[[Shop, pl.DataFrame], Any]] = {
    "rfm": lambda shop, _: rfm.label(shop, HALF),
    "weigh": lambda shop, labels: weigh(shop, HALF, labels),
    "profile": lambda shop, labels: profile(shop, HALF, labels),
    "wallet": lambda shop, _: wallet.label(shop, HALF),
    "pairs": lambda shop, _: pairs(shop, QUARTER),
}


def cpu() -> float:
    """Return the CPU seconds of this process and of what it started."""
    ours = psutil.Process()
    return sum(sum(each.cpu_times()[:2]) for each in [ours, *ours.children(recursive=True)])


def measure(home: Path) -> None:
    """Print a line per verb on the engine of the environment: first and second call, CPU."""
    began = time.perf_counter()
    shop = open_shop(home)
    labels = rfm.label(shop, HALF)
    print("opening", f"{time.perf_counter() - began:.2f} 0 {cpu():.2f}", flush=True)
    for name, ask in VERBS.items():
        took = []
        for _ in range(2):
            ANSWERS.forget()
            start, used = time.perf_counter(), cpu()
            ask(shop, labels)
            took.append((time.perf_counter() - start, cpu() - used))
        (first, _), (second, spent) = took
        print(name, f"{first:.2f} {second:.2f} {spent:.2f}", flush=True)


def main() -> None:
    """Measure the engines one after the other, and print one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("home", type=Path)
    parser.add_argument("--engines", nargs="*", default=["polars", "duckdb", "spark"])
    parser.add_argument("--one", action="store_true", help="the engine of the environment only")
    asked = parser.parse_args()
    if asked.one:
        measure(asked.home)
        return
    print("seconds of the first call, of the second, CPU of the second")
    for engine in asked.engines:
        print(f"\n{engine}", flush=True)
        command = [sys.executable, __file__, str(asked.home), "--one"]
        subprocess.run(command, env={**os.environ, ENGINE: engine}, check=True)


if __name__ == "__main__":
    main()
