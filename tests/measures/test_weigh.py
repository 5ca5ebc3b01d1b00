"""The worth of segments: the parts are the whole, and nothing unknown is a zero."""

from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from shops import open_till

from workbench.data import Shop, open_shop
from workbench.door import corner
from workbench.measures import weigh
from workbench.segments import rfm

EIGHT_WEEKS = "last 8 weeks"
GROUPS = pl.Enum(["big", "small"])
NO_COSTS = corner.MAPPING.replace("cost_rates: {default: 0.5, Drinks: 0.75}\n", "")
FOOD_COSTS = corner.MAPPING.replace("{default: 0.5, Drinks: 0.75}", "{Food: 0.5}")
EARLY_CASH = "- 2026-01-05 milk 1.50"


def group(**segment_of: str) -> pl.DataFrame:
    """Return labels: `c1="big"` puts customer 1 into the big ones."""
    rows = [(int(name[1:]), segment) for name, segment in segment_of.items()]
    return pl.DataFrame(rows, {"customer_id": pl.Int64, "segment": GROUPS}, orient="row")


def of(worth: pl.DataFrame, segment: str, *columns: str) -> tuple[object, ...]:
    """Return some figures of one segment."""
    return worth.filter(pl.col("segment") == segment).select(columns).row(0)


def test_the_corner_shops_segments_by_hand(corner_shop: Shop) -> None:
    """Customers, baskets, sales and margin of each segment; what nobody's card bought is last."""
    labels = rfm.label(corner_shop, EIGHT_WEEKS, bands=3)
    worth = weigh(corner_shop, EIGHT_WEEKS, labels)
    euros = Decimal
    assert worth.select("segment", "customers", "baskets", "sales", "margin").rows() == [
        ("Champions", 0, 0, euros("0.00"), euros("0.00")),
        ("Loyal", 1, 4, euros("14.50"), euros("7.00")),
        ("Promising", 0, 0, euros("0.00"), euros("0.00")),
        ("Occasional", 1, 2, euros("29.00"), euros("8.50")),
        ("Needs attention", 0, 0, euros("0.00"), euros("0.00")),
        ("At risk", 0, 0, euros("0.00"), euros("0.00")),
        ("Asleep", 2, 3, euros("14.00"), euros("5.00")),
        ("Unlabelled", 0, 2, euros("3.50"), euros("1.75")),
    ]


def test_rates_are_ratios_of_sums(corner_shop: Shop) -> None:
    """Two customers with 14.50 on four and 29.00 on two receipts."""
    worth = weigh(corner_shop, EIGHT_WEEKS, group(c1="big", c4="big", c2="small", c3="small"))
    rates = ("spend_per_customer", "baskets_per_customer", "basket_value")
    assert of(worth, "big", *rates) == (Decimal("21.75"), 3.0, Decimal("7.25"))


def test_shares_are_of_the_whole_and_sum_to_one(corner_shop: Shop) -> None:
    """14.50 and 29.00 of 61.00 are the big ones' share; all shares together are 1."""
    worth = weigh(corner_shop, EIGHT_WEEKS, group(c1="big", c4="big"))
    (sales_share,) = of(worth, "big", "sales_share")
    assert sales_share == pytest.approx(43.5 / 61.0)
    for part in ("customers", "baskets", "sales", "margin"):
        assert worth[f"{part}_share"].sum() == pytest.approx(1, abs=1e-12)


def test_customers_without_a_label_are_unlabelled_with_those_without_a_card(
    corner_shop: Shop,
) -> None:
    """Only customer 4 has a label: three customers and two cash receipts are left over."""
    worth = weigh(corner_shop, EIGHT_WEEKS, group(c4="big"))
    figures = of(worth, "Unlabelled", "customers", "baskets", "sales")
    assert figures == (3, 9, Decimal("32.00"))
    assert worth["segment"].to_list() == ["big", "small", "Unlabelled"]


def test_a_label_that_is_null_is_no_label(corner_shop: Shop) -> None:
    """A customer whose segment is unknown is unlabelled, not lost."""
    labels = group(c1="big", c2="small").with_columns(
        segment=pl.when(pl.col("customer_id") == 1).then("segment")
    )
    worth = weigh(corner_shop, EIGHT_WEEKS, labels)
    assert of(worth, "small", "customers") == (0,)
    assert worth["sales"].sum() == Decimal("61.00")


def test_labels_of_customers_who_stayed_away_count_for_nothing(corner_shop: Shop) -> None:
    """Customer 3 bought in January only; customer 99 does not exist."""
    worth = weigh(corner_shop, "last 4 weeks", group(c3="big", c99="big"))
    assert of(worth, "big", "customers", "baskets", "sales") == (0, 0, Decimal("0.00"))


def test_where_there_is_nothing_to_divide_by_there_is_no_rate(corner_shop: Shop) -> None:
    """Nobody in the segment: no spend per customer, no basket value, which is not zero."""
    worth = weigh(corner_shop, EIGHT_WEEKS, group(c4="big"))
    rates = ("spend_per_customer", "baskets_per_customer", "basket_value")
    assert of(worth, "small", *rates) == (None, None, None)


@pytest.mark.parametrize(
    ("day", "unknown"),
    [
        ("2026-01-07", ["customers_share"]),
        ("2026-01-08", ["customers_share", "baskets_share", "sales_share", "margin_share"]),
    ],
    ids=["cash receipts only", "no receipt"],
)
def test_a_share_of_nothing_is_unknown(corner_shop: Shop, day: str, unknown: list[str]) -> None:
    """On a day without customers or receipts there is no whole to have a share of."""
    worth = weigh(corner_shop, f"{day}/{day}", group(c4="big"))
    shares = worth.select("^.*_share$")
    assert [name for name in shares.columns if shares[name].null_count() == 3] == unknown


def test_what_was_bought_without_a_card_is_not_spread_over_the_unlabelled(tmp_path: Path) -> None:
    """Bob spent 2.00 and cash customers 98.00: he is not shown as a customer of 100.00."""
    sales = ("ann 2026-01-05 bread 5.00", "bob 2026-01-06 bread 2.00", "- 2026-02-03 wine 98.00")
    worth = weigh(open_till(tmp_path, *sales), EIGHT_WEEKS, group(c1="big"))
    assert of(worth, "Unlabelled", "customers", "sales") == (1, Decimal("100.00"))
    spend, visits = of(worth, "Unlabelled", "spend_per_customer", "baskets_per_customer")
    assert spend in (None, Decimal("2.00"))
    assert visits in (None, 1.0)


def test_without_costs_there_is_no_margin(tmp_path: Path) -> None:
    """A shop whose costs are unknown has margins that are unknown, not zero."""
    sales = (EARLY_CASH, "ann 2026-02-03 bread 5.00")
    worth = weigh(open_till(tmp_path, *sales, mapping=NO_COSTS), EIGHT_WEEKS, group(c1="big"))
    assert worth["margin"].to_list() == [None, None, None]
    assert worth["margin_share"].to_list() == [None, None, None]


def test_where_the_cost_of_something_is_unknown_the_margin_is(tmp_path: Path) -> None:
    """Only food has a cost: whoever bought wine has no margin that could be told."""
    sales = (EARLY_CASH, "ann 2026-02-03 bread 5.00", "bob 2026-02-04 wine 8.00")
    shop = open_till(tmp_path, *sales, mapping=FOOD_COSTS)
    worth = weigh(shop, EIGHT_WEEKS, group(c1="big", c2="small"))
    assert worth["margin"].to_list() == [Decimal("2.50"), None, Decimal("0.75")]


def test_a_customer_labelled_twice_is_refused(corner_shop: Shop) -> None:
    """Two labels for one customer would count her sales twice."""
    twice = pl.concat([group(c1="big"), group(c1="small")])
    with pytest.raises(pl.exceptions.ComputeError, match="join keys did not fulfill m:1"):
        weigh(corner_shop, EIGHT_WEEKS, twice)


def test_the_sample_retailers_segments_add_up_to_the_cent(sample_shop: Shop) -> None:
    """Frozen: the whole year is 4,596,039.58 dollars in 155,848 baskets of 2,469 customers."""
    year = "2017-01-01/2017-12-31"
    whole = weigh(sample_shop, year, rfm.label(sample_shop, year)).sum()
    found = whole.select("customers", "baskets", "sales").row(0)
    assert found == (2469, 155848, Decimal("4596039.58"))


def test_the_sample_retailers_champions(sample_shop: Shop) -> None:
    """Frozen: a quarter of the customers make half of the sales of the last 26 weeks."""
    worth = weigh(sample_shop, "last 26 weeks", rfm.label(sample_shop, "last 26 weeks"))
    champions = of(worth, "Champions", "customers", "baskets", "sales", "margin")
    assert champions == (602, 40404, Decimal("1131024.64"), Decimal("173442.23"))
    customers_share, sales_share = of(worth, "Champions", "customers_share", "sales_share")
    assert (customers_share, sales_share) == pytest.approx((0.249482, 0.488997), abs=1e-6)


def test_a_run_on_an_older_edition_weighs_the_older_data(corner_home: Path) -> None:
    """The shop that is opened by its version has that version's worth."""
    worth = weigh(open_shop(corner_home, "v1"), EIGHT_WEEKS, group(c1="big"))
    assert worth["sales"].sum() == Decimal("61.00")
