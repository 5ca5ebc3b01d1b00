"""The same verbs on every engine: seconds of Polars, and how many times as long others take.

`python tests/benchmarks/engines.py HOME` asks each verb of the retailer in HOME twice, and prints
the seconds of the first and of the second call, and the CPU seconds of the second: of this process,
and of the engine's own, which a cluster shares. Each engine is measured in a process of its own.
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


def cpu() -> tuple[float, float]:
    """Return the CPU seconds of this process, and of what it started."""
    here = psutil.Process()
    own, *others = (sum(p.cpu_times()[:2]) for p in [here, *here.children(recursive=True)])
    return own, sum(others)


def measure(home: Path) -> None:
    """Print a line per verb on the engine of the environment: first and second call, CPU."""
    began = time.perf_counter()
    shop = open_shop(home)
    labels = rfm.label(shop, HALF)
    print("opening", told(time.perf_counter() - began, 0, *cpu()), flush=True)
    for name, ask in VERBS.items():
        took = []
        for _ in range(2):
            ANSWERS.forget()
            start, used = time.perf_counter(), cpu()
            ask(shop, labels)
            spent = (after - before for before, after in zip(used, cpu(), strict=True))
            took.append((time.perf_counter() - start, *spent))
        print(name, told(took[0][0], *took[1]), flush=True)


def told(*seconds: float) -> str:
    """Return seconds as a line of a table."""
    return " ".join(f"{each:.2f}" for each in seconds)


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
    print("seconds of the first call, of the second; CPU of the second: ours, the engine's own")
    for engine in asked.engines:
        print(f"\n{engine}", flush=True)
        command = [sys.executable, __file__, str(asked.home), "--one"]
        subprocess.run(command, env={**os.environ, ENGINE: engine}, check=True)


if __name__ == "__main__":
    main()
