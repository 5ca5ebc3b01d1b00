"""The map of stores: projected points alone, told apart by colour and shape, with a scale."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest
import vl_convert
from looks import Dollars
from shops import deliver

from workbench import show
from workbench.data import open_shop
from workbench.door import corner
from workbench.measures.assortment.areas import Areas, located

STORES = pl.DataFrame(
    {
        "store": ["N", "S", "W", "O"],
        "segment": ["Area 1", "Area 2", "Area 1", "Area 1"],
        "sales": [900.0, 400.0, 100.0, 50.0],
        "latitude": [48.9, 43.3, 47.2, None],
        "longitude": [2.4, 5.4, -1.6, None],
    }
)
DISTANCES = "stores:\n    file: shops.csv\n    columns: {store: shop, latitude: y, longitude: x}\n"


def drawn(stores: pl.DataFrame) -> dict[str, Any]:
    """Return the map as Vega-Lite has it."""
    show.house(Dollars())
    found: dict[str, Any] = show.places(stores, title="Areas").to_dict()  # type: ignore[union-attr]
    return found


def test_a_map_is_points_and_a_bar_without_anything_from_outside() -> None:
    """Colour and shape say the same; what cannot be placed is said; nothing is fetched."""
    chart = drawn(STORES)
    *_, points = chart["layer"]
    assert [row["store"] for row in points["data"]["values"]] == ["N", "S", "W"]
    assert points["encoding"]["color"]["field"] == points["encoding"]["shape"]["field"] == "segment"
    assert "1 store not drawn" in " ".join(chart["title"]["subtitle"])
    assert chart["description"] == "Areas. A map of 3 stores by segment"
    picture = vl_convert.vegalite_to_svg({**chart, "width": 600}, allowed_base_urls=[])
    assert ">100 km<" in picture
    assert ">Area 2<" in picture


def test_stores_keep_their_distances() -> None:
    """The bar of 100 km is as long as stores 100 km apart are from each other."""
    bar = drawn(STORES)["layer"][1]["data"]["values"][0]
    assert (bar["end"] - bar["longitude"]) * 111.2 * 0.693 == pytest.approx(100, rel=0.01)


def test_one_store_is_a_map_too_and_none_is_a_sentence() -> None:
    """A single place has a scale of its own."""
    assert drawn(STORES.head(1))["layer"][1]["data"]["values"][0]["said"] == "0.5 km"
    nowhere = show.places(STORES.tail(1), title="Areas")
    assert repr(nowhere) == "The data does not say where the stores are, so there is no map"


def test_stores_are_placed_by_the_degrees_that_were_delivered(tmp_path: Path) -> None:
    """A store at 0, 0 lies in the sea: it has no coordinates."""
    shops = "shop,y,x\nN,48.8566,2.3522\nS,0,0\n"
    deliver(tmp_path, mapping=corner.MAPPING + "  " + DISTANCES, shops=shops)
    found = Areas(pl.DataFrame({"store": ["N", "S"], "sales": [2, 1]}), pl.DataFrame(), 1.0)
    placed = located(open_shop(tmp_path), found)
    assert placed.select("latitude", "longitude").rows() == [(48.8566, 2.3522), (None, None)]
