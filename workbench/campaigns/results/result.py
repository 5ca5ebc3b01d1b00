"""Result: what came of one campaign: answers, money by payer, neighbours, and its likeness."""

from pathlib import Path

import narwhals as nw
import polars as pl

from workbench.campaigns.audiences.groups import CONTROL, balance
from workbench.campaigns.plans.others import elsewhere
from workbench.campaigns.results.design import DESIGNS, Run
from workbench.campaigns.results.placebo import VERDICTS
from workbench.campaigns.results.uplift import MATCHED, METHODS, Study, finished
from workbench.campaigns.results.windows import OUTCOMES
from workbench.data.engine import CENTS_PER_UNIT, fetch, only, total
from workbench.data.shop import Shop
from workbench.measures.chance import wilson

RETAILER, MAKERS = "Retailer", "Makers"
_EVEN = 19
_AMOUNTS = ("uplift", "low", "high", "smallest", "total", "total_low", "total_high")
_SIDES = ("treated_mean", "control_mean", "treated_change", "control_change")
MONEY = {name: f"{name}_amount" for name in (*_AMOUNTS, *_SIDES)}
HEADINGS = {
    "uplift": "Uplift per target",
    "uplift_amount": "Uplift per target",
    "low": "At least",
    "low_amount": "At least",
    "high": "At most",
    "high_amount": "At most",
    "smallest": "Smallest seen",
    "smallest_amount": "Smallest seen",
    "treated_mean_amount": "Targets",
    "control_mean_amount": "Without it",
    "uplift_share": "Of what without it",
    "total_amount": "In all",
    "treated": "Targets",
    "control": "Others",
    "treated_change_amount": "Targets' change",
    "control_change_amount": "Change without it",
    "gave_amount": "Discounts",
    "contact_amount": "Messages",
    "cost_amount": "Cost",
    "brought_amount": "Margin brought",
    "roi_share": "ROI",
    "roi_low_share": "ROI, at least",
    "roi_high_share": "ROI, at most",
    "offer_mean": "Targets",
    "others_mean": "Others",
    "others_share": "In another campaign",
    "like_share": "With somebody alike",
    "standing": "Others come to",
}
DEFINITION = {
    **{f"Design: {name}": text for name, text in DESIGNS.items()},
    **METHODS,
    "Placebo": "the same method on the same customers in earlier windows, where this campaign was "
    "not: what it finds there, it finds without a campaign",
    **{f"Verdict: {name}": text for name, text in VERDICTS.items()},
    "Smallest seen": "2.8 standard errors: an effect that large is found four times in five",
    **{f"Of the basket: {name}": text for name, text in OUTCOMES.items()},
    "Discounts by payer": "on receipt lines of those who redeemed, on the day they did, of what "
    "the coupons are good for. Makers' coupons are reimbursed: no cost of the retailer's",
    "ROI": "(margin brought, before the cost, less the cost) / cost, of the retailer. The makers' "
    "margin is not in the data, so theirs cannot be told",
    "Change without it": "what customers of the segment do anyway: who had a bad time rebounds, "
    "who had a good one falls back (regression to the mean)",
}


def shown(frame: pl.DataFrame, by: str) -> pl.DataFrame:
    """Return effects with money under names that say so, and offers named where there are several.

    `by` is the column of names that the offer is put before.
    """
    several = frame["offer"].n_unique() > 1
    name = pl.col(by).cast(pl.String)
    named = pl.concat_str("offer", name, separator=": ") if several else name
    return frame.with_columns(named.alias(by)).rename(MONEY, strict=False)


def parted(told: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the outcomes in money, as `shown` returns them, and visits."""
    visits = pl.col("outcome") == "visits"
    return shown(told.filter(~visits), "outcome"), told.filter(visits)


def outcomes(run: Run) -> list[str]:
    """Return the outcomes that a campaign can be judged by: parts where products are promoted."""
    return list(OUTCOMES) if run.products else list(OUTCOMES)[:3]


def answers(shop: Shop, run: Run) -> pl.DataFrame:
    """Return one row per offer: customers, redeemers, conversion_share with low and high.

    Redeemers are those of the offer's customers who redeemed a coupon of the campaign by its
    last day; null where the retailer has no redemptions of it.
    """
    offered = run.groups.filter(pl.col("group") != CONTROL)
    redeemed = _redeemed(shop, run).select("customer_id").unique()
    told = pl.lit(run.number is not None and shop.has("redemptions"))
    came = pl.col("customer_id").is_in(redeemed["customer_id"].implode())
    counted = offered.group_by(offer=pl.col("group").cast(pl.String)).agg(
        customers=pl.len().cast(pl.Int64), redeemers=came.sum().cast(pl.Int64)
    )
    redeemers = pl.when(told).then(pl.col("redeemers"))
    low, high = wilson(pl.col("redeemers"), pl.col("customers"))
    return (
        counted.with_columns(redeemers=redeemers)
        .sort("offer")
        .with_columns(
            conversion_share=pl.col("redeemers") / pl.col("customers"),
            low_share=low,
            high_share=high,
        )
    )


def by_segment(study: Study, labels: pl.DataFrame, outcome: str = "sales") -> pl.DataFrame:
    """Return one row per offer and segment in its order: the figure to rest on within it.

    Labels have to come from before the campaign; who has none is left out. Columns: offer,
    segment, those of `uplift`, and treated_change and control_change, from the window before to
    the campaign's: the second is what customers of the segment do without it, a fall or a
    rebound, in which the regression to the mean shows.
    """
    kind = labels.schema["segment"]
    names = labels.select(pl.col("customer_id").cast(pl.Int64), pl.col("segment").cast(pl.String))
    rows = []
    for look in study.looks():
        adjusted = look.used(outcome)
        here = look.customers.join(names, on="customer_id", how="left", maintain_order="left")
        for segment in kind.categories:  # type: ignore[attr-defined]
            some = here["segment"].eq_missing(segment).to_numpy()
            told = look.row(outcome, adjusted, some) | look.changes(outcome, some)
            rows.append({"offer": look.offer, "segment": segment, **told})
    return finished(rows).cast({"segment": kind})


def account(shop: Shop, run: Run, told: pl.DataFrame, *, contact: float = 0.0) -> pl.DataFrame:
    """Return one row per payer: what the campaign cost, and for the retailer what it brought.

    `told` has the margin's rows among what `judged` returns; `contact` is the cost of
    addressing one customer, in units. Columns: payer, gave_amount (discounts), contact_amount,
    cost_amount, brought_amount (margin, with the retailer's own discounts added back, which it is
    already less by), roi_share with roi_low_share and roi_high_share. The discounts of the payers
    add up to what was given. Nulls where it cannot be told.
    """
    given, margin = _given(shop, run), told.filter(pl.col("outcome") == "margin")
    addressed = run.groups.filter(pl.col("group") != CONTROL).height
    whole = margin.select(pl.col("total", "total_low", "total_high").sum())
    known = margin["total"].null_count() == 0 and not margin.is_empty()
    sums = whole.row(0) if known else (None, None, None)
    rows = [
        (RETAILER, given[0], contact * addressed, *sums),
        (MAKERS, given[1], 0.0, None, None, None),
    ]
    names = ["payer", "gave_amount", "contact_amount", "net", "net_low", "net_high"]
    kinds = [pl.String, *[pl.Float64] * 5]
    table = pl.DataFrame(rows, dict(zip(names, kinds, strict=True)), orient="row")
    cost = pl.col("gave_amount") + pl.col("contact_amount")
    roi = {
        f"roi{end}_share": pl.when(cost > 0).then(
            (pl.col(f"net{end}") - pl.col("contact_amount")) / cost
        )
        for end in ("", "_low", "_high")
    }
    brought = pl.col("net") + pl.col("gave_amount")
    columns = ["payer", "gave_amount", "contact_amount"]
    return table.select(*columns, cost_amount=cost, brought_amount=brought, **roi)


def crowding(shop: Shop, run: Run, home: Path | None = None) -> pl.DataFrame:
    """Return one row per group: customers, and others_share, addressed by another campaign too.

    Another campaign is one of the retailer's or of the planner's that ran on any of the same days.
    """
    told = run.groups.select("customer_id", pl.col("group").cast(pl.String))
    ids = elsewhere(shop, run.window, run.name, home=home)["customer_id"]
    return (
        told.group_by("group")
        .agg(
            customers=pl.len().cast(pl.Int64),
            others_share=pl.col("customer_id").is_in(ids.implode()).mean(),
        )
        .sort("group")
    )


def likeness(study: Study) -> pl.DataFrame:
    """Return one row per offer and measure before: how unlike the compared were, and are.

    Columns: offer, measure, offer_mean, others_mean, unweighted and weighted (apart by so many
    standard deviations; a tenth is alike). By lot there is no weighting.
    """
    tables = []
    for look in study.looks():
        who = look.customers.select("customer_id", "group", weight=pl.Series(look.weight))
        names = [f"{name}_{k}" for name in ("sales", "visits") for k in look.before]
        past = look.customers.select("customer_id", *names)
        weighted = balance(who, past)["difference"]
        plain = balance(who.drop("weight"), past).drop("alike")
        before = pl.col("measure").str.replace(r"_(\d)", ", $1 windows before")
        plain = plain.with_columns(before.str.replace("1 windows", "1 window"))
        tables.append(
            plain.rename({"difference": "unweighted", "control_mean": "others_mean"}).with_columns(
                weighted=weighted
            )
        )
    return pl.concat(tables)


def overlap(study: Study) -> pl.DataFrame:
    """Return one row per offer: whether there is somebody like its customers to compare with.

    Columns: offer, treated, like_share (of them, whose odds of being chosen are under 19 to 1),
    control, standing (how many customers of equal weight the controls come to).
    """
    rows = []
    for look in study.looks():
        weight, treated = look.weight[~look.treated], int(look.treated.sum())
        like = 1.0 if study.design != MATCHED else float((look.odds[look.treated] < _EVEN).mean())
        standing = float(weight.sum() ** 2 / (weight**2).sum())
        rows.append((look.offer, treated, like, len(weight), standing))
    names = ["offer", "treated", "like_share", "control", "standing"]
    return pl.DataFrame(rows, names, orient="row")


def _redeemed(shop: Shop, run: Run) -> pl.DataFrame:
    """Return one row per customer and day on which a coupon of the campaign was redeemed."""
    if run.number is None or not shop.has("redemptions"):
        return pl.DataFrame(schema={"customer_id": pl.Int64, "day": pl.Date})
    inside = nw.col("day").is_between(run.window.first, run.window.last)
    ours = shop.table("redemptions").filter(nw.col("campaign_id") == run.number, inside)
    return fetch(ours.select("customer_id", "day").unique(), by=["customer_id", "day"])


def _given(shop: Shop, run: Run) -> tuple[float | None, float | None]:
    """Return the discounts given by the retailer and by makers on what was redeemed, in units."""
    redeemed = _redeemed(shop, run)
    if redeemed.is_empty():
        return (0.0, 0.0) if run.number is not None and shop.has("redemptions") else (None, None)
    promoted = only(shop.during(run.window).lines, "product_id", run.products)
    theirs = only(promoted, "customer_id", redeemed["customer_id"].unique().to_list())
    keys = ["customer_id", "day"]
    sums = {"match": total("match_discount"), "coupon": total("coupon_discount")}
    found = fetch(theirs.group_by(keys).agg(**sums), by=keys).join(redeemed, on=keys)
    return found.select(pl.col("match", "coupon").sum() / CENTS_PER_UNIT).row(0)
