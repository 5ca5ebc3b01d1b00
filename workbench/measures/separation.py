"""How well segmentations tell apart what an objective needs, out of sample.

Customers are dealt into two halves. What a customer will do is guessed from what the segment's
customers in the other half did, and compared with what the customer did. An amount is scored
by the share of its variance that the guesses explain, 0 without a segmentation; yes or no by
the share of pairs, of one who did and one who did not, that the guesses put in the right order
(the area under the ROC curve), one half without a segmentation.

The interval comes from resamples of customers, each dealt and fitted anew, so that it holds
the chance in the customers, in the halves and in the fit.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from workbench.measures.chance import Z95
from workbench.measures.rows import told

DEFINITION = {
    "Labels": "made of the period before the one whose outcomes are looked at, each segmentation "
    "with its own defaults; your own lists are as they stand and may know what came after",
    "Out of sample": "customers are dealt into two halves, in twenty ways; each is guessed from "
    "the mean of its segment in the other half, so that many small segments gain nothing",
    "Score of an amount": "the share of the variance between customers that the guesses explain; "
    "no segmentation explains 0 %",
    "Score of yes or no": "of a customer who did and one who did not, how often the guesses put "
    "the right one first, a tie being half (area under the ROC curve); no segmentation: 50 %",
    "Interval": "95 %, from resamples of customers that are dealt and guessed anew",
    "Not surely worse": "the difference to the best is within the chance of the same resamples",
    "Figures": "each figure behind a label, alone, in five bands; figures that say the same do "
    "not add up",
    "What it does not say": "that addressing a segment changes anything: it tells who will do "
    "something, not whom a campaign makes do it",
}
Numbers = NDArray[np.float64]
_SPLITS = 20
_BANDS = 5
_UNKNOWN = (None,) * 5
_NO_FIGURES = ("customer_id", "_score")
_KINDS = {
    "segmentation": pl.String(),
    "groups": pl.Int64(),
    "score_share": pl.Float64(),
    "low_share": pl.Float64(),
    "high_share": pl.Float64(),
    "against_best": pl.Enum(["best", "not surely worse", "worse"]),
    "beyond_nothing": pl.Boolean(),
}


def separation(
    outcomes: pl.DataFrame, labels: Mapping[str, pl.DataFrame], *, draws: int = 200, seed: int = 0
) -> pl.DataFrame:
    """Return one row per segmentation, the best first: how well its segments foretell outcomes.

    `outcomes`: one row per customer, customer_id and outcome; `labels`: by name, labels made
    without knowing them. A customer without a label is in a group of its own. Columns:
    segmentation, groups (with customers), score_share (mean of 20 ways to deal the halves),
    low_share and high_share (95 %), against_best (by the resamples of the difference), and
    beyond_nothing (surely better than no segmentation). Nulls where all outcomes are alike.
    """
    if outcomes.is_empty():
        unknown = [(name, 0, *_UNKNOWN) for name in labels]
        return pl.DataFrame(unknown, _KINDS, orient="row")
    whole = np.ones(outcomes.height)
    rng = np.random.default_rng(seed)
    groups = [_groups(outcomes, frame) for frame in labels.values()]
    halves = [_halves(rng, outcomes.height) for _ in range(_SPLITS)]
    split = np.array([[one.score(whole, half) for one in groups] for half in halves])
    drawn = np.array([_resampled(groups, rng, outcomes.height) for _ in range(draws)])
    scores = split.mean(axis=0) if groups else np.array([])
    rows = [
        (name, one.number, *_judged(scores, drawn, place, nothing(outcomes)))
        for place, (name, one) in enumerate(zip(labels, groups, strict=True))
    ]
    table = pl.DataFrame(rows, _KINDS, orient="row")
    return table.sort("score_share", descending=True, nulls_last=True, maintain_order=True)


def figures(labels: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """Return the figures behind the labels, each as labels of its own: five bands cut by value.

    A figure that several segmentations have is taken from the first of them, scores (bands
    already) and figures that band customers as another does are left out.
    """
    found: dict[str, pl.DataFrame] = {}
    for frame in labels.values():
        ordered = frame.cast({"customer_id": pl.Int64}).sort("customer_id")
        for column, kind in frame.schema.items():
            name = column.replace("_", " ")
            if not kind.is_numeric() or column.endswith(_NO_FIGURES) or name in found:
                continue
            banded = ordered.select("customer_id", segment=_bands(ordered[column]))
            if not any(banded.equals(other) for other in found.values()):
                found[name] = banded
    return found


def nothing(outcomes: pl.DataFrame) -> float:
    """Return the score without any segmentation: one half for yes or no, zero for an amount."""
    return 0.5 if _yes_or_no(outcomes) else 0.0


def say_separation(table: pl.DataFrame, objective: str) -> str:
    """Return the sentence that names the best segmentation for an objective, and its equals."""
    known = table.drop_nulls("score_share")
    if known.is_empty():
        return f"Nothing can be said about {objective}: nobody did otherwise than the others"
    if not known["beyond_nothing"][0]:
        return f"For {objective} no segmentation is surely better than none"
    best = known["segmentation"][0]
    said = f"For {objective}, {best} tells customers apart best"
    equal = known.filter(pl.col("against_best") == "not surely worse").height
    if not equal:
        return f"{said}, surely better than all others"
    others = "1 other is" if equal == 1 else f"{equal} others are"
    return f"{said}; {others} not surely worse"


def say_figures(table: pl.DataFrame) -> str:
    """Return the sentence that names the figure that tells most alone: `table` is of `figures`."""
    known = table.drop_nulls("score_share")
    if known.is_empty() or not known["beyond_nothing"][0]:
        return "No figure alone is surely better than none"
    said = f"Alone, {known.row(0)[0]} tells most"
    alike = known.filter(pl.col("against_best") == "not surely worse").height
    if not alike:
        return f"{said}, surely more than every other figure"
    others = "1 other figure is" if alike == 1 else f"{alike} other figures are"
    return f"{said}; {others} not surely worse"


def best_and_rival(table: pl.DataFrame, rival: str) -> tuple[str, str]:
    """Return the best segmentation and the rival, or the second best if the rival is the best.

    `table` is what `separation` returns. Raises ValueError for a rival that is not in it.
    """
    names = table["segmentation"].to_list()
    if rival not in names:
        raise ValueError(f"{rival} was left out of the comparison; there are: {', '.join(names)}")
    return (names[0], names[1 % len(names)]) if rival == names[0] else (names[0], rival)


@dataclass(frozen=True)
class _Groups:
    """The group and the outcome of each customer."""

    group: NDArray[np.int64]
    did: Numbers
    number: int
    yes_or_no: bool

    def score(self, weights: Numbers, half: NDArray[np.int64]) -> float:
        """Return the score of guesses from the other half; rows are halves, columns groups."""
        cell = half * self.number + self.group
        size, done, squares = (
            np.bincount(cell, weights * power, 2 * self.number).astype(float).reshape(2, -1)
            for power in (1.0, self.did, self.did**2)
        )
        without = _ratio(done.sum(axis=1, keepdims=True), size.sum(axis=1, keepdims=True))[::-1]
        guess = np.where(size > 0, _ratio(done, size), without[::-1])[::-1]
        if self.yes_or_no:
            return float(np.mean([_ordered(*row) for row in zip(guess, done, size, strict=True)]))
        missed, spread = (
            np.sum(squares - 2 * said * done + said**2 * size) for said in (guess, without)
        )
        return float(1 - missed / spread) if spread > 0 else float("nan")


def _ordered(guess: Numbers, done: Numbers, size: Numbers) -> float:
    """Return the share of pairs put in the right order; a tie counts as half."""
    _, place = np.unique(guess, return_inverse=True)
    yes, no = np.bincount(place, done), np.bincount(place, size - done)
    pairs = yes.sum() * no.sum()
    right = np.sum(yes * (np.cumsum(no) - no / 2))
    return float(right / pairs) if pairs > 0 else float("nan")


def _ratio(part: Numbers, whole: Numbers) -> Numbers:
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)


def _groups(outcomes: pl.DataFrame, labels: pl.DataFrame) -> _Groups:
    named = told(labels).cast({"segment": pl.String})
    joined = outcomes.join(named, on="customer_id", how="left", validate="1:1")
    group = joined.sort("customer_id").select("outcome", pl.col("segment").rank("dense"))
    number = group["segment"].fill_null(0).cast(pl.Int64).to_numpy()
    _, place = np.unique(number, return_inverse=True)
    many = int(place.max()) + 1
    return _Groups(place, group["outcome"].to_numpy(), many, _yes_or_no(outcomes))


def _halves(rng: np.random.Generator, size: int) -> NDArray[np.int64]:
    return rng.permutation(size) % 2


def _resampled(groups: list[_Groups], rng: np.random.Generator, size: int) -> list[float]:
    weights = rng.multinomial(size, np.full(size, 1 / size)).astype(np.float64)
    half = _halves(rng, size)
    return [one.score(weights, half) for one in groups]


def _judged(
    scores: Numbers, drawn: Numbers, place: int, without: float
) -> tuple[float | str | bool | None, ...]:
    score = scores[place]
    if np.isnan(score):
        return _UNKNOWN
    best = int(np.nanargmax(scores))
    reach = Z95 * float(np.nanstd(drawn[:, place]))
    surely = scores[best] - score > Z95 * float(np.nanstd(drawn[:, best] - drawn[:, place]))
    against = "best" if place == best else "worse" if surely else "not surely worse"
    low, high = score - reach, min(score + reach, 1.0)
    return float(score), float(low), float(high), against, bool(low > without)


def _yes_or_no(outcomes: pl.DataFrame) -> bool:
    return bool(outcomes["outcome"].is_in([0.0, 1.0]).all())


def _bands(values: pl.Series) -> pl.Series:
    steps = (values.quantile(step / _BANDS, "lower") for step in range(1, _BANDS))
    value, cuts = pl.col(values.name), sorted({step for step in steps if step is not None})
    band = pl.sum_horizontal(pl.lit(0), *((value > cut).cast(pl.Int64) for cut in cuts))
    return values.to_frame().select(pl.when(value.is_not_null()).then(band)).to_series()
