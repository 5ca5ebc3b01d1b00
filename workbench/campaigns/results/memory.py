"""Memory: every campaign and what came of it, so that the next one is planned on experience.

What worked is told net of placebo: the effect less what the same method finds for the same
customers where there was no campaign. Means over campaigns are random-effects means, and those
of a kind are drawn towards the mean of all, the more the less is known of the kind.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import narwhals as nw
import numpy as np
import polars as pl

from workbench.campaigns.results.design import NONE, Run, refusal, runs
from workbench.campaigns.results.estimators import SURE_TO_SEE, Floats
from workbench.campaigns.results.placebo import judged
from workbench.campaigns.results.result import account, answers, by_segment, crowding
from workbench.campaigns.results.uplift import MATCHED
from workbench.data.engine import fetch, only
from workbench.data.shop import NotCovered, Shop
from workbench.measures.chance import Z95

Pooled = tuple[float | None, float, float]
SEVERAL = "several"
DEFINITION = {
    "Net of placebo": "uplift less the mean of the campaign's placebo windows; its interval holds "
    "chance and how far placebos lie apart. Where customers were drawn by lot nothing is taken off",
    "Not told": "a campaign without placebo window has no net figure and teaches nothing",
    "Alone": "mean of the kind's campaigns (random effects). What placebos lie apart is a doubt of "
    "the method, which many campaigns do not make smaller",
    "Expected": "the same drawn towards the mean of all campaigns, by how little is known of the "
    "kind; the interval is for one more campaign of it",
    "Category": "of most of its promoted products; several where none holds half of them",
}

MONEY = {name: f"{name}_amount" for name in ("alone", "expected", "low", "high")}
HEADINGS = {
    "customers": "Targets",
    "net_amount": "Net of placebo",
    "expected_amount": "Expected",
    "alone_amount": "Alone",
    "low_amount": "At least",
    "high_amount": "At most",
    "refused": "Why it has no figures",
}
SHOWN = ["campaign", "kind", "customers", "conversion_share", "others_share"]
SHOWN += ["uplift", "low", "high", "verdict"]


class Memory(NamedTuple):
    """What is remembered: `campaigns`, one row per campaign and offer, `segments`, also by segment.

    Both have campaign, offer, kind, category, and net with net_error: sales per target, in units,
    net of placebo; null where that cannot be told.
    """

    campaigns: pl.DataFrame
    segments: pl.DataFrame


def memory(
    shop: Shop,
    label: Callable[..., pl.DataFrame] | None = None,
    *,
    home: Path | None = None,
    contact: float = 0.0,
    seed: int = 0,
) -> Memory:
    """Return all campaigns and offers there are, in the order of their days, and what came of each.

    `campaigns`: campaign, offer, kind, category, starts, ends, days, customers (addressed),
    design, uplift with low and high (sales per target, units), uplift_share, smallest, placebos,
    placebos_found, placebo_low, placebo_high, net with its ends and error, verdict,
    conversion_share, others_share (of its targets, in another campaign too), cost and roi_share
    (with `contact` the cost of addressing one), refused (why it has no figures; they are null).

    `segments`: campaign, offer, kind, category, segment, what `by_segment` returns, net and its
    error. `label` labels the days before each campaign, as many as its own; none without it, or
    where it looks back further than the data does.
    """
    told = [_remembered(shop, run, label, home, contact, seed) for run in runs(shop, home)]
    campaigns = pl.concat(
        [pl.DataFrame(schema=_SCHEMA), *(here for here, _ in told)], how="diagonal"
    )
    segments = [there for _, there in told if not there.is_empty()]
    return Memory(campaigns, pl.concat(segments) if segments else pl.DataFrame(schema=_SEGMENTS))


def by_offer(told: pl.DataFrame) -> pl.DataFrame:
    """Return rows of the memory whose names tell the offers of a campaign of several apart."""
    several = pl.col("offer").n_unique().over("campaign") > 1
    both = pl.format("{}: {}", "campaign", "offer")
    return told.with_columns(campaign=pl.when(several).then(both).otherwise("campaign"))


def lessons(told: pl.DataFrame, by: str = "kind") -> pl.DataFrame:
    """Return one row per kind (or category, segment ...), all campaigns last: what to expect.

    `told` is one of the memory's frames. Columns: the name in `by`, campaigns (with a net
    figure), alone (their mean), expected (drawn towards that of all) with low and high for one
    more campaign; units per target, see `DEFINITION`. Nulls where none has a net figure.
    """
    known = told.drop_nulls("net")
    whole = _pooled(known)
    names = told[by].cast(pl.String).drop_nulls().unique().sort()
    groups = [known.filter(pl.col(by).cast(pl.String) == name) for name in names]
    means = [_pooled(group) for group in groups]
    apart = _variance(*np.array([m[:2] for m in means if m[0] is not None]).reshape(-1, 2).T)
    rows = [
        (name, group["campaign"].n_unique(), mean[0], *_drawn(mean, whole, apart))
        for name, group, mean in zip(names, groups, means, strict=True)
    ]
    rows.append(("All", known["campaign"].n_unique(), whole[0], *_drawn(whole, whole, 0.0)))
    columns = [by, "campaigns", "alone", "expected", "low", "high"]
    kinds = [pl.String, pl.Int64, *[pl.Float64] * 4]
    return pl.DataFrame(rows, dict(zip(columns, kinds, strict=True)), orient="row")


def expected_uplift(told: pl.DataFrame, kind: str = "", by: str = "kind") -> dict[str, Any]:
    """Return the row of `lessons` for a kind of campaign, that of all where it is new."""
    table = lessons(told, by)
    near = table.filter(pl.col(by) == kind, pl.col("campaigns") > 0)
    return (table.tail(1) if near.is_empty() else near).row(0, named=True)


def _remembered(
    shop: Shop,
    run: Run,
    label: Callable[..., pl.DataFrame] | None,
    home: Path | None,
    contact: float,
    seed: int,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return a campaign's rows of the memory, and its segments'."""
    why = refusal(shop, run.window) or (run.reason if run.design == NONE else "")
    facts = {"campaign": run.name, "kind": run.kind, "category": _category(shop, run)}
    days = {"starts": run.window.first, "ends": run.window.last, "days": run.window.days}
    told = pl.DataFrame([facts | days | {"design": run.design, "refused": why or None}], _FACTS)
    asked = answers(shop, run).select("offer", "customers", "conversion_share")
    here = told.join(asked, how="cross") if asked.height else told
    if why:
        return here, pl.DataFrame()
    study = run.study(shop, seed=seed)
    both = judged(study, ["sales", "margin"])
    sales = _net(both.filter(pl.col("outcome") == "sales"), study.design)
    paid = account(shop, run, both, contact=contact)
    money = paid.head(1).select("roi_share", cost="cost_amount")
    crowd = crowding(shop, run, home).select("others_share", offer="group")
    figures = sales.join(money, how="cross").join(crowd, on="offer", how="left")
    here = here.join(figures.select(_FIGURES), on="offer", how="left", maintain_order="left")
    if label is None:
        return here, pl.DataFrame()
    try:
        labels = label(shop, run.window.before())
    except NotCovered:  # it looks back further than the data does
        return here, pl.DataFrame()
    named = by_segment(study, labels).drop_nulls("uplift")
    tried = sales.select("offer", "placebo_mean", "placebo_spread")
    netted = _net(named.join(tried, on="offer", how="left", maintain_order="left"), study.design)
    known = pl.DataFrame([facts], {name: _FACTS[name] for name in facts})
    return here, known.join(netted, how="cross")


def _net(effects: pl.DataFrame, design: str) -> pl.DataFrame:
    """Return effects with net, doubt, net_error and ends: without lot less the placebos' mean."""
    chosen = design == MATCHED
    mean = pl.col("placebo_mean") if chosen else pl.lit(0.0)
    doubt = pl.col("placebo_spread") if chosen else pl.lit(0.0)
    error = ((pl.col("smallest") / SURE_TO_SEE) ** 2 + doubt**2).sqrt()
    netted = effects.with_columns(net=pl.col("uplift") - mean, doubt=doubt, net_error=error)
    reach = Z95 * pl.col("net_error")
    return netted.with_columns(net_low=pl.col("net") - reach, net_high=pl.col("net") + reach)


_FACTS = {
    "campaign": pl.String(),
    "kind": pl.String(),
    "category": pl.String(),
    "starts": pl.Date(),
    "ends": pl.Date(),
    "days": pl.Int64(),
    "design": pl.String(),
    "refused": pl.String(),
}
_NUMBERS = ("uplift", "low", "high", "uplift_share", "smallest", "placebo_low", "placebo_high")
_NETTED = ("net", "net_low", "net_high", "net_error", "doubt", "others_share", "cost", "roi_share")
_FIGURES = ["offer", "verdict", "placebos", "placebos_found", *_NUMBERS, *_NETTED]
_SCHEMA = {
    **_FACTS,
    "offer": pl.String(),
    "customers": pl.Int64(),
    "conversion_share": pl.Float64(),
    "verdict": pl.String(),
    "placebos": pl.Int64(),
    "placebos_found": pl.Int64(),
    **dict.fromkeys((*_NUMBERS, *_NETTED), pl.Float64()),
}
_SEGMENTS = {
    **dict.fromkeys(("campaign", "offer", "kind", "category", "segment"), pl.String()),
    **dict.fromkeys(("net", "net_error", "doubt"), pl.Float64()),
}


def _category(shop: Shop, run: Run) -> str | None:
    """Return the category of most of a campaign's products, `SEVERAL` where none has half."""
    ours = only(shop.products, "product_id", run.products)
    named = ours.filter(~nw.col("category").is_null()).group_by("category").agg(size=nw.len())
    found = fetch(named, by=["category"]).sort("size", descending=True, maintain_order=True)
    if found.is_empty():
        return None
    return str(found["category"][0]) if 2 * found["size"][0] >= found["size"].sum() else SEVERAL


def _pooled(known: pl.DataFrame) -> Pooled:
    """Return the mean of campaigns, its error and the variance between them (DerSimonian-Laird).

    The doubt of the method is not made smaller by many campaigns, only that of chance is.
    """
    if known.is_empty():
        return None, 0.0, 0.0
    net, error, doubt = (known[name].to_numpy() for name in ("net", "net_error", "doubt"))
    between = _variance(net, error)
    weight = 1 / (error**2 + between)
    weight = weight / weight.sum()
    chance = weight**2 @ (error**2 - doubt**2 + between)
    return float(weight @ net), float((chance + weight @ doubt**2) ** 0.5), between


def _variance(values: Floats, error: Floats) -> float:
    """Return the variance between true values that the measured ones show beyond their errors."""
    if len(values) <= 1:
        return 0.0
    weight = 1 / error**2
    mean = weight @ values / weight.sum()
    scale = weight.sum() - (weight**2).sum() / weight.sum()
    return float(max(0.0, (weight @ (values - mean) ** 2 - len(values) + 1) / scale))


def _drawn(mean: Pooled, whole: Pooled, apart: float) -> tuple[float | None, ...]:
    """Return a kind's mean drawn towards that of all campaigns, and its ends for one more."""
    if mean[0] is None or whole[0] is None:
        return None, None, None
    trust = 1.0 if mean is whole else apart / (apart + mean[1] ** 2)
    drawn = whole[0] + trust * (mean[0] - whole[0])
    error = trust * mean[1] ** 2 + (1 - trust) * whole[1] ** 2 + max(mean[2], whole[2])
    reach = Z95 * error**0.5
    return drawn, drawn - reach, drawn + reach
