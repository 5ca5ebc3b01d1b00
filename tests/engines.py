"""Other engines for the same tables: a shop on DuckDB instead of Polars, a small Spark."""

from dataclasses import replace
from typing import Any

import duckdb
import narwhals as nw

from workbench.data import Shop

# Two workers, two parts to each sum, and a Java that does not warm up for a few small questions.
_SETTINGS = (
    "ui.enabled=false",
    "ui.showConsoleProgress=false",
    "log.level=OFF",
    "sql.shuffle.partitions=2",
    "sql.adaptive.enabled=false",
    "sql.codegen.wholeStage=false",
)
SPARK = " ".join(
    [
        "--master local[2] --driver-java-options -XX:TieredStopAtLevel=1",
        *(f"--conf spark.{setting}" for setting in _SETTINGS),
        "pyspark-shell",
    ]
)
UNREAD = {"promotions", "stock"}  # large, and no measure reads them yet


def on_duckdb(shop: Shop) -> Shop:
    """Return the shop with its tables as lazy relations of an in-memory DuckDB."""
    connection = duckdb.connect()

    def relation(_: str, table: nw.LazyFrame[Any]) -> duckdb.DuckDBPyRelation:
        return connection.from_arrow(table.collect("pyarrow").to_native())

    read = {name: table for name, table in shop.tables.items() if name not in UNREAD}
    return replace(shop, tables=read).on(relation)
