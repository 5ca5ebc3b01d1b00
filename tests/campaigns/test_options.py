"""Product options: five ways to choose, each with its reason and what it is expected to do."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from shops import deliver

from workbench.campaigns.forecasts.forecast import Forecaster, next_week
from workbench.campaigns.forecasts.scores import chosen_products, keep_choice
from workbench.campaigns.offers.option_words import say_options, say_uplift
from workbench.campaigns.offers.options import MATCH, OPTIONS, A, B, C, D, E, product_options
from workbench.data import Period, Shop, open_shop
from workbench.data.engine import fetch
from workbench.data.scope import Scope
from workbench.segments import rfm
from workbench.show import options as cards

HALF = "last 26 weeks"


@pytest.fixture(scope="module", name="best")
def best_customers(sample_shop: Shop) -> pl.DataFrame:
    """The sample's champions."""
    return rfm.label(sample_shop, HALF).filter(segment="Champions").select("customer_id")


@pytest.fixture(scope="module", name="found")
def found_for_the_best(
    sample_shop: Shop, best: pl.DataFrame, forecaster: Forecaster
) -> pl.DataFrame:
    """What to offer them of soft drinks."""
    return product_options(sample_shop, HALF, best, "SOFT DRINKS", forecaster=forecaster)


def test_every_option_has_its_products_and_reasons(found: pl.DataFrame) -> None:
    """Three of each, ranked, with a reason that has its figures."""
    assert found["option"].unique(maintain_order=True).to_list() == list(OPTIONS)
    assert found.group_by("option", maintain_order=True).agg("rank")["rank"].to_list() == [
        [1, 2, 3]
    ] * len(OPTIONS)
    assert found.select("option", "match").unique().sort("option").rows() == list(MATCH.items())
    assert found["reason"].str.contains(r"\d").all()


def test_option_a_is_what_most_of_them_buy(
    found: pl.DataFrame, sample_shop: Shop, best: pl.DataFrame
) -> None:
    """Counted another way: customers of the segment with the product, of all 602 who came."""
    first = found.filter(option=A).row(0, named=True)
    lines = sample_shop.during(HALF).lines.to_native().collect()
    theirs = lines.join(best.cast(pl.Int32), on="customer_id", how="semi")
    buyers = theirs.filter(pl.col("product_id") == first["product_id"])["customer_id"].n_unique()
    assert first["reason"] == f"bought by {buyers} of these customers already"
    assert first["penetration"] == buyers / theirs["customer_id"].n_unique() == 192 / 602
    assert found.filter(option=A)["penetration"].is_sorted(descending=True)


def test_the_other_options_keep_their_promises(found: pl.DataFrame) -> None:
    """B: a small part of receipts; C: bought by others; D: dearer; E: of another category."""
    assert found.filter(option=B)["basket_share"].is_sorted()
    assert (
        found.filter(option=B)["basket_share"].max() < found.filter(option=A)["basket_share"].min()
    )  # type: ignore[operator]
    assert found.filter(option=C)["reason"].str.contains("who have not bought it").all()
    dearer = found.filter(option=D)["reason"].str.extract(r"^(\d+) % dearer").cast(pl.Int64)
    assert (dearer >= 10).all()
    assert found.filter(option=E)["product"].str.contains("DRINK|DRNK").any() is False


def test_a_receipt_that_begins_with_a_return_is_a_receipt(tmp_path: Path) -> None:
    """Wine is on all ten receipts with bread and on half of all twenty: twice as often."""
    rows = ["receipt,card,item,shop,time,quantity,amount,card_discount"]
    for number in range(10):
        at = f"N,2026-02-{number + 1:02} 12:00:00"
        rows += [f"a{number},ann,apple,{at},-1,-1.00,0.00", f"a{number},ann,milk,{at},1,2.00,0.00"]
        rows += [f"b{number},ann,bread,{at},1,2.00,0.00", f"b{number},ann,wine,{at},1,9.00,0.00"]
    deliver(tmp_path, receipts="\n".join(rows) + "\n")
    shop = open_shop(tmp_path)
    ids = fetch(shop.products.select("product_id", "product"), by=["product"])
    goods = ids.select("product_id", inside=pl.col("product") == "bread")
    ann = fetch(shop.customers.select("customer_id"), by=["customer_id"])
    window = Period(date(2026, 2, 1), date(2026, 2, 28))
    told = product_options.__globals__["_beside"](shop, window, ann, goods, 1)
    assert told["reason"].to_list() == [
        "on 10 of their receipts with the category, 2.0 times as often as on all of theirs"
    ]


def test_what_an_option_leaves_adds_up(found: pl.DataFrame) -> None:
    """A fifth off the price; what cannot be compared is empty, with its promotions counted."""
    price, promo = (found[name].cast(pl.Float64) for name in ("price", "promo_price"))
    assert ((promo - 0.8 * price).abs() < 0.01).all()
    measured = found.drop_nulls("uplift_share")
    assert 0 < measured.height < found.height
    assert (measured["uplift_share_low"] < measured["uplift_share_high"]).all()
    assert (found["units"] <= found["shop_units"]).all()
    assert say_options(found).startswith("Most units are expected of ")
    assert say_options(found.head(0)).startswith("These customers bought nothing")
    assert say_uplift(found) == "Past promotions went with surely more sales for 3 of 4 products"


def test_the_cards_tell_it_in_words(found: pl.DataFrame) -> None:
    """One card per option, of its first product."""
    text = cards(found, title="For champions").text
    assert text.count("match") == len(OPTIONS)
    assert "A penetration, direct match: SOFT DRINKS 12/18&15PK CAN CAR (5569230)" in text
    assert "Makers paid 5.4% of past discounts, the shop the rest" in text


def test_options_may_be_narrowed_and_planned(
    sample_shop: Shop, best: pl.DataFrame, forecaster: Forecaster
) -> None:
    """Only what is asked for; a deeper discount, shown, sells more and leaves less of each."""
    few, deep = (
        product_options(
            *(sample_shop, HALF, best, "COFFEE"),
            options=[B, A],
            top=1,
            forecaster=forecaster,
            **plan,
        )
        for plan in ({}, {"discount": 0.4, "display": True, "week": next_week(forecaster, 4)})
    )
    assert few["option"].to_list() == deep["option"].to_list() == [A, B]
    assert (deep["units"] > few["units"]).all()
    assert (deep["unit_margin"] < few["unit_margin"]).all()
    with pytest.raises(ValueError, match="no option is called 'F'; there are: A penetration, "):
        product_options(sample_shop, HALF, best, "COFFEE", options=["F"])


def test_a_choice_is_kept_only_when_confirmed(
    sample_shop: Shop, found: pl.DataFrame, tmp_path: Path
) -> None:
    """With the option's reason and one's own; the same choice twice is one."""
    first = found.filter(option=A).head(1)
    action = keep_choice(sample_shop, "Champions", "(largest)", first, "It is summer", tmp_path)
    assert chosen_products(sample_shop, tmp_path).is_empty()
    assert action.do() == "1 row stored"
    assert action.do() == "0 rows stored; 1 stored before"
    reason = "bought by 192 of these customers already. It is summer"
    assert chosen_products(sample_shop, tmp_path).drop("made_on").rows() == [
        ("Champions", "SOFT DRINKS", "5569230", A, reason)
    ]
    north = replace(sample_shop, scope=Scope("North", "USD"))
    assert chosen_products(north, tmp_path).is_empty(), "what another retailer chose"
    nothing = keep_choice(sample_shop, "Champions", "COFFEE", found.head(0), home=tmp_path)
    with pytest.raises(ValueError, match="choose another one"):
        nothing.do()
