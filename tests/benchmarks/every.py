"""Whether every question that there is can be answered under a limit of memory.

`python tests/benchmarks/every.py HOME` asks each verb found on disk once, in a process of its own
that may hold `--limit` MiB, and prints its seconds and the peak of memory. What a verb demands
beside the retailer and the period is found before, in the same process.
"""

import argparse
import sys
from pathlib import Path
from typing import Any

import timing

sys.path.append(str(Path(__file__).parents[1]))
from asked import VERBS, Asker

from workbench.data import open_shop

PERIOD = "last 26 weeks"  # the most that has as much before it in a year of receipts


def measured(home: Path, name: str, *, period: str = PERIOD, limit: int = 0) -> dict[str, Any]:
    """Ask a verb in a process of its own; return its report."""
    asked = [sys.executable, __file__, home, name, "--period", period, "--child"]
    return timing.run(asked, limit=limit)


def main(given: argparse.Namespace) -> None:
    """Ask some or all verbs, or one of them in this process."""
    if given.child:
        asker = Asker(open_shop(given.home, accept=()), given.period)
        verb = VERBS[given.verbs[0]]
        arguments = asker.arguments(verb)
        timing.report(lambda _: verb(asker.shop, **arguments), 0)
        return
    for name in given.verbs or VERBS:
        found = measured(given.home, name, period=given.period, limit=given.limit)
        told = found.get("error") or f"{found['cold'][0]:6.1f} s {found['mib']:6,.0f} MiB"
        print(f"{name:24} {told}", flush=True)


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    asked.add_argument("home", type=Path)
    asked.add_argument("verbs", nargs="*", help=", ".join(VERBS))
    asked.add_argument("--period", default=PERIOD)
    asked.add_argument("--limit", type=int, default=0, help="MiB of memory that a verb may hold")
    asked.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    main(asked.parse_args())
