"""Sharing: what is hidden, and that no sequence of packs tells of too few by subtraction."""

import datetime as dt
from collections.abc import Iterable
from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray
from shops import HEADER, deliver

from workbench.data import Shop, open_shop
from workbench.data.period import Period
from workbench.door import corner
from workbench.measures.assortment.sharing import (
    ALL,
    Edge,
    NotShareable,
    bought,
    hidden,
    judged,
    refuse,
    safe,
    share,
    shared,
    told,
)
from workbench.measures.assortment.supplier import Pack, say_supplier, say_terms, supplier_pack

MAKERS = {"a1": "A", "a2": "A", "a3": "A", "a4": "A", "a5": "A", "b1": "B", "c1": "C", "d1": "D"}
ODDS = [0.35, 0.22, 0.02, 0.006, 0.004, 0.14, 0.13, 0.13]
STARTS = [dt.date(2026, 1, day) for day in (5, 6, 12)] + [dt.date(2026, 2, 2)]
LASTS = [dt.date(2026, 2, day) for day in (1, 26, 27)] + [dt.date(2026, 3, 1)]
DAY = dt.timedelta(days=1)
Row = NDArray[np.float64]


def open_shelf(home: Path, sales: list[tuple[int, int, str, int]]) -> Shop:
    """Return the shop of sales of one category: household, day from 5 January on, item, cents."""
    rows = [HEADER]
    for number, (who, day, item, cents) in enumerate(sales, start=1):
        time = f"{STARTS[0] + day * DAY} 12:00:00"
        rows.append(f"{number},{who or ''},{item},N,{time},1,{cents / 100:.2f},0.00")
    goods = [f"{item},Drinks,Soda,{maker}" for item, maker in MAKERS.items()]
    catalogue = "\n".join(["item,group,shelf,maker", *goods, ""])
    mapping = corner.MAPPING.replace("category: shelf}", "category: shelf, maker: maker}")
    deliver(home, receipts="\n".join([*rows, ""]), mapping=mapping, catalogue=catalogue)
    return open_shop(home)


@pytest.fixture(scope="module", name="home")
def made_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a home with 60 households that bought 3,000 times, on the last of 56 days 8 times."""
    home = tmp_path_factory.mktemp("shelf")
    draw = np.random.default_rng(4)
    items = draw.choice(list(MAKERS), 3000, p=ODDS)
    figures = [draw.integers(low, high, 3000) for low, high in ((1, 61), (0, 55), (100, 900))]
    figures[1][:8] = 55
    open_shelf(home, [(int(w), int(d), str(i), int(c)) for w, d, c, i in zip(*figures, items)])  # noqa: B905
    return home


def parts(*rows: tuple[str, int | None, int]) -> pl.DataFrame:
    """Return rows of cell, customer_id and sales."""
    return pl.DataFrame(rows, ["cell", "customer_id", "sales"], orient="row")


def test_a_cell_needs_households_none_of_which_stands_above_all() -> None:
    """Two of the same amount are safe where two are allowed; no card is no household."""
    found = judged(
        parts(
            *(("even", 1, 50), ("even", 2, 50)),
            *(("one above", 1, 51), ("one above", 2, 49)),
            *(("few", 1, 50), ("few", None, 50)),
            *(("brought back", 1, 50), ("brought back", 2, 50), ("brought back", 2, -50)),
        ),
        "cell",
        2,
    )
    assert found.rows() == [
        ("brought back", 50, 1, False),
        ("even", 100, 2, True),
        ("few", 100, 1, False),
        ("one above", 100, 2, False),
    ]


def test_a_second_cell_is_hidden_where_one_alone_could_be_subtracted() -> None:
    """The smallest safe one joins the one that is not, until their sum is safe."""
    large = [("large", who, 10) for who in range(9)]
    small = [("small", who, 10) for who in range(5)]
    assert hidden(parts(*large, *small), "cell", 3) == []
    assert hidden(parts(*large, *small, ("tiny", 1, 1)), "cell", 3) == ["small", "tiny"]
    assert hidden(parts(*large, ("tiny", 1, 1)), "cell", 3) == ["large", "tiny"]
    assert safe(parts(), 3)


def test_days_told_by_subtraction_lie_between_ends_that_sums_share() -> None:
    """The sums of days 1-5, 1-7 and 5-9 tell 5-7; one of 20-30 tells nothing more."""
    first, five, seven, nine, *apart = (dt.date(2026, 1, day) for day in (1, 5, 7, 9, 20, 30))
    edges = [(first, five), (first, seven), (five, nine), (apart[0], apart[1])]
    assert told(edges, (first, seven)) == [(first, five), (five, seven), (seven, nine)]


def pack_of(home: Path, window: Period) -> Pack:
    """Return the pack of maker A for some days."""
    return supplier_pack(open_shop(home), window, "Soda", "A", home=home)


def test_a_pack_holds_the_supplier_and_rounded_totals(home: Path, tmp_path: Path) -> None:
    """Nothing of other makers by name; hidden products are dashes in order of their names."""
    pack = supplier_pack(open_shop(home), "last 8 weeks", "Soda", "A", home=tmp_path)
    assert pack.totals["party"].to_list() == ["Supplier", "The rest", "Category"]
    assert pack.totals["households"].to_list() == [60, 60, 60]
    assert all(float(amount) % 10 == 0 for amount in pack.totals["sales"])
    assert set(pack.products["product"]) == {"a1", "a2", "a3", "a4", "a5"}
    assert pack.months["supplier_sales"].null_count() == 3  # one day of March tells too much
    assert pack.products.filter(pl.col("sales").is_null())["product"].to_list() == ["a4", "a5"]
    assert set(pack.totals["recipient"]) == {"Maker A"}
    assert set(pack.totals["valid_until"]) == {dt.date(2026, 5, 30)}
    assert say_supplier(pack).startswith("Maker A makes 60% of the sales of Soda")
    assert "Draft: not to be passed on" in say_terms(pack)


def test_the_ledger_refuses_what_differs_by_too_few(home: Path, tmp_path: Path) -> None:
    """The same pack may be shared again; one of a day less would tell of that day."""
    shop = open_shop(home)
    whole = supplier_pack(shop, "last 8 weeks", "Soda", "A", home=tmp_path)
    offer = share(shop, whole.claim, "Anna", whole.valid_until, home=tmp_path)
    assert shared(tmp_path).is_empty()
    assert offer.do() == "Entered: shared with Anna"
    assert offer.do() == "Anna has this pack already"
    again = supplier_pack(shop, "last 8 weeks", "Soda", "A", recipient="Anna", home=tmp_path)
    assert "Entered in the ledger" in say_terms(again)
    with pytest.raises(NotShareable, match="2026-03-01 to 2026-03-01 by subtraction"):
        supplier_pack(shop, "2026-01-05/2026-02-28", "Soda", "A", home=tmp_path)
    with pytest.raises(NotShareable, match="the category from 2026-03-01"):
        supplier_pack(shop, "2026-01-05/2026-02-28", "Soda", "B", home=tmp_path)


def test_days_that_follow_each_other_may_hide_different_products(
    home: Path, tmp_path: Path
) -> None:
    """They cannot be subtracted; those that overlap both show no products."""
    shop = open_shop(home)
    for days, away in (("2026-01-05/2026-01-11", 4), ("2026-01-12/2026-02-27", 2)):
        pack = supplier_pack(shop, days, "Soda", "A", home=tmp_path)
        assert len(pack.claim.hidden) == away
        share(shop, pack.claim, "Anna", pack.valid_until, home=tmp_path).do()
    whole = supplier_pack(shop, "2026-01-05/2026-02-27", "Soda", "A", home=tmp_path)
    assert whole.claim.hidden == ALL
    assert whole.products["sales"].null_count() == 5
    assert "because of the packs shared before, none of its products" in say_supplier(whole)


def test_restated_days_are_not_shared_twice(tmp_path: Path) -> None:
    """A late line of one household would be the difference of two packs of the same days."""
    sales = [(who, day, item, 200) for day, item in enumerate(MAKERS) for who in range(1, 31)]
    sales.append((0, 0, "a1", 200))
    shop = open_shelf(tmp_path / "one", sales)
    pack = supplier_pack(shop, "last 8 weeks", "Soda", "A", home=tmp_path)
    share(shop, pack.claim, "Anna", pack.valid_until, home=tmp_path).do()
    assert shared(tmp_path)["households"].to_list() == [30]
    restated = open_shelf(tmp_path / "two", [*sales, (31, 3, "a1", 900)])
    with pytest.raises(NotShareable, match="were restated"):
        refuse(restated, pack.claim, home=tmp_path)


@pytest.mark.parametrize(
    ("makers", "said"),
    [("ab", "has 1 other makers"), ("a", "fewer than 20"), ("abcd", "competitor has 86%")],
)
def test_a_total_that_tells_of_a_competitor_is_refused(
    tmp_path: Path, makers: str, said: str
) -> None:
    """The rest of a category has to be three makers, none of which is nearly all of it."""
    prices = {"a": 200, "b": 2400, "c": 200, "d": 200}
    sales = [(who, who % 2, f"{maker}1", prices[maker]) for maker in makers for who in range(1, 31)]
    with pytest.raises(NotShareable, match=said):
        supplier_pack(open_shelf(tmp_path, sales), "last 8 weeks", "Soda", "A", home=tmp_path)


def leaks(home: Path, packs: list[Pack]) -> list[tuple[str, ...]]:
    """Return the sums of too few households that subtracting exact packs would tell.

    Unknown is what each product of A, and the rest, sold between any two days on which packs or
    their months begin or end; every figure told is a sum of such unknowns.
    """
    shop = open_shop(home)
    ends = sorted({day for pack in packs for edge in pack.claim.edges for day in edge})
    spans = list(pairwise(ends))
    cells = [name for name, maker in MAKERS.items() if maker == "A"] + ["rest"]
    known = np.array([row for pack in packs for row in figures(pack, cells, spans)])
    _, sizes, rows = np.linalg.svd(known)
    basis = rows[: int((sizes > 1e-9).sum())]
    item = pl.when(pl.col("maker") == "A").then("product").otherwise(pl.lit("rest"))
    sold = [
        bought(shop, "Soda", Period(a, b - DAY)).with_columns(item.alias("product"))
        for a, b in spans
    ]
    found = []
    for first, end in combinations(range(len(ends)), 2):
        days = pl.concat(sold[first:end])
        for size in range(1, len(cells) + 1):
            for names in combinations(cells, size):
                if not safe(days.filter(pl.col("product").is_in(names))):
                    target = row_of(names, range(first, end), cells, spans)
                    if np.allclose(basis.T @ (basis @ target), target, atol=1e-7):
                        found.append((*names, str(ends[first]), str(ends[end])))
    return found


def figures(pack: Pack, cells: list[str], spans: list[Edge]) -> list[Row]:
    """Return what a pack tells, each figure as a row over the unknowns."""
    claim = pack.claim
    own = [name for name in cells if name != "rest"]
    told = [(names, edge) for names in (own, ["rest"]) for edge in [*claim.edges, claim.whole]]
    shown = [] if claim.hidden == ALL else [name for name in own if name not in claim.hidden]
    told += [([name], claim.whole) for name in shown]
    return [row_of(names, within(edge, spans), cells, spans) for names, edge in told]


def within(edge: Edge, spans: list[Edge]) -> list[int]:
    """Return the places of the spans that lie within an edge."""
    return [n for n, (first, end) in enumerate(spans) if edge[0] <= first and end <= edge[1]]


def row_of(names: Iterable[str], places: Iterable[int], cells: list[str], spans: list[Edge]) -> Row:
    """Return the sum of some cells over some spans as a row over the unknowns."""
    chosen = np.zeros((len(cells), len(spans)))
    chosen[np.ix_([cells.index(name) for name in names], list(places))] = 1
    return chosen.ravel()


def test_no_sequence_of_packs_leaks_by_differencing(home: Path) -> None:
    """Sixteen packs that begin and end days apart are asked for; those let out tell of nobody."""
    windows = [Period(first, last) for first in STARTS for last in LASTS if first < last]
    asked = [windows[place] for place in np.random.default_rng(1).permutation(len(windows))]
    unchecked = [pack_of(home, window) for window in asked]
    let_out = []
    for window in asked:
        try:
            pack = pack_of(home, window)
            share(open_shop(home), pack.claim, "Anna", pack.valid_until, home=home).do()
        except NotShareable:
            continue
        let_out.append(pack)
    assert 2 <= len(let_out) < len(asked)
    assert leaks(home, unchecked[:4])
    assert leaks(home, let_out) == []
