"""Methods of the forecast: what is known of a product when it is made, and how units follow."""

from typing import Any, NamedTuple

import numpy as np
import polars as pl

from workbench.campaigns.forecasts.trees import Numbers, Trees

AHEAD, HISTORY, RECENT = 2, 8, 26
CALIBRATED = 8
BOOSTED, FORMULA = "Boosted trees", "Plain formula"
LAST, FOUR, EIGHT, THIRTEEN = "Last week", "Mean of 4 weeks", "Mean of 8 weeks", "Mean of 13 weeks"
NAIVE = {LAST: "units_1", FOUR: "units_4", EIGHT: "units_8", THIRTEEN: "units_13"}
METHODS = {
    BOOSTED: "many small decision trees with Poisson loss (scikit-learn), learnt across products, "
    "relative to each product's mean of the last 8 weeks known; a deeper discount, a display or "
    "a leaflet never lowers them. This is the forecast",
    FORMULA: "a log-linear Poisson regression: each circumstance multiplies the units by a fixed "
    "factor, which is what the explanation tells; it is not the forecast",
    **{
        name: f"what the product sold {when}, whatever is planned"
        for name, when in {
            LAST: "in the last week known",
            FOUR: "per week in the last 4 known",
            EIGHT: "per week in the last 8 known",
            THIRTEEN: "per week in the last 13 known",
        }.items()
    },
}
_SPANS = (1, 4, 8, 13, 26)
_LEVELS = ["units_1", "units_4", "units_13", "units_26", "plain_units"]
_PLAN = ["discount_share", "display", "mailer"]
_USUAL = ["usual_discount", "usual_display", "usual_mailer"]
_NEVER_LOWER = [0] * 6 + [1] * 3 + [0] * 4
_SAID = pl.Schema(
    dict.fromkeys(["units", "units_low", "units_high"], pl.Float64())
    | {"third": pl.Int64(), "formula": pl.Float64()}
)
_LEAST, _ENOUGH = 200, 2


class Fitted(NamedTuple):
    """The two models, and how far sales were from the forecast by third of its size."""

    trees: Trees
    formula: Any
    cuts: Numbers
    reach: Numbers

    def said(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Return one row per row: units with units_low and units_high (90 %), third, formula."""
        if rows.is_empty():
            return pl.DataFrame(schema=_SAID)
        units = (self.trees.predict(_matrix(rows)) * _level(rows)).round(6)
        third = np.searchsorted(self.cuts, units)
        low, high = (units + self.reach[third, end] * np.sqrt(units) for end in (0, 1))
        plain = self.formula.predict(_terms(rows)) * _level(rows)
        ends = (units, np.clip(low, 0, units), np.maximum(high, units), third, plain)
        return pl.DataFrame(dict(zip(_SAID, ends, strict=True)), _SAID)

    def factors(self) -> dict[str, float]:
        """Return the exponents of the plain formula: of the price, a display, a leaflet."""
        return dict(zip(_PLAN, map(float, self.formula.coef_[5:8]), strict=True))


def states(panel: pl.DataFrame) -> pl.DataFrame:
    """Return one row per product and week: what is known of the product when the week is over.

    `panel`: product weeks. Columns: product_id, as_of, units_1 to units_26 (mean over so many
    weeks), plain_units (mean of the latest 26 weeks' weeks without promotion), usual_discount,
    usual_display and usual_mailer (over 8 weeks), usual_shelf, and regular: whether it was sold
    in at least half of the latest 26 weeks, or of those there are.
    """
    plain = (pl.col("discount_share") < 0.05) & ~pl.col("display") & ~pl.col("mailer")
    ready = panel.with_columns(
        pl.col("display", "mailer").cast(pl.Float64),
        pl.col("discount_share").fill_null(0.0),
        plain=pl.when(plain).then(pl.col("units")),
        sold=(pl.col("units") > 0).cast(pl.Int64),
    )
    usual = {"discount_share": "discount", "display": "display", "mailer": "mailer"}
    return ready.select(
        *("product_id", "category_id", pl.col("week").alias("as_of"), "shelf"),
        *(_over("units", span, f"units_{span}") for span in _SPANS),
        _over("plain", RECENT, "plain_units"),
        *(_over(name, HISTORY, f"usual_{short}") for name, short in usual.items()),
        _over("shelf", HISTORY, "usual_shelf"),
        _over("sold", RECENT, "regular") >= 0.5,
    )


def targets(panel: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Return the weeks of regular products, each with what was known two weeks before."""
    ago = known.drop("shelf", "category_id").with_columns(
        week=pl.col("as_of") + pl.duration(weeks=AHEAD)
    )
    told = panel.with_columns(pl.col("discount_share").fill_null(0.0))
    rows = told.join(ago, on=["product_id", "week"], how="inner", maintain_order="left")
    begins = pl.col("week").min() + pl.duration(weeks=HISTORY - AHEAD)
    return rows.filter(pl.col("regular"), pl.col("week") >= begins)


def fit(rows: pl.DataFrame, seed: int) -> Fitted:
    """Return the models of all weeks but the last 8, and intervals from those (conformal).

    Learnt from weeks of products that had sold two units a week or more, so that the rare ones
    do not decide. The ends of an interval are quantiles of what was sold less the forecast, over
    the root of the forecast, by third of its size. Raises ValueError for too little to learn from.
    """
    from sklearn.linear_model import PoissonRegressor
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped, unused-ignore]

    later = pl.col("week").rank("dense", descending=True) <= CALIBRATED
    sold = rows.filter(pl.col("units_8") >= _ENOUGH)
    late, early = sold.filter(later), sold.filter(~later)
    if early.height < _LEAST or late.height < _LEAST:
        raise ValueError(
            f"a forecast cannot be learnt from {early.height} product weeks and tried on "
            f"{late.height}; at least {_LEAST} of each are wanted: some {HISTORY * 3} weeks of "
            "data, and products sold in most of them"
        )
    level = _level(early)
    grown = early["units"].to_numpy() / level
    trees = Trees.learn(_matrix(early), grown, level, never_lower=_NEVER_LOWER, seed=seed)
    formula = PoissonRegressor(alpha=1e-4, max_iter=500)
    with threadpool_limits(1):
        formula.fit(_terms(early), grown, sample_weight=level)
    return Fitted(trees, formula, *_reach(trees, late))


def _reach(trees: Trees, late: pl.DataFrame) -> tuple[Numbers, Numbers]:
    said = trees.predict(_matrix(late)) * _level(late)
    cuts = np.quantile(said, [1 / 3, 2 / 3])
    off = (late["units"].to_numpy() - said) / np.sqrt(said)
    third = np.searchsorted(cuts, said)
    return cuts, np.array([np.quantile(off[third == place], [0.05, 0.95]) for place in range(3)])


def _over(name: str, span: int, alias: str) -> pl.Expr:
    return pl.col(name).rolling_mean(span, min_samples=1).over("product_id").alias(alias)


def _level(rows: pl.DataFrame) -> Numbers:
    return rows["units_8"].clip(0.1).to_numpy()


def _ratios(rows: pl.DataFrame, names: list[str]) -> Numbers:
    level = _level(rows)[:, None]
    ratios = (rows.select(names).to_numpy().astype(float) + 0.1) / (level + 0.1)
    return np.hstack([np.log(ratios), np.log(level)])


def _matrix(rows: pl.DataFrame) -> Numbers:
    """Return what the trees see: levels, the plan, and what was usual."""
    rest = rows.select(*_PLAN, *_USUAL, "usual_shelf").to_numpy().astype(float)
    return np.hstack([_ratios(rows, _LEVELS), rest])


def _terms(rows: pl.DataFrame) -> Numbers:
    """Return what the formula sees: prices as the logarithm of what is left of them."""
    prices = -np.log(1 - rows.select("discount_share", "usual_discount").to_numpy().clip(0, 0.95))
    shown = rows.select("display", "mailer", "usual_display", "usual_mailer").to_numpy()
    first, second = prices[:, [0]], prices[:, [1]]
    shown = shown.astype(float)
    return np.hstack([_ratios(rows, _LEVELS[:4]), first, shown[:, :2], second, shown[:, 2:]])
