"""A supplier's campaign: its best sellers that can be forecast, what they sell and cost."""

import polars as pl

from workbench.campaigns.forecasts.forecast import Forecaster
from workbench.campaigns.offers.supplier import say_supplier_campaign, supplier_campaign
from workbench.data import Shop

BUYERS = pl.DataFrame({"group": ["Loyal", "Others only"], "households": [100, 620]})


def test_the_discount_is_the_part_of_the_shelf_price_not_taken(
    sample_shop: Shop, forecaster: Forecaster
) -> None:
    """A product nobody sells regularly is left out; at 20 % off a quarter of sales is funded.

    Units are told in fives and money in tens, as on all of a supplier's page.
    """
    states = forecaster.states
    rare = states.filter(~pl.col("regular"))["product_id"][0]
    often = states.filter("regular").sort("product_id")["product_id"].head(2).to_list()
    told = supplier_campaign(sample_shop, forecaster, [rare, *often], 0.2)
    assert told.height == 2
    for sales, cost in told.select("sales", "discount_cost").rows():
        assert (sales > 0, sales % 10, cost % 10) == (True, 0, 0)
        assert abs(sales / 4 - cost) <= 10 / 4 / 2 + 10 / 2
    units = told.select("base_units", "units", "units_low", "units_high")
    assert all(number % 5 == 0 for row in units.rows() for number in row)
    assert told.filter(pl.col("units_low") > pl.col("units")).is_empty()


def test_the_proposal_says_what_it_adds_and_whom_it_could_win() -> None:
    """173 units are 104 more than 69; without a forecast nothing is proposed."""
    told = pl.DataFrame(
        {
            "week": ["2018-01-08"] * 2,
            "discount_share": [0.2, 0.2],
            "base_units": [23, 46],
            "units": [63, 110],
        }
    ).with_columns(pl.col("week").str.to_date())
    assert say_supplier_campaign(told, BUYERS) == (
        "Proposal: 20% off and in the leaflet in the week of 8 January 2018 is forecast to sell "
        "173 units, 104 more than at the shelf price; 620 households buy the category and nothing "
        "of the supplier"
    )
    assert say_supplier_campaign(told.clear(), BUYERS).startswith("No product that can be shown")
