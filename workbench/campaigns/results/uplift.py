"""Uplift: what a campaign's customers did that they would not have done without it."""

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from workbench.campaigns.audiences.groups import CONTROL
from workbench.campaigns.results import estimators as by
from workbench.campaigns.results.estimators import Adjusted, Flags, Floats
from workbench.campaigns.results.windows import earlier, windows
from workbench.data.period import Period
from workbench.data.shop import Shop

RANDOMISED, MATCHED = "randomised hold-out", "matched"
PLAIN, NAIVE = "Plain difference", "Naive difference"
CUPED, AIPW, CHANGE = "CUPED", "AIPW", "Difference in differences"
CUT = ", largest cut"
METHODS = {
    PLAIN: "targets less control, per customer assigned, whether they answered or not",
    CUPED: "the same, less what spend and visits in the windows before foretell: the figure used "
    "where the groups were drawn by lot",
    NAIVE: "targets less all others. Wrong: targets were chosen because they buy more",
    AIPW: "targets less others weighted to resemble them, each less what its past foretells "
    "(augmented inverse probability weighting): the figure used where there was no lot",
    CHANGE: "the change of targets less that of others: a second opinion",
    "Largest cut": "the figure used, with the largest hundredth of customers cut to its edge",
}
USED = {RANDOMISED: CUPED, MATCHED: AIPW}
MOST_EARLIER = 4
MOST_WINDOWS = 8
_PAST = ("sales", "visits")
_PARTS = ("promoted", "category")
_LEAST_PER_TRAIT = 10


@dataclass(frozen=True)
class Study:
    """Whom a campaign reached and whom not, and what each bought in its window and before.

    `customers` has one row per customer: customer_id, group and what `windows` returns, place 0
    being the campaign's window and 1, 2 ... those before it, as `spans` has them.
    """

    customers: pl.DataFrame
    spans: Sequence[Period]
    design: str = RANDOMISED
    seed: int = 0
    _looks: dict[tuple[str, int], "Look"] = field(default_factory=dict, repr=False)

    def look(self, offer: str, place: int = 0) -> "Look":
        """Return one offer beside control, with the window in a place as its outcome."""
        new = Look(self.customers, self.spans, self.design, self.seed, offer, place)
        return self._looks.setdefault((offer, place), new)

    def looks(self, place: int = 0) -> "list[Look]":
        """Return each offer beside control."""
        return [self.look(offer, place) for offer in self.offers]

    @property
    def offers(self) -> list[str]:
        """Return the names of the groups that are not control, sorted."""
        return sorted(set(self.customers["group"].cast(pl.String).unique()) - {CONTROL})


def uplift(
    shop: Shop,
    groups: pl.DataFrame,
    *,
    starts: dt.date,
    ends: dt.date,
    outcome: str | Sequence[str] = "sales",
    **how: Any,
) -> pl.DataFrame:
    """Return one row per offer, outcome (see `OUTCOMES`) and method (see `METHODS`).

    `groups` has one row per customer, customer_id and group, one of them `control` (to set offers
    against each other, call one of them so); `how` is what else `study` takes. By lot, everybody
    assigned counts, who never came as 0; without lot only who came in the windows before.

    Columns: offer, outcome, method, treated and control (customers), treated_mean and
    control_mean (what the treated would have done without it), uplift per treated customer with
    low and high (95 %), total with total_low and total_high (all treated), uplift_share (of
    control_mean), smallest (effect that such a comparison finds four times in five), used
    (whether it is the figure to rest on). Money in units; null where it cannot be told. Raises
    NotCovered where the data lacks the campaign's window or the one before it.
    """
    outcomes = [outcome] if isinstance(outcome, str) else outcome
    return effects(study(shop, groups, starts=starts, ends=ends, **how), outcomes)


def study(
    shop: Shop,
    groups: pl.DataFrame,
    *,
    starts: dt.date,
    ends: dt.date,
    before_days: int | None = None,
    products: Collection[int] = (),
    design: str = RANDOMISED,
    seed: int = 0,
) -> Study:
    """Return what is known of a campaign's groups, for `effects`, `by_segment` and `placebo`.

    Before the campaign there are windows as long as it, within `before_days` where given.
    `products` are those promoted, by id. Raises NotCovered as `uplift` does.
    """
    if design not in USED:
        raise ValueError(f"design {design!r} cannot be measured; allowed: {', '.join(USED)}")
    window = shop.window(Period(starts, ends))
    shop.window(window.before())
    reach = (starts - shop.first_day).days
    back = min(before_days or reach, reach) // window.days
    spans = [window, *earlier(starts, window.days, max(1, min(back, MOST_WINDOWS)))]
    bought = windows(shop, spans, products)
    here = groups.select(pl.col("customer_id").cast(pl.Int64), pl.col("group").cast(pl.String))
    joined = here.join(bought, on="customer_id", how="left", validate="1:1")
    came = pl.col("sales_0").is_not_null()
    filled = pl.when(came).then(pl.exclude("customer_id", "group")).otherwise(0.0).name.keep()
    return Study(joined.with_columns(filled).sort("customer_id"), spans, design, seed)


def effects(study: Study, outcomes: Sequence[str], *, place: int = 0) -> pl.DataFrame:
    """Return the rows of `uplift` for the window in a place; later places are placebos."""
    rows = [
        {"offer": look.offer, "outcome": outcome, "method": method, **look.row(outcome, adjusted)}
        for look in study.looks(place)
        for outcome in outcomes
        for method, adjusted in look.methods(outcome)
    ]
    return finished(rows).with_columns(used=pl.col("method") == USED[study.design])


@dataclass(frozen=True)
class Look:
    """One offer of a study beside the control group, with the window in a place as its outcome."""

    everybody: pl.DataFrame
    spans: Sequence[Period]
    design: str
    seed: int
    offer: str
    place: int

    @cached_property
    def customers(self) -> pl.DataFrame:
        """Return the customers compared: by lot all, else those who came in the windows before.

        Columns are those of the study, of this window and the ones before it that are looked at.
        """
        places = "|".join(str(k) for k in (self.place, self.place + 1, *self.before))
        own = self.everybody.select("customer_id", "group", pl.col(f"^.*_({places})$"))
        ours = pl.col("group").is_in([self.offer, CONTROL])
        came = pl.sum_horizontal(f"visits_{k}" for k in self.before) > 0
        return own.filter(ours if self.design == RANDOMISED else ours & came)

    @property
    def before(self) -> range:
        """Return the places of the earlier windows looked at."""
        return range(self.place + 1, min(self.place + 1 + MOST_EARLIER, len(self.spans)))

    @cached_property
    def treated(self) -> Flags:
        """Return who got the offer."""
        return (self.customers["group"] == self.offer).to_numpy()

    @cached_property
    def odds(self) -> Floats:
        """Return each customer's odds of having been chosen, by its spend and visits before."""
        level, past = _means(by.winsorised(self._past())), _means(self._past())
        return by.balancing(self.treated, np.hstack([_scaled(level), _scaled(_logs(past))]))

    @property
    def weight(self) -> Floats:
        """Return what each customer counts for: without lot the controls by their odds."""
        one = np.ones(len(self.treated))
        return one if self.design == RANDOMISED else np.where(self.treated, one, self.odds)

    def used(self, outcome: str, *, cut: bool = False) -> Adjusted:
        """Return what the method to rest on makes of an outcome.

        The rest of the basket is what the parts leave of the whole, so that all add up. `cut`
        cuts the largest hundredth of the customers to its edge.
        """
        if outcome == "rest":
            whole, *parts = (self.used(name, cut=cut) for name in ("sales", *_PARTS))
            return Adjusted(whole.outcome - sum(part.outcome for part in parts), whole.weight)
        found, past = self.outcome(outcome), self._past(outcome)
        if cut:
            found, past = by.winsorised(found), by.winsorised(past)
        return self._by_lot(found, past) if self.design == RANDOMISED else self._chosen(found, past)

    def methods(self, outcome: str) -> Iterator[tuple[str, Adjusted]]:
        """Yield each method's name and what it makes of an outcome."""
        found, by_lot = self.outcome(outcome), self.design == RANDOMISED
        yield PLAIN if by_lot else NAIVE, by.plain(found)
        yield USED[self.design], self.used(outcome)
        yield USED[self.design] + CUT, self.used(outcome, cut=True)
        if not by_lot:
            own = self.customers.select(f"{outcome}_{k}" for k in self.before).to_numpy()
            yield CHANGE, by.change(found, own)

    def outcome(self, name: str, place: int | None = None) -> Floats:
        """Return an outcome of each customer; not a number where it is unknown."""
        column = f"{name}_{self.place if place is None else place}"
        return self.customers[column].cast(pl.Float64).fill_null(np.nan).to_numpy()

    def row(
        self, outcome: str, adjusted: Adjusted | None = None, some: Flags | None = None
    ) -> dict[str, float]:
        """Return the figures of an effect, by the method used unless adjusted by another.

        They are of all customers compared, or of some of them.
        """
        adjusted = adjusted or self.used(outcome)
        kept = np.ones(len(self.treated), dtype=bool) if some is None else some
        treated = self.treated[kept]
        found, error = by.contrast(adjusted.only(kept), treated)
        mine = self.outcome(outcome)[kept][treated]
        return {
            "treated": int(treated.sum()),
            "control": int((~treated).sum()),
            "treated_mean": float(mine.mean()) if len(mine) else np.nan,
            "uplift": found,
            "error": error,
            "reach": by.reach(treated),
        }

    def changes(self, outcome: str, some: Flags) -> dict[str, float]:
        """Return the mean change since the window before, of those treated and the others."""
        moved = self.outcome(outcome) - self.outcome(outcome, self.place + 1)
        sides = {"treated_change": some & self.treated, "control_change": some & ~self.treated}
        return {n: float(moved[side].mean()) if side.any() else np.nan for n, side in sides.items()}

    def _past(self, outcome: str = "sales") -> Floats:
        """Return customers x figures x earlier windows: spend, visits, and the outcome itself."""
        figures = dict.fromkeys([*_PAST, outcome])
        names = [f"{name}_{k}" for name in figures for k in self.before]
        past = self.customers.select(pl.col(names).cast(pl.Float64)).to_numpy()
        return past.reshape(len(past), len(figures), -1)

    def _by_lot(self, outcome: Floats, past: Floats) -> Adjusted:
        """Return CUPED where there are customers enough for so many figures of the past."""
        traits = _means(past)
        enough = len(outcome) >= _LEAST_PER_TRAIT * traits.shape[1]
        return by.cuped(outcome, traits) if enough else by.plain(outcome)

    def _chosen(self, outcome: Floats, past: Floats) -> Adjusted:
        level = past.reshape(len(past), -1)
        habits = past[:, : len(_PAST)].reshape(len(past), -1)
        traits = np.hstack([_scaled(level), _scaled(_logs(habits))])
        return by.aipw(outcome, self.treated, traits, self.odds, seed=self.seed)


def _means(past: Floats) -> Floats:
    """Return each figure's mean over the earlier windows, and that of the latest of them."""
    return np.hstack([past.mean(axis=2), past[:, :, 0]])


def _logs(past: Floats) -> Floats:
    return np.asarray(np.log1p(past.clip(0)))


def _scaled(past: Floats) -> Floats:
    spread = past.std(axis=0)
    return np.asarray((past - past.mean(axis=0)) / np.where(spread > 0, spread, 1.0))


def finished(rows: Sequence[Mapping[str, object]]) -> pl.DataFrame:
    """Return rows with the ends, totals and shares that follow from an effect and its error."""
    span = pl.col("reach") * pl.col("error")
    without = pl.col("treated_mean") - pl.col("uplift")
    frame = pl.DataFrame(rows).with_columns(pl.col(pl.Float64).fill_nan(None))
    told = frame.with_columns(
        control_mean=without,
        low=pl.col("uplift") - span,
        high=pl.col("uplift") + span,
        uplift_share=pl.when(without > 0).then(pl.col("uplift") / without),
        smallest=by.SURE_TO_SEE * pl.col("error"),
    )
    totals = {
        "total": pl.col("uplift") * pl.col("treated"),
        "total_low": pl.col("low") * pl.col("treated"),
        "total_high": pl.col("high") * pl.col("treated"),
    }
    order = ["treated", "control", "treated_mean", "control_mean", "uplift", "low", "high"]
    keys = [n for n in frame.columns if n not in {*order, "error", "reach"}]
    return told.with_columns(**totals).select(*keys, *order, *totals, "uplift_share", "smallest")
