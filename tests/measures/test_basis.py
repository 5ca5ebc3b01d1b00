"""What the figures rest on, in words that stand beside them."""

from pathlib import Path

from shops import deliver

from workbench.data import Shop, open_shop
from workbench.door import corner
from workbench.measures import cost_basis, stand_ins

NO_COSTS = corner.MAPPING.replace("cost_rates: {default: 0.5, Drinks: 0.75}\n", "")
RECORDED = (
    NO_COSTS
    + """  costs:
    file: costs.csv
    columns: {product: item, cost_rate: rate, basis: basis}
"""
)


def test_declared_costs_are_called_an_assumption(corner_shop: Shop) -> None:
    """The range of rates is told, and how to read the margin."""
    words = cost_basis(corner_shop)
    assert "declared costs, an assumption: 50 % to 75 % of the shelf price" in words


def test_unknown_costs_are_called_unknown(tmp_path: Path) -> None:
    """Nobody wonders why the margins are empty."""
    deliver(tmp_path, mapping=NO_COSTS)
    assert "unknown" in cost_basis(open_shop(tmp_path))


def test_costs_that_fit_no_product_are_unknown(tmp_path: Path) -> None:
    """A rate for toys says nothing about bread and wine."""
    deliver(tmp_path, mapping=corner.MAPPING.replace("{default: 0.5, Drinks: 0.75}", "{Toys: 0.5}"))
    assert "unknown" in cost_basis(open_shop(tmp_path))


def test_recorded_costs_are_called_recorded(tmp_path: Path) -> None:
    """Where the retailer gave costs there is no assumption to warn of."""
    costs = "item,rate,basis\nbread,0.4,recorded\nwine,0.8,recorded\n"
    deliver(tmp_path, mapping=RECORDED, costs=costs)
    words = cost_basis(open_shop(tmp_path))
    assert "recorded costs, 40 % to 80 %" in words
    assert "assumption" not in words


def test_synthetic_tables_are_named(sample_shop: Shop) -> None:
    """Every stand-in of the sample retailer is named as one."""
    words = stand_ins(sample_shop)
    assert "Synthetic" in words
    for table in ("attributes", "consents", "contacts", "stock", "web events"):
        assert table in words


def test_a_shop_without_stand_ins_says_so(corner_shop: Shop) -> None:
    """The corner shop delivered what it has."""
    assert stand_ins(corner_shop) == "Every table was delivered by the retailer."
