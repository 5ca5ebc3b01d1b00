"""Areas: stores grouped by what they sold before, and what their customers buy now."""

from pathlib import Path

import pytest
from shops import HEADER, deliver

from workbench.data import Shop, open_shop
from workbench.door import corner
from workbench.measures import profile
from workbench.measures.assortment.areas import areas, below, say_areas

BEFORE, NOW = "2026-01-20", "2026-02-10"
SELLS = {"E": "bread", "F": "bread", "G": "bread", "V": "wine", "W": "wine"}


def open_stores(
    home: Path, later: dict[str, str], *more: str, mapping: str = corner.MAPPING
) -> Shop:
    """Return the shop of five stores with three customers each, who buy two things a time."""
    rows = [HEADER]
    for day, sells in ((BEFORE, SELLS), (NOW, later)):
        for store, item in sells.items():
            for who in range(3):
                card, time = f"{store}{who}", f"{day} 12:00:00"
                receipt = f"{store}{who}{day}"
                rows.append(f"{receipt},{card},{item},{store},{time},1,{8 + who}.00,0.00")
                rows.append(f"{receipt},{card},milk,{store},{time},1,2.00,0.00")
    rows.append(f"0,E0,wine,V,{NOW} 15:00:00,1,1.00,0.00")
    rows.append("1,E0,milk,E,2026-01-05 09:00:00,1,2.00,0.00")
    deliver(home, receipts="\n".join([*rows, *more, ""]), mapping=mapping)
    return open_shop(home)


def test_stores_that_sold_alike_are_an_area_and_its_customers_a_segment(tmp_path: Path) -> None:
    """Three stores of bread and two of wine; whoever buys in both belongs where more was spent."""
    found = areas(open_stores(tmp_path, SELLS), "last 4 weeks", least=3)
    assert found.stores.sort("store")["segment"].to_list() == ["Area 1"] * 3 + ["Area 2"] * 2
    assert found.customers["segment"].to_list().count("Area 1") == 9
    assert found.customers.height == 15
    assert found.agreement == 1
    assert say_areas(found).startswith("5 stores: 3 in Area 1, 2 in Area 2.")
    assert "these areas last" in say_areas(found, "Area 2")
    with pytest.raises(ValueError, match="'Area 5' has no stores; areas: Area 1, Area 2"):
        say_areas(found, "Area 5")


def test_a_store_without_merchandise_in_a_period_is_in_no_area(tmp_path: Path) -> None:
    """A pump sold milk to three customers before, and fuel alone since, which is no merchandise."""
    fuel = corner.MAPPING.replace(
        "category: shelf}", 'category: shelf, merchandise: {from: shelf, "no": [Wine]}}'
    )
    sold = ((BEFORE, "milk"), (NOW, "wine"))
    pump = [
        f"P{n}{day},P{n},{what},P,{day} 12:00:00,1,9.00,0.00" for day, what in sold for n in "012"
    ]
    found = areas(open_stores(tmp_path, SELLS, *pump, mapping=fuel), "last 4 weeks", least=3)
    assert found.stores["store"].sort().to_list() == ["E", "F", "G", "V", "W"]
    assert not any(found.stores.null_count().row(0))


def test_what_an_area_buys_above_and_below_its_share(tmp_path: Path) -> None:
    """Bread is far above its share where stores sell it; the other area buys none of it."""
    shop = open_stores(tmp_path, SELLS)
    found = areas(shop, "last 4 weeks", least=3)
    told = profile(shop, "last 4 weeks", found.customers, by="category", base=1)
    bakery = told.filter(segment="Area 1", category="Bakery").row(0, named=True)
    assert bakery["index_low"] > 100
    less = below(shop, "last 4 weeks", found, by="category", base=1)
    assert less.filter(segment="Area 1")["category"].to_list() == []
    assert "Bakery" not in less.filter(segment="Area 2")["category"].to_list()


def test_areas_that_do_not_last_are_said_not_to(tmp_path: Path) -> None:
    """Where stores sell something else in the later period, nothing can be planned."""
    later = {"E": "wine", "F": "bread", "G": "wine", "V": "bread", "W": "wine"}
    found = areas(open_stores(tmp_path, later), "last 4 weeks", least=3)
    assert found.agreement < 0.3
    assert "the areas do not last" in say_areas(found)


def test_too_few_stores_are_no_areas(tmp_path: Path) -> None:
    """No store has four customers."""
    with pytest.raises(ValueError, match="0 stores have 4 customers in both periods"):
        areas(open_stores(tmp_path, SELLS), "last 4 weeks", least=4)


def test_the_sample_retailer_has_two_areas_that_last_in_part(sample_shop: Shop) -> None:
    """Frozen: 70 stores are large enough; the areas come back with an agreement of a half."""
    found = areas(sample_shop, "last 26 weeks")
    assert found.stores["segment"].value_counts(sort=True)["count"].to_list() == [43, 27]
    assert found.agreement == pytest.approx(0.50, abs=0.01)
