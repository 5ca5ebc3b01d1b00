"""Declared synthetic tables: what the sample retailer lacks, made from a seed.

Nothing here describes anybody. The tables exist so that every feature can be tried; they are
named in the edition as synthetic, and every page that uses one says so.
"""

import math
from datetime import date, datetime
from pathlib import Path

import numpy as np
import polars as pl

TABLES = ("attributes", "consents", "contacts", "stock", "web_events")
GRANTED = {"marketing": 0.62, "profiling": 0.78, "sharing": 0.24}
OPENED, CLICKED = 0.34, 0.22
NEIGHBOURHOODS = ("City centre", "Suburb", "Small town", "Countryside")
LIFESTYLES = ("Convenience", "Family table", "Health", "Thrift")
STARS = {"1": 0.10, "2": 0.07, "3": 0.13, "4": 0.28, "5": 0.42}
REASONS = {"delivery": 0.2, "loyalty card": 0.3, "price at the till": 0.3, "quality": 0.2}
EVENTS = {"view": 0.70, "basket": 0.16, "abandon": 0.08, "order": 0.06}
YEAR = 2017
WEEKS = 52


def write(lines: pl.LazyFrame, folder: Path, *, seed: int) -> None:
    """Write the synthetic tables of a delivery as Parquet files.

    `lines` holds the sample's receipts as delivered: household_id, product_id, store_id,
    quantity. The same lines and seed give the same files.
    """
    folder.mkdir(parents=True, exist_ok=True)
    customers = _ranked(lines, "household_id")
    products, stores = _ranked(lines, "product_id")[:200], _ranked(lines, "store_id")[:20]
    rng = np.random.default_rng(seed)
    spoken = np.random.default_rng([seed, 1])  # apart, so that the other tables stay as they were
    consents = _consents(customers, rng)
    newsletters = _contacts(consents, rng)
    frames = {
        "consents": consents,
        "contacts": pl.concat([newsletters, *_other_contacts(consents, customers, spoken)]),
        "web_events": _web_events(customers, products, rng),
        "attributes": pl.concat([_attributes(customers, rng), *_feedback(customers, spoken)]),
        "stock": _stock(products, stores, rng),
    }
    for table, frame in frames.items():
        frame.write_parquet(folder / f"{table}.parquet")


def _ranked(lines: pl.LazyFrame, column: str) -> list[str]:
    counted = lines.group_by(column).len().sort("len", column, descending=[True, False])
    return counted.collect()[column].cast(pl.String).to_list()


def _consents(customers: list[str], rng: np.random.Generator) -> pl.DataFrame:
    frames = [
        pl.DataFrame(
            {
                "customer": customers,
                "purpose": purpose,
                "granted": rng.random(len(customers)) < share,
                "since": date(YEAR, 1, 1),
                "until": None,
                "source": "synthetic",
            },
            schema_overrides={"until": pl.Date},
        )
        for purpose, share in GRANTED.items()
    ]
    return pl.concat(frames)


def _contacts(consents: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    willing = consents.filter(pl.col("granted") & (pl.col("purpose") == "marketing"))
    months = pl.DataFrame({"sent": [date(YEAR, month, 5) for month in range(1, 13)]})
    sent = willing.select("customer").join(months, how="cross")
    opened = rng.random(sent.height) < OPENED
    clicked = opened & (rng.random(sent.height) < CLICKED)
    later = pl.col("sent") + pl.duration(days="delay")
    delayed = sent.with_columns(delay=pl.Series(rng.integers(0, 4, sent.height)))
    return delayed.select(
        "customer",
        "sent",
        channel=pl.lit("email"),
        subject=pl.format("newsletter {}", pl.col("sent").dt.strftime("%Y-%m")),
        opened=pl.when(pl.Series(opened)).then(later),
        clicked=pl.when(pl.Series(clicked)).then(later),
    )


def _other_contacts(
    consents: pl.DataFrame, customers: list[str], rng: np.random.Generator
) -> list[pl.DataFrame]:
    """Return text messages, of which no opening is known, and what customers came to say."""
    willing = consents.filter(pl.col("granted") & (pl.col("purpose") == "marketing"))
    days = pl.DataFrame({"sent": [date(YEAR, month, 19) for month in range(2, 13, 2)]})
    texts = willing.select("customer").gather_every(2).join(days, how="cross")
    followed = pl.Series(rng.random(texts.height) < CLICKED / 3)
    size = len(customers) // 5
    spoke = pl.DataFrame(
        {
            "customer": rng.choice(customers, size, p=_frequent_first(customers)),
            "sent": rng.integers(0, 365, size),
            "subject": rng.choice(list(REASONS), size, p=list(REASONS.values())),
        }
    ).with_columns(sent=pl.lit(date(YEAR, 1, 1)) + pl.duration(days=pl.col("sent")))
    never = pl.lit(None, pl.Date)
    columns = ("customer", "sent", "channel", "subject", "opened", "clicked")
    return [
        texts.with_columns(
            channel=pl.lit("sms"),
            subject=pl.format("offer {}", pl.col("sent").dt.strftime("%Y-%m")),
            opened=never,
            clicked=pl.when(followed).then(pl.col("sent")),
        ).select(columns),
        spoke.with_columns(channel=pl.lit("service"), opened=never, clicked=never).select(columns),
    ]


def _feedback(customers: list[str], rng: np.random.Generator) -> list[pl.DataFrame]:
    """Return reviews, by frequent customers more than by others, and the channels preferred."""
    size = len(customers) // 8
    reviewers = rng.choice(customers, size, replace=False, p=_frequent_first(customers))
    asked = rng.permutation(customers)[: len(customers) // 5]
    said = {
        ("stars", "review (synthetic)"): (reviewers, STARS),
        ("preferred channel", "survey (synthetic)"): (
            asked,
            {"email": 0.5, "sms": 0.2, "post": 0.3},
        ),
    }
    return [
        pl.DataFrame(
            {
                "customer": who,
                "attribute": attribute,
                "value": rng.choice(list(values), len(who), p=list(values.values())),
                "source": source,
                "since": rng.integers(0, 365, len(who)),
            }
        ).with_columns(since=pl.lit(date(YEAR, 1, 1)) + pl.duration(days=pl.col("since")))
        for (attribute, source), (who, values) in said.items()
    ]


def _frequent_first(customers: list[str]) -> list[float]:
    """Return the chance of each customer to speak, falling from the most frequent one on."""
    weights = [1 / math.sqrt(place) for place in range(1, len(customers) + 1)]
    whole = sum(weights)
    return [weight / whole for weight in weights]


def _web_events(
    customers: list[str], products: list[str], rng: np.random.Generator
) -> pl.DataFrame:
    visitors = rng.permutation(customers)[: len(customers) * 2 // 5]
    size = 25 * len(visitors)
    seconds_of_year = 365 * 24 * 3600
    frame = pl.DataFrame(
        {
            "customer": rng.choice(visitors, size),
            "at": rng.integers(0, seconds_of_year, size),
            "event": rng.choice(list(EVENTS), size, p=list(EVENTS.values())),
            "product": rng.choice(products, size),
            "seconds": rng.integers(2, 240, size),
        }
    )
    return frame.with_columns(at=pl.lit(datetime(YEAR, 1, 1)) + pl.duration(seconds=pl.col("at")))  # noqa: DTZ001 - the shop's own clock


def _attributes(customers: list[str], rng: np.random.Generator) -> pl.DataFrame:
    asked = rng.permutation(customers)[: len(customers) // 5]
    given = {
        ("neighbourhood", "geo-demographic code (synthetic)"): (customers, NEIGHBOURHOODS),
        ("lifestyle", "survey (synthetic)"): (list(asked), LIFESTYLES),
        ("would recommend", "survey (synthetic)"): (list(asked), [str(n) for n in range(11)]),
    }
    frames = [
        pl.DataFrame(
            {
                "customer": who,
                "attribute": attribute,
                "value": rng.choice(values, len(who)),
                "source": source,
                "since": date(YEAR, 1, 1),
            }
        )
        for (attribute, source), (who, values) in given.items()
    ]
    return pl.concat(frames)


def _stock(products: list[str], stores: list[str], rng: np.random.Generator) -> pl.DataFrame:
    weeks = pl.date_range(date(YEAR, 1, 2), date(YEAR, 12, 25), "1w", eager=True)
    frame = pl.DataFrame({"product": products}).join(pl.DataFrame({"store": stores}), how="cross")
    frame = frame.join(weeks.alias("week").to_frame(), how="cross")
    return frame.with_columns(units=pl.Series(rng.poisson(18, frame.height)))
