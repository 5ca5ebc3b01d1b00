"""The brief of a persona: product, offer, channel and time, each with the figures it rests on."""

from typing import Any

import polars as pl

from workbench.measures.business.times import say_times
from workbench.measures.customers.persona import Persona

EVERYBODY = "as for everybody"
LEAST = 30
PARTS = pl.Enum(["Product", "Offer", "Channel", "Campaign", "Time"])


def brief(told: Persona, segment: str) -> pl.DataFrame:
    """Return one row per part of a message to the segment: part, advice, evidence (in words).

    What does not surely differ from other customers is "as for everybody", with the figures; the
    time is when the segment comes most, whenever others come. Channels and kinds of campaigns
    that reached fewer than `LEAST` are not compared.
    """
    own = {
        name: frame.filter(pl.col("segment").cast(pl.String) == segment)
        for name, frame in told._asdict().items()
        if "segment" in frame.columns
    }
    reached = own["campaigns"].filter(pl.col("targeted") >= LEAST)
    rows = [
        ("Product", *_product(own["categories"])),
        ("Offer", *_price(own["prices"], own["depths"])),
        ("Channel", *_channel(own["channels"])),
        ("Campaign", *_best(reached, "kind", "conversion_share")),
        ("Time", *_time(told.hours)),
    ]
    names = {"part": PARTS, "advice": pl.String(), "evidence": pl.String()}
    return pl.DataFrame(rows, names, orient="row")


def say_persona(members: pl.DataFrame, told: Persona, segment: str) -> str:
    """Return who the segment is: a persona only where it is found again, in sure traits."""
    row = members.filter(pl.col("segment").cast(pl.String) == segment).row(0, named=True)
    sure = told.traits.filter(pl.col("segment").cast(pl.String) == segment)
    first = _join(sure["trait"].head(4).to_list())
    apart = f"What surely sets them apart: {first}" if first else "Nothing surely sets them apart"
    who = f"{segment} ({row['customers']:,} customers)"
    if row["kind"] == "segment by rule":
        return f"{who} is a segment by rule. {apart}"
    trust = (
        f"{row['inside_share']:.0%} of members clearly belong, and {row['overlap_share'] or 0:.1%} "
        "of the group is found again in other draws of customers"
    )
    if row["kind"] == "persona":
        return f"{who} is a persona. {apart}. {trust}"
    return f"{who} is a group of customers and no persona: {trust}. {apart}"


def say_message(rows: pl.DataFrame, segment: str) -> str:
    """Return the message in a sentence, composed of the parts of the brief that say anything."""
    sure = {part: advice for part, advice, _ in rows.rows() if advice != EVERYBODY}
    about = f"offer {sure['Product']}" if "Product" in sure else "offer what all customers like"
    how = [sure[part] for part in ("Offer", "Channel", "Campaign", "Time") if part in sure]
    return f"To {segment}: {', '.join([about, *how])}"


def _product(categories: pl.DataFrame) -> tuple[str, str]:
    best = categories.filter(pl.col("index_low") > 100).sort("index_low", descending=True).head(3)
    if best.is_empty():
        return EVERYBODY, "no category stands out by the lower end of its index"
    figures = (
        f"{row['category']}: index {row['index']:.0f}, at least {row['index_low']:.0f}, bought by "
        f"{row['penetration']:.0%}"
        for row in best.rows(named=True)
    )
    return _join(best["category"].to_list()), "; ".join(figures)


def _price(prices: pl.DataFrame, depths: pl.DataFrame) -> tuple[str, str]:
    row = prices.row(0, named=True)
    usual = depths.filter(pl.col("depth").cast(pl.String) == "Full price")["total_share"].item()
    if row["low_share"] is None or usual is None:
        return EVERYBODY, "too little was bought to say"
    evidence = (
        f"{row['full_price_share']:.0%} of their purchases are at full price "
        f"({row['low_share']:.0%} to {row['high_share']:.0%}), {usual:.0%} of all customers'"
    )
    if row["low_share"] > usual:
        return "without a discount", evidence
    if row["high_share"] >= usual:
        return EVERYBODY, evidence
    deeper = depths.filter(
        pl.col("depth").cast(pl.String) != "Full price", pl.col("total_share") > 0
    )
    index = pl.col("sales_share") / pl.col("total_share")
    most = deeper.sort(index, descending=True).row(0, named=True)
    more = f"; most beyond others at {most['depth']}: {most['sales_share']:.0%}, "
    return f"at {most['depth']} off", f"{evidence}{more}{most['total_share']:.0%} of all"


def _channel(channels: pl.DataFrame) -> tuple[str, str]:
    written = channels.filter(pl.col("customers") >= LEAST)
    advice, evidence = _best(written, "channel", "clicked_share")
    stated = channels.drop_nulls("preferred_share").sort("preferred_share", descending=True)
    if stated.is_empty():
        return advice, evidence
    first = stated.row(0, named=True)
    said = f"{first['preferred_share']:.0%} of those who stated a channel prefer {first['channel']}"
    return advice, f"{evidence}; {said}"


def _best(frame: pl.DataFrame, name: str, share: str) -> tuple[str, str]:
    """Return the name with the highest share if it is surely so, and the shares of all."""
    low, high = "low_share", "high_share"
    ranked = frame.drop_nulls(low).sort(share, descending=True).rows(named=True)
    if not ranked:
        return EVERYBODY, f"no {name} is known to have been answered"
    figures = (
        f"{row[name]} {row[share]:.1%} ({row[low]:.1%} to {row[high]:.1%})" for row in ranked
    )
    best, *rest = ranked
    sure = bool(rest) and all(best[low] > other[high] for other in rest)
    word = "by" if name == "channel" else "in a campaign of kind"
    return (f"{word} {best[name]}" if sure else EVERYBODY), f"answered: {'; '.join(figures)}"


def _time(hours: pl.DataFrame) -> tuple[str, str]:
    if hours["visits"].sum() == 0:
        return EVERYBODY, say_times(hours)
    best = hours.sort("visits", descending=True, maintain_order=True).row(0, named=True)
    return f"on {best['weekday']}, before {best['hour']}:00", say_times(hours)


def _join(names: list[Any]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
