"""The same questions as an analyst writes them in pandas, reading only what they need."""

import argparse
from pathlib import Path

import pandas_customers
import pandas_goods
import pandas_segments
import timing

VERBS = pandas_segments.VERBS | pandas_customers.VERBS | pandas_goods.VERBS


if __name__ == "__main__":
    asked = argparse.ArgumentParser()
    asked.add_argument("home", type=Path)
    asked.add_argument("verb", choices=VERBS)
    asked.add_argument("--repeats", type=int, default=0)
    asked.add_argument("--result", default="")
    given = asked.parse_args()
    timing.report(lambda _: VERBS[given.verb](given.home), given.repeats, given.result)
