"""The questions to the receipt lines that are measured: calls, and the columns they have to read.

`python tests/benchmarks/verbs.py HOME rfm worth --rounds 3` measures some or all of them on the
retailer in HOME, each in a process of its own, in turn with a scan of just its columns, and
prints CPU seconds, the ratio to the scan, seconds and the peak of memory. `--lines` takes away
the tables that are kept for speed, so that everything is counted from the receipt lines.
"""

import argparse
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import cycle
from pathlib import Path
from typing import Any

import polars as pl
import timing
from figures import line

from workbench import measures
from workbench.campaigns.results import design, uplift
from workbench.data import Shop, open_shop
from workbench.data.activity import customer_days
from workbench.data.answers import ANSWERS
from workbench.door import receipts
from workbench.measures.assortment import (
    diagnosis,
    distribution,
    item_distribution,
    key_items,
    prices,
    range_items,
    scorecard,
)
from workbench.measures.assortment.transfer import TRANSFER
from workbench.measures.crossing import crossing
from workbench.measures.customers.habits import came, habits, visits
from workbench.measures.customers.purchases import purchases
from workbench.segments import (
    basket_variation,
    big_spenders,
    cross,
    frequency_cohort,
    frequency_variation,
    lifecycle,
    never_buy,
    rfm,
    switching,
    value,
    wallet,
)
from workbench.segments._forecast import summary

YEAR, HALF, QUARTER = "2017-01-01/2017-12-31", "2017-07-03/2017-12-31", "2017-10-02/2017-12-31"
CATEGORY, OTHER, BRAND, CAMPAIGN = "SOFT DRINKS", "BAG SNACKS", "Own label", "18"
AWAY, TOPS = 28, "1/19/30/50"
BANDS = cycle(range(3, 10))
CARE = " customer_id day new_basket sales"  # what most questions about customers read
IN_CATEGORY = " basket_id category_id quantity"
OURS = {"scan": ["--scan"], "lines": ["--lines"], "marts": []}
MARTS = tuple(sorted({*receipts.MADE} - {"lines", "baskets"}))


@dataclass(frozen=True)
class Verb:
    """A question: its call on a shop and labels, the columns it has to read, and of which days."""

    call: Callable[[Shop, pl.DataFrame], Any]
    columns: str
    days: str = YEAR

    @property
    def reads(self) -> list[str]:
        """Return the columns of the lines."""
        return self.columns.split()


def _campaign(shop: Shop) -> pl.DataFrame:
    observed = design.run(shop, CAMPAIGN).study(shop)
    return uplift.effects(observed, ["sales", "promoted"])


def _moved(shop: Shop) -> pl.DataFrame:
    """Answer a move of the slider on the page of RFM: the same receipts with other bands."""
    return measures.weigh(shop, YEAR, rfm.label(shop, YEAR, bands=next(BANDS)))


def _headline(shop: Shop) -> pl.DataFrame:
    return measures.headline(shop, measures.compared(shop, HALF))


def _overview(shop: Shop) -> pl.DataFrame:
    return measures.drivers(shop, measures.compared(shop, HALF), _headline(shop))


def _diagnosis(shop: Shop) -> pl.DataFrame:
    return diagnosis.tree(diagnosis.open_case(shop, HALF, category=CATEGORY))


def _habits(shop: Shop) -> pl.DataFrame:
    days = shop.window(QUARTER)
    return habits(visits(shop, days), [days.last], days.days)


def _lapsed(shop: Shop) -> pl.DataFrame:
    """Count customers by days with a visit, and those of them away for longer than four weeks."""
    days = shop.window(QUARTER)
    seen = came(visits(shop, days), [days.last], days.days)
    away = (pl.col("as_of") - pl.col("last_day")).dt.total_days() > AWAY
    return seen.group_by("visit_days").agg(customers=pl.len(), lapsed=away.sum())


def _repeats(shop: Shop) -> pl.DataFrame:
    days = shop.window(YEAR)
    return summary(customer_days(shop, days), days.last)


def _crossing(shop: Shop) -> pl.DataFrame:
    both = (never_buy.label(shop, YEAR, category=name) for name in (CATEGORY, OTHER))
    return crossing(shop, YEAR, cross(*both))


def _distribution(shop: Shop) -> pl.DataFrame:
    stores = shop.tables["stores"].to_native().select("store").collect()
    odd = pl.col("store").cast(pl.Int64) % 2 == 1
    areas = stores.with_columns(segment=pl.when(odd).then(pl.lit("Odd")).otherwise(pl.lit("Even")))
    rates = {"reading": TRANSFER, "share": 0.5, "low_share": 0.4, "high_share": 0.6}
    return distribution.distribution(shop, HALF, CATEGORY, areas, pl.DataFrame(rates)).places


VERBS = {
    "rfm": Verb(lambda shop, _: rfm.label(shop, YEAR), CARE),
    "worth": Verb(
        lambda shop, _: measures.weigh(shop, YEAR, big_spenders.label(shop, YEAR)), CARE + " margin"
    ),
    "weigh": Verb(lambda shop, labels: measures.weigh(shop, YEAR, labels), CARE + " margin"),
    "big spenders": Verb(lambda shop, _: big_spenders.label(shop, YEAR, standard=TOPS), CARE),
    "value": Verb(lambda shop, _: value.label(shop, YEAR), CARE),
    "spend variation": Verb(lambda shop, _: basket_variation.label(shop, HALF), CARE),
    "frequency variation": Verb(lambda shop, _: frequency_variation.label(shop, HALF), CARE),
    "frequency cohort": Verb(lambda shop, _: frequency_cohort.label(shop, YEAR), CARE),
    "cohort": Verb(lambda shop, _: measures.retention(shop, YEAR), "customer_id day new_basket"),
    "never buy": Verb(
        lambda shop, _: never_buy.label(shop, YEAR, category=CATEGORY),
        CARE + IN_CATEGORY,
    ),
    "wallet": Verb(
        lambda shop, _: wallet.label(shop, YEAR, category=CATEGORY),
        CARE + " category_id product_id quantity",
    ),
    "profile": Verb(
        lambda shop, labels: measures.profile(shop, YEAR, labels, by="category"),
        "customer_id day category_id sales quantity",
    ),
    "switching": Verb(
        lambda shop, _: switching.label(shop, HALF, category=CATEGORY, brand=BRAND),
        CARE + " category_id product_id quantity",
    ),
    "gain and loss": Verb(
        lambda shop, _: measures.gain_loss(shop, HALF, category=CATEGORY, brand=BRAND),
        "customer_id day category_id product_id sales",
    ),
    "uplift": Verb(lambda shop, _: _campaign(shop), CARE + " margin product_id category_id"),
    "churn": Verb(
        lambda shop, _: measures.churn(shop, QUARTER).customers, CARE
    ),
    "repeats": Verb(lambda shop, _: _repeats(shop), CARE),
    "lapsed": Verb(lambda shop, _: _lapsed(shop), CARE, QUARTER),
    "habits": Verb(lambda shop, _: _habits(shop), CARE, QUARTER),
    "crossing": Verb(lambda shop, _: _crossing(shop), CARE + IN_CATEGORY + " margin"),
    "pairs": Verb(
        lambda shop, _: measures.pairs(shop, YEAR, level="product", least=100),
        "basket_id day product_id quantity sales loyalty_discount match_discount coupon_discount",
    ),
    "headline": Verb(lambda shop, _: _headline(shop), CARE + " margin"),
    "overview": Verb(lambda shop, _: _overview(shop), CARE + " margin product_id quantity"),
    "times": Verb(
        lambda shop, _: measures.by_hour(shop, YEAR), "customer_id day minute new_basket sales"
    ),
    "purchases": Verb(
        lambda shop, _: purchases(shop, HALF),
        "customer_id day category_id product_id quantity sales", HALF,
    ),
    "diagnosis": Verb(
        lambda shop, _: _diagnosis(shop),
        "customer_id day basket_id store_id category_id product_id quantity sales margin",
    ),
    "scorecards": Verb(
        lambda shop, _: scorecard.scorecards(shop, QUARTER),
        "customer_id day basket_id category_id product_id quantity sales margin loyalty_discount "
        "match_discount coupon_discount", HALF,
    ),
    "loyalty": Verb(
        lambda shop, labels: measures.loyalty(shop, YEAR, labels["customer_id"].head(1000)),
        CARE + " margin loyalty_discount match_discount coupon_discount",
    ),
    "discounts": Verb(
        lambda shop, labels: measures.discount_depth(shop, YEAR, labels),
        "customer_id day sales quantity loyalty_discount match_discount coupon_discount",
    ),
    "lifecycle": Verb(lambda shop, _: lifecycle.label(shop, QUARTER), CARE),
    "next best": Verb(
        lambda shop, _: measures.next_best(shop, HALF),
        "customer_id day category_id product_id quantity sales", HALF,
    ),
    "range": Verb(
        lambda shop, _: range_items.range_sales(shop, HALF, CATEGORY),
        "customer_id day basket_id store_id category_id product_id quantity sales",
    ),
    "hierarchy": Verb(
        lambda shop, _: measures.hierarchy(shop, HALF, CATEGORY).pairs,
        "customer_id day basket_id category_id product_id quantity sales", HALF,
    ),
    "distribution": Verb(
        lambda shop, _: _distribution(shop),
        "customer_id day basket_id store_id category_id product_id quantity sales",
    ),
    "reach": Verb(
        lambda shop, _: item_distribution.item_distribution(shop, HALF, CATEGORY),
        "day store_id category_id product_id quantity sales", HALF,
    ),
    "prices": Verb(
        lambda shop, _: prices.shelf_prices(shop, YEAR, CATEGORY),
        "day store_id category_id product_id quantity sales loyalty_discount match_discount "
        "coupon_discount",
    ),
    "line classes": Verb(
        lambda shop, _: measures.line_classes(shop),
        "basket_id customer_id product_id new_basket quantity sales margin",
    ),
    "move": Verb(lambda shop, _: _moved(shop), CARE + " margin"),
    "key items": Verb(
        lambda shop, _: key_items.key_items(shop, YEAR), "customer_id day product_id sales quantity"
    ),
}  # fmt: skip


def scan(shop: Shop, verb: Verb) -> pl.DataFrame:
    """Read a verb's columns of the months that it looks at: the least that anything can do."""
    wanted = shop.window(verb.days)
    first, last = (day.year * 100 + day.month for day in (wanted.first, wanted.last))
    lines: pl.LazyFrame = shop.tables["lines"].to_native()
    months = lines.filter(pl.col("month").is_between(first, last))
    return months.select(pl.col(verb.reads).max()).collect()


def opened(home: Path, *, lines: bool) -> Shop:
    """Open a retailer, with `lines` without the tables that are kept for speed."""
    shop = open_shop(home, accept=())
    kept = {name: table for name, table in shop.tables.items() if name not in MARTS}
    return replace(shop, tables=kept) if lines else shop


def quarters(shop: Shop) -> pl.DataFrame:
    """Return labels that cost nothing: four segments by the customer's number."""
    four = pl.Enum(["A", "B", "C", "D"])
    customers = shop.tables["customers"].to_native().select("customer_id").collect()
    place = pl.col("customer_id").cast(pl.Int64) % 4
    return customers.select(
        pl.col("customer_id").cast(pl.Int64), segment=place.replace_strict(dict(enumerate("ABCD")))
    ).cast({"segment": four})


def forget() -> None:
    """Forget the answers that a process keeps, so that a question asked again is answered anew."""
    ANSWERS.forget()


def child(name: str, home: Path, *options: object) -> list[object]:
    """Return the command that measures one verb, or with `--scan` its scan, in a process."""
    return [sys.executable, __file__, home.resolve(), name, "--child", *options]


def _measure(given: argparse.Namespace) -> None:
    os.environ["WORKBENCH_HOME"] = str(given.home)
    verb, shop = VERBS[given.verbs[0]], opened(given.home, lines=given.lines)
    labels = quarters(shop)

    def call(_: int) -> Any:
        if not given.keep:
            forget()
        return scan(shop, verb) if given.scan else verb.call(shop, labels)

    timing.report(call, given.repeats, given.result)


def main() -> None:
    """Measure verbs in turn with their scans, or one of them in this process."""
    asked = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    asked.add_argument("home", type=Path)
    asked.add_argument("verbs", nargs="*", help=", ".join(VERBS))
    asked.add_argument("--rounds", type=int, default=1, help="processes of each, in turn")
    asked.add_argument("--repeats", type=int, default=3, help="warm calls in each process")
    asked.add_argument("--lines", action="store_true", help="without the tables kept for speed")
    asked.add_argument("--limit", type=int, default=0, help="MiB of memory that a verb may hold")
    asked.add_argument("--drop", action="store_true", help="drop the system's cache of files")
    asked.add_argument("--keep", action="store_true", help="keep answers, as an app does")
    asked.add_argument("--scan", action="store_true", help=argparse.SUPPRESS)
    asked.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    asked.add_argument("--result", default="", help=argparse.SUPPRESS)
    given = asked.parse_args()
    if given.child:
        _measure(given)
        return
    kept = ["--keep"] * given.keep
    ways = ["scan", "lines" if given.lines else "marts"]
    for name in given.verbs or VERBS:
        commands = {
            way: (
                child(name, given.home, "--repeats", given.repeats, *kept, *OURS[way]),
                given.limit,
            )
            for way in ways
        }
        print(line(name, timing.in_turn(commands, given.rounds, drop=given.drop)), flush=True)


if __name__ == "__main__":
    main()
