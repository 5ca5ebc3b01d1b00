"""The lake's tables on Spark: the files of the pinned version, without a Delta jar.

An active or configured session is used as it is. Where nothing configures Spark, it runs
on the cores of this machine, without its web page and without chatter.
"""

import json
import os
import shutil
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from deltalake import DeltaTable
from pyspark.sql import SparkSession
from pyspark.sql.types import StructType

from workbench.data.engines import ENGINE, NoEngine, Read
from workbench.data.lake import Edition, Lake

CONFIGURED = ("SPARK_REMOTE", "SPARK_CONF_DIR", "SPARK_HOME", "PYSPARK_SUBMIT_ARGS")
SMALL = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
    "spark.sql.shuffle.partitions": "8",
}
# What results depend on, whatever the session says: UTC, and errors where a number overflows.
SETTLED = {"spark.sql.session.timeZone": "UTC", "spark.sql.ansi.enabled": "true"}

# It comes with the package that holds the sample; nothing of ours passes through it.
warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)


def reader(_: str) -> Read:
    """Return what reads a table of the lake into a Spark frame."""
    return read


def read(lake: Lake, edition: Edition, name: str) -> Any:
    """Return a table as the edition has it: only the files that belong to its version."""
    folder = lake.path(edition.place, name)
    table = DeltaTable(folder, version=edition.tables[name])
    schema = StructType.fromJson(json.loads(table.schema().to_json()))
    spark, files = session(), table.file_uris()
    if not files:
        return spark.createDataFrame([], schema)
    return spark.read.schema(schema).option("basePath", str(folder)).parquet(*files)


def session() -> SparkSession:
    """Return the active session, the one that is configured, or a small one on this machine."""
    spark = SparkSession.getActiveSession() or _started()
    for name, value in SETTLED.items():
        spark.conf.set(name, value)
    return spark


def _started() -> SparkSession:
    builder = SparkSession.builder.appName("workbench")
    if "SPARK_REMOTE" not in os.environ and not _java():
        raise NoEngine(
            f"{ENGINE}=spark needs Java 17 or later, and none is found; "
            "`apt-get install openjdk-17-jre-headless` brings it, or JAVA_HOME says where it is"
        )
    if not any(name in os.environ for name in CONFIGURED):
        for name, value in SMALL.items():
            builder = builder.config(name, value)
    with _quiet():
        return builder.getOrCreate()


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep what Java says out of reports: it inherits where errors go; what fails is raised."""
    kept = os.dup(2)
    with Path(os.devnull).open("w") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def _java() -> bool:
    home = os.environ.get("JAVA_HOME")
    return shutil.which("java", path=str(Path(home) / "bin") if home else None) is not None
