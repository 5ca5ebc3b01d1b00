"""Themes of life looked for in purchases: the words that place a product in one of them.

A product is placed in the first theme one of whose words is in its department, category,
subcategory or description; as a whole word, singular or plural, however capitalised. What has
none of the words, or a word of `ELSEWHERE`, is not placed.
"""

from collections.abc import Iterable
from typing import Any

import narwhals as nw

from workbench.data.period import Latest, Period
from workbench.data.shop import Shop

ELSEWHERE = ("dog food", "cat food", "cat litter", "pet", "greeting card", "magazine", "coupon")
THEMES = {
    "Family": (
        *("baby", "babies", "babyfood", "infant", "toddler", "diaper", "nappy", "nappies", "kid"),
        *("child", "children", "toy", "school", "juice box", "lunch kit", "fruit snack"),
    ),
    "Convenience": (
        *("pizza", "dinner", "entree", "prepared", "ready meal", "ready to eat", "heat", "instant"),
        *("microwave", "sandwich", "sandwiches", "sushi", "deli", "take away", "takeaway", "quick"),
        *("convenient", "convenience", "breakfast food", "party tray", "value added", "salad bar"),
        *("restaurant", "soup", "frozen meat", "frozen potatoes", "hot dog", "lunchmeat"),
    ),
    "Health": (
        *("organic", "nutrition", "vitamin", "fitness", "diet", "dietary", "healthy", "wholegrain"),
        *("whole grain", "low fat", "fat free", "skim milk", "sugar free", "gluten free", "vegan"),
        *("soy", "tofu", "yogurt", "yoghurt", "fruit", "berry", "berries", "apple", "pear"),
        *("citrus", "orange", "banana", "melon", "grape", "salad mix", "vegetables salad"),
        *("broccoli", "carrot", "spinach", "herbal tea", "green tea", "rice cake"),
    ),
    "Indulgence": (
        *("candy", "candies", "chocolate", "confectionery", "sweets", "sweet good", "cake"),
        *("cookie", "biscuit", "pie", "pastry", "pastries", "dessert", "ice cream", "truffle"),
        *("beer", "ale", "wine", "liquor", "spirit", "champagne", "cocktail", "gourmet", "snack"),
        *("chips", "flower", "floral", "fragrance", "perfume"),
    ),
    "Cooking from scratch": (
        *("baking", "flour", "yeast", "spice", "extract", "herb", "seasoning", "shortening", "oil"),
        *("vinegar", "sugar", "egg", "butter", "margarine", "bean", "lentil", "rice", "pasta"),
        *("noodle", "onion", "garlic", "potato", "potatoes", "tomato", "tomatoes", "pepper"),
        *("mushroom", "squash", "corn", "cabbage", "vegetable", "beef", "pork", "lamb", "veal"),
        *("chicken", "turkey", "poultry", "seafood", "fish", "sauce", "gravy", "cheese", "cream"),
        *("cookware", "bakeware", "kitchen", "broth"),
    ),
}
UNPLACED = "(not placed)"
_TREE = ("department", "category", "subcategory", "description")


def themed(shop: Shop) -> nw.LazyFrame[Any]:
    """Return one row per product: product_id, theme (`UNPLACED` without one), department, category,
    goods (whether merchandise) and own_label; neither of the two is null.
    """
    said = nw.concat_str(*(nw.col(name) for name in _TREE), separator=" ", ignore_nulls=True)
    theme = nw.lit(UNPLACED)
    for name, words in reversed(THEMES.items()):
        theme = nw.when(_has(words)).then(nw.lit(name)).otherwise(theme)
    theme = nw.when(_has(ELSEWHERE)).then(nw.lit(UNPLACED)).otherwise(theme)
    return shop.products.with_columns(said=said.str.to_lowercase()).select(
        *("product_id", "department", "category"),
        theme=theme,
        goods="merchandise",
        own_label=nw.col("own_label").fill_null(False),
    )


def goods(shop: Shop, period: str | Period | Latest) -> nw.LazyFrame[Any]:
    """Return the lines with a card, each with its theme, category, own_label and goods.

    `goods` are the sales in cents, 0 on lines that are no merchandise. A product that is not in
    the product table is merchandise without a theme.
    """
    lines = shop.during(period).lines.filter(~nw.col("customer_id").is_null())
    bought = nw.when(nw.col("goods").fill_null(True)).then(nw.col("sales").cast(nw.Int64))
    return lines.join(themed(shop), on="product_id", how="left").with_columns(
        goods=bought.otherwise(nw.lit(0)), theme=nw.col("theme").fill_null(UNPLACED)
    )


def flag_of(theme: str) -> str:
    """Return a theme's name as part of a column's: `cooking_from_scratch`."""
    return theme.lower().replace(" ", "_")


def _has(words: Iterable[str]) -> nw.Expr:
    return nw.col("said").str.contains(rf"\b(?:{'|'.join(words)})s?\b")
