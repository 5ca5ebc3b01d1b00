"""Coordinates, weather and what products are made of: at the door, and in a lake without them."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from deltalake import write_deltalake
from shops import deliver

from workbench.data import open_shop
from workbench.data.lake import Lake
from workbench.door import corner
from workbench.door.delivery import DeliveryError

STORES = """\
  stores:
    file: shops.csv
    reject: 0.5
    columns: {store: shop, region: area, latitude: north, longitude: east}
  weather:
    file: weather.csv
    columns: {store: shop, day: day, temperature: mean, rain: rain}
"""
SHOPS = "shop,area,north,east\nN,North,48.8566,2.3522\nS,South,{south},5.3698\n"
WEATHER = "shop,day,mean,rain\nN,2026-01-05,-3.2,0\nN,2026-01-06,4,2.5\n"


def open_placed(home: Path, south: str = "43.2965") -> Any:
    """Return the corner shop with two places and two days of weather."""
    mapping = corner.MAPPING + STORES
    deliver(home, mapping=mapping, shops=SHOPS.format(south=south), weather=WEATHER)
    return open_shop(home)


def rows(shop: Any, table: str, *columns: str) -> list[tuple[Any, ...]]:
    """Return the rows of a table."""
    frame = shop.table(table).to_native().collect()
    return frame.select(columns).sort(columns, nulls_last=True).rows()  # type: ignore[no-any-return]


def test_degrees_are_kept_to_the_millionth_and_weather_to_the_tenth(tmp_path: Path) -> None:
    """Whole numbers in the lake, so that nothing drifts; below zero as well."""
    shop = open_placed(tmp_path)
    placed = rows(shop, "stores", "store", "latitude", "longitude")
    assert placed == [("N", 48_856_600, 2_352_200), ("S", 43_296_500, 5_369_800)]
    assert rows(shop, "weather", "temperature", "rain") == [(-32, 0), (40, 25)]


@pytest.mark.parametrize("south", ["91", "-90.000001", "430000"])
def test_a_latitude_that_is_not_on_earth_goes_to_quarantine(tmp_path: Path, south: str) -> None:
    """The store stays known by its receipts, without a place."""
    shop = open_placed(tmp_path, south)
    assert rows(shop, "quarantine", "column", "value") == [("north", south)]
    assert rows(shop, "stores", "store", "latitude")[1] == ("S", None)


def test_a_file_of_such_places_is_refused(tmp_path: Path) -> None:
    """Where the mapping allows none, nothing is loaded."""
    mapping = (corner.MAPPING + STORES).replace("reject: 0.5", "reject: 0")
    with pytest.raises(DeliveryError, match="'91' is not readable as latitude"):
        deliver(tmp_path, mapping=mapping, shops=SHOPS.format(south="91"), weather=WEATHER)


def test_a_lake_that_was_loaded_before_the_columns_were_there_goes_on(tmp_path: Path) -> None:
    """What its tables lack reads as null, and the next load fills it in."""
    deliver(tmp_path)
    lake = Lake(tmp_path)
    edition = lake.edition()
    for table, later in (("stores", ["latitude", "longitude"]), ("products", ["colour"])):
        path, version = lake.path(edition.place, table), edition.tables[table]
        old = pl.read_delta(path, version=version).drop(later)
        write_deltalake(path, old, mode="overwrite", schema_mode="overwrite")
        edition.tables[table] = version + 1
    lake.publish(edition)
    shop = open_shop(tmp_path)
    assert rows(shop, "stores", "store", "latitude") == [("N", None), ("S", None)]
    assert {colour for (colour,) in rows(shop, "products", "colour")} == {None}
    assert rows(open_placed(tmp_path), "stores", "store", "latitude")[0] == ("N", 48_856_600)
