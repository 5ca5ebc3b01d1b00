"""What all questions in pandas start from: the till's Parquet files, read in part."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

DAY = pd.Timedelta(days=1)
LAST_DAY, FIRST = pd.Timestamp("2017-12-31"), pd.Timestamp("2017-01-02")
SECOND_HALF, QUARTER = pd.Timestamp("2017-07-03"), pd.Timestamp("2017-10-02")
CATEGORY, OTHER, BRAND = "SOFT DRINKS", "BAG SNACKS", "Private"
NO_GOODS = ["FUEL", "COUPON/MISC ITEMS", "COUPONS/STORE & MFG"]
VISITS = ["customer_id", "transaction_id", "unit_spend"]


def read(home: Path, *columns: str, since: Any = None, category: str = "") -> Any:
    """Return columns of the receipt lines, of all days or since one, of all or one category."""
    wanted = []
    if since is not None:
        wanted.append(("transaction_date", ">=", since))
    if category:
        wanted.append(("category", "==", category))
    return pd.read_parquet(home / "plain", columns=list(columns), filters=wanted or None)


def table(home: Path, name: str) -> Any:
    """Return a small table that is kept beside the receipts."""
    (folder,) = home.glob(f"lake/*/{name}")
    return pd.read_parquet(folder)


def segments(lines: Any) -> Any:
    """Return a segment of each line that costs little: 0 to 3, by the customer's last digit."""
    customers = pd.Series(lines["customer_id"].unique())
    digit = customers.str[-1].astype(int)
    return lines["customer_id"].map((digit % 4).set_axis(customers))


def halves(lines: Any) -> Any:
    """Return of each line whether it is of the first half year or the second."""
    return (lines["transaction_date"] >= SECOND_HALF).map({False: "p1", True: "p2"})


def wide(found: Any) -> Any:
    """Return one row of the figures of two periods, such as spend_p1 and spend_p2."""
    return pd.DataFrame(
        [{f"{name}_{at}": found.loc[at, name] for name in found for at in found.index}]
    )


def causes(chain: Any, sold: Any) -> dict[str, float]:
    """Return what each count of a chain, prices and mix did to the change of sales.

    `chain` has counts by period, each a multiple of the one before, the last of them units;
    `sold` has units and spend by period and product.
    """
    taken = sold.groupby(level=0).sum()
    grown = np.log(chain).diff().loc["p2"]
    steps = grown.diff().fillna(grown)
    unit = (taken["unit_spend"] / taken["unit_quantity"]).mean()
    volume = steps / steps.sum() * chain["units"].diff()["p2"] * unit
    both = sold.loc["p1"].join(sold.loc["p2"], lsuffix="_p1", rsuffix="_p2", how="inner")
    was, now = both["unit_quantity_p1"], both["unit_quantity_p2"]
    price = (both["unit_spend_p2"] / now - both["unit_spend_p1"] / was) * (was + now) / 2
    dearer = price[(was > 0) & (now > 0)].sum()
    mix = taken["unit_spend"].diff()["p2"] - volume.sum() - dearer
    return {**volume.add_prefix("from_"), "price": dearer, "mix": mix}
