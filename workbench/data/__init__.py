"""The data: contracts, the door, the lake, and the shop that analyses open."""

from workbench.data.choices import anchors, categories, category_of
from workbench.data.period import Latest, Period
from workbench.data.shop import Shop, open_shop

__all__ = ["Latest", "Period", "Shop", "anchors", "categories", "category_of", "open_shop"]
