"""Every check of the passport: green in a plain shop, and counted exactly in an odd one."""

import datetime as dt
from pathlib import Path

import polars as pl
import pytest
from plain import FIRST, MAPPING, Delivery, item, line, sold, weeks

from workbench.data.checks.named import NAMED
from workbench.data.checks.tables import of_findings

PLAIN = Delivery()
Counts = dict[str, tuple[int, int]]

AMOUNTS = PLAIN.sells(
    line("zero pieces", 40, quantity="0", sales="1.00", time="20:01"),
    line("zero money", 40, sales="0.00", time="20:02"),
    line("back", 40, quantity="-1", sales="-2.00", time="20:03"),
    line("back before", 1, card="40", quantity="-1", sales="-2.00", time="20:04"),
    line("signs", 40, quantity="-1", time="20:05"),
    line("free", 40, sales="1.00", coupon="1.50", time="20:06"),
    line("surcharge", 40, loyalty="-0.50", time="20:07"),
    line("dear", 40, sales="50.00", time="20:08"),
    line("loss", 40, sales="1.00", loyalty="2.00", time="20:09"),
    line("cash", 40, card="", time="20:10"),
    line("midnight", 40, time="00:00"),
)
LONG = [line("long", 50, product=item(n), time="20:01") for n in range(30)]
RECEIPTS = PLAIN.sells(
    sold(3, 4).replace("3-4", "again"),
    line("wholesale", 50, card="", quantity="2500", sales="5000.00"),
    *LONG,
    *[line(f"at {store}", 50, card="5", store=store) for store in "NSTU"],
    line("once", 50, card="77"),
)
CARDS = PLAIN.sells(
    *[line(f"card {n}", 50, card=str(n)) for n in range(100, 161)],
    line("staff", 50, card="9", quantity="10000", sales="20000.00"),
)
UNSOLD = [f"z{n},Never sold,Food,Shelf 1,no,yes" for n in range(150)]
PRODUCTS = (
    PLAIN.adds("products", "y1,Item y,Food,,,yes", "f1,Fuel,Fuel,Fuel,no,no", *UNSOLD)
    .adds("products", "i000,Item 0 again,Food,Shelf 0,no,yes")
    .adds("costs", "y1,0.5,declared")
    .sells(
        line("unknown", 40, product="x1", time="20:01"),
        line("bare", 40, product="y1", time="20:02"),
        line("fuel", 40, product="f1", quantity="280", sales="3.00", time="20:03"),
    )
)
CAMPAIGNS = (
    PLAIN.adds("campaigns", "8,2026-02-24,2026-03-02")
    .adds("coupons", "8,C1,i000", "7,C1,i000", "7,C1,i001", "7,C2,i002")
    .adds("redemptions", "7,C1,2,2026-01-14")
    .adds("promotions", f"i000,N,{FIRST},2", f"x1,N,{FIRST},1")
    .has("stock", *[f"i000,N,{week},5" for week in weeks(7)])
)
DAYS = PLAIN.without_days(*range(10, 17)).without_days(30, receipts=5)
THIN = PLAIN.without_days(*range(14), *range(49, 56), receipts=8)
ASTRAY = PLAIN.sells(line("astray", dt.date(1970, 1, 1), card=""))
CUT = Delivery(mapping=MAPPING.replace("2026-03-01", "2026-02-27"))
STORES = PLAIN.adds(
    "stores",
    "C,store,East,Plain shop,CHF",
    "W,web,,Plain shop,EUR",
    "O,store,Old,Plain shop,EUR",
).sells(
    *[line(f"francs {n}", 50, store="C", time=f"20:0{n}") for n in range(3)],
    *[line(f"web {n}", 50, store="W", time=f"21:0{n}") for n in range(2)],
    *[line(f"old {n}", 20, store="O", time=f"21:0{n}") for n in range(4)],
)
ONCE = Delivery(mapping=MAPPING.replace("reject: 0.5", "reject: 0.5\n    repeated: once"))
UNREAD = ONCE.sells(line("bad", 40, sales="two"), sold(3, 4)).adds("costs", "i000,much,recorded")

ODD: dict[str, tuple[Delivery, Counts]] = {
    "amounts": (
        AMOUNTS,
        {
            "quantity zero": (1, 1131),
            "sales zero": (1, 1131),
            "negative sales": (2, 1131),
            "receipts that only bring back": (3, 1131),
            "returns without a purchase": (1, 2),
            "wrong signs": (1, 1131),
            "free goods": (1, 1131),
            "discounts with the wrong sign": (1, 1131),
            "extreme prices": (1, 1126),
            "sold below cost": (1, 1131),
            "no card": (1, 1131),
            "no time of day": (1, 1131),
            "early customers": (11, 40),
        },
    ),
    "receipts": (
        RECEIPTS,
        {
            "receipts delivered twice": (1, 1128),
            "extreme receipts": (5000, 2240 + 2 + 5000 + 60 + 8 + 2),
            "very long receipts": (1, 1128),
            "cards in many stores": (1, 821),
            "customers seen on one day": (1, 41),
            "customers without details": (1, 41),
            "customers without consent": (1, 41),
        },
    ),
    "cards": (CARDS, {"shared cards": (20_146, 22_362)}),
    "products": (
        PRODUCTS,
        {
            "unknown products": (1, 1123),
            "products without a category": (1, 1123),
            "products never sold": (150, 253),
            "products of one description": (150, 253),
            "own label unknown": (2, 104),
            "units that are not merchandise": (280, 1402),
            "sales without a cost": (2, 1123),
            "declared costs": (1, 102),
            "ids delivered twice": (1, 297),
        },
    ),
    "campaigns": (
        CAMPAIGNS,
        {
            "campaigns cut off": (1, 2),
            "coupons merged": (1, 5),
            "coupons of several campaigns": (1, 2),
            "widest coupon": (2, 102),
            "redemptions without an address": (1, 2),
            "promotions merged": (1, 3),
            "promotions of unknown products": (1, 2),
            "stock weeks missing": (1, 8),
        },
    ),
    "days": (
        DAYS,
        {
            "days without a receipt": (7, 56),
            "days in a long gap": (7, 56),
            "half days": (1, 56),
            "store days missing": (14, 112),
        },
    ),
    "thin weeks": (THIN, {"thin first weeks": (14, 56), "thin last weeks": (7, 56)}),
    "cut off": (
        CUT,
        {"lines after the last day": (40, 1120), "days in a part of a week": (5, 54)},
    ),
    "astray": (ASTRAY, {"lines before the first day": (1, 1121)}),
    "stores": (
        STORES,
        {
            "other retailers or currencies": (3, 1129),
            "several channels": (2, 1126),
            "stores that fell silent": (8, 2252),
        },
    ),
    "no products": (PLAIN.has("products"), {"no categories": (1120, 1120)}),
    "unreadable": (
        UNREAD,
        {
            "quarantined receipt lines": (1, 1122),
            "quarantined rows of other tables": (1, 298),
            "lines alike in every column": (1, 1122),
        },
    ),
}
OF_ANOTHER_LOAD = {
    ("lines", "days restated", 3, 56): ("restated days", 3, 56),
    ("lines", "rows on another day by the shops' clock", 4, 15): ("days by another clock", 4, 15),
    ("stores", "columns not mapped", 5, 8): ("columns not mapped", 5, 8),
}
COUNTED = [(shop, check) for shop, (_, counts) in ODD.items() for check in counts]


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, pl.DataFrame]:
    """The passports asked for so far, by the shop's name."""
    return {"": PLAIN.load(tmp_path_factory.mktemp("plain"))}


def found(passport: pl.DataFrame, check: str) -> tuple[int, int, str]:
    """Return the count, what it is out of, and the status of a check."""
    return passport.filter(check=check).select("count", "out_of", "status").row(0)


def test_a_plain_shop_is_green(homes: dict[str, pl.DataFrame]) -> None:
    """Nothing is noted where nothing is odd: no check cries wolf."""
    noted = homes[""].filter(pl.col("status") != "green")
    assert noted.select("check", "count").rows() == []
    assert homes[""].height >= 50


@pytest.mark.parametrize(("shop", "check"), COUNTED, ids=[check for _, check in COUNTED])
def test_what_is_odd_is_counted_to_the_piece(
    homes: dict[str, pl.DataFrame], tmp_path: Path, shop: str, check: str
) -> None:
    """A check counts what was put there, out of what there is, and no longer calls it nothing."""
    delivery, counts = ODD[shop]
    if shop not in homes:
        homes[shop] = delivery.load(tmp_path)
    count, out_of, _ = found(homes[shop], check)
    assert (count, out_of) == counts[check]
    if check in homes[""]["check"]:
        assert found(homes[""], check)[0] < count


@pytest.mark.parametrize(("finding", "check"), OF_ANOTHER_LOAD.items())
def test_a_finding_of_the_door_is_told_as_it_is(
    finding: tuple[str, str, int, int], check: tuple[str, int, int]
) -> None:
    """What only the loading could see reaches the passport with its examples."""
    columns = ["table", "finding", "rows", "of_rows", "examples"]
    told = of_findings(pl.DataFrame([(*finding, "such")], schema=columns, orient="row"))
    name, count, out_of = check
    assert (told[name].count, told[name].out_of) == (count, out_of)
    assert "such" in told[name].examples


def test_no_check_is_without_a_test() -> None:
    """Whoever adds a check shows once that it counts; stand-ins are counted in the corner shop."""
    counted = {check for _, check in COUNTED} | {name for name, *_ in OF_ANOTHER_LOAD.values()}
    assert counted | {"declared tables"} == set(NAMED)


@pytest.mark.parametrize(
    ("shop", "check", "examples"),
    [
        ("products", "unknown products", "x1 (1)"),
        ("amounts", "extreme prices", "i000 (1)"),
        ("stores", "other retailers or currencies", "1 store of Plain shop in CHF"),
        ("stores", "stores that fell silent", "O"),
        ("receipts", "cards in many stores", "24 Feb 2026 (1)"),
        ("cards", "shared cards", "1 cards"),
        ("campaigns", "campaigns cut off", "8"),
        ("days", "half days", "4 Feb 2026"),
        (
            "days",
            "days in a long gap",
            "21 Jan 2026, 20 Jan 2026, 19 Jan 2026, 18 Jan 2026, 17 Jan 2026 ...",
        ),
    ],
)
def test_examples_say_where_to_look(
    homes: dict[str, pl.DataFrame], tmp_path: Path, shop: str, check: str, examples: str
) -> None:
    """Products, stores and days are named, at most five; cards are only counted."""
    if shop not in homes:
        homes[shop] = ODD[shop][0].load(tmp_path)
    assert homes[shop].filter(check=check)["examples"].item() == examples


def test_a_silent_year_of_a_small_shop_is_no_fault(tmp_path: Path) -> None:
    """With a receipt or two a day, a week without one says nothing of the delivery."""
    quiet = PLAIN.without_days(*range(56), receipts=1).without_days(*range(10, 20))
    passport = quiet.load(tmp_path)
    assert passport.filter(check="days in a long gap").is_empty()
    assert found(passport, "days without a receipt")[:2] == (10, 56)


def test_without_a_time_of_day_nothing_is_taken_for_a_second_delivery(tmp_path: Path) -> None:
    """Two equal purchases of a day are no copy of each other where receipts tell no time."""
    twice = [line(f"{n} a", n % 56, time="12:00") for n in range(200)]
    passport = Delivery(days={0: twice}).load(tmp_path)
    assert passport.filter(check="receipts delivered twice").is_empty()
