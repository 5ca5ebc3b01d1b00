"""What the figures rest on: declared costs and stand-in tables, in words for every page."""

import polars as pl

from workbench.data.engine import fetch
from workbench.data.shop import Shop


def cost_basis(shop: Shop) -> str:
    """Return the sentence that stands beside every margin.

    Cost is a share of the shelf price; it is recorded by the retailer, or declared.
    """
    if not shop.has("costs"):
        return "Costs are unknown here, so margins are left empty."
    costs = fetch(shop.table("costs"), by=["product_id"]).drop_nulls("cost_rate")
    if costs.is_empty():
        return "Costs are unknown here, so margins are left empty."
    declared = costs.filter(pl.col("basis") == "declared").height
    low, high = costs["cost_rate"].min(), costs["cost_rate"].max()
    spread = f"{low // 100} % to {high // 100} % of the shelf price"  # type: ignore[operator]
    if declared == 0:
        return f"Margin is sales less recorded costs, {spread}."
    return (
        f"Margin rests on declared costs, an assumption: {spread}, the same for every product of "
        "a department. Read it as a comparison between segments, not as a result."
    )


def stand_ins(shop: Shop) -> str:
    """Return the sentence that names the shop's declared synthetic tables."""
    made_up = [name for name in shop.edition.synthetic if name != "costs"]
    if not made_up:
        return "Every table was delivered by the retailer."
    names = ", ".join(name.replace("_", " ") for name in made_up)
    return (
        f"Synthetic, made from a seed and describing nobody: {names}. They stand in for what "
        f"{shop.retailer} does not have, so that every feature can be tried."
    )
