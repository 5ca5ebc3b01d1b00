"""Feedback: what customers say in surveys, reviews and to the service, and who it is."""

import narwhals as nw
import polars as pl

from workbench.data.activity import shoppers
from workbench.data.attributes import values
from workbench.data.engine import fetch, money
from workbench.data.period import Latest, Period
from workbench.data.shop import Shop
from workbench.measures.chance import Z95
from workbench.measures.customers.channels import SERVICE
from workbench.measures.rows import segments_of, told
from workbench.measures.spend import mean_spend

RECOMMEND, STARS = "would recommend", "stars"
LEAST = 10
SPEAKERS = {
    "recommend": "Answered the survey",
    "stars": "Wrote a review",
    "contacts": "Turned to the service",
    "silent": "None of these",
}
_GROUP = pl.Enum(list(SPEAKERS.values()))
DEFINITION = {
    "Net recommendation": "0 to 10; those who say 9 or 10 less those who say 0 to 6, in 100 who "
    "answered; answers of fewer than 10 customers of a group are left empty",
    "Stars": "the mean of 1 to 5 stars given in reviews, of at least 10 customers",
    "Service contacts": "contacts of the channel service in the period, per 100 customers of the "
    "group who came in it",
    "An answer": "the last one given by the period's last day",
    "Who answers": "no random sample: spend of those who spoke beside that of those who did not. "
    "One customer can be in several groups",
    "After a contact": "spend of the weeks after the week of the first contact in the period, "
    "less that of as many weeks before it. Alike others are customers without a contact who spent "
    "as much in the same weeks before (five bands): who has just bought much turns to the service "
    "more often, and buys less afterwards in any case. What the bands do not know stays in the "
    "difference, so that it is no effect of the contact",
    "Interval": "95 % over customers",
}


def feedback(shop: Shop, period: str | Period | Latest, labels: pl.DataFrame) -> pl.DataFrame:
    """Return one row per segment in its declared order: what its customers said.

    Columns: segment, customers (with a visit in the period), answers (to whether they would
    recommend the shop), answered_share (of customers), promoters, detractors, net, net_low and
    net_high, reviews, stars, stars_low and stars_high, contacts (to the service), per_hundred,
    per_hundred_low and per_hundred_high. Nulls where fewer than `LEAST` customers spoke, or
    where the shop has no such table.
    """
    heard = said(shop, period)
    named = heard.join(told(labels), on="customer_id", validate="1:1", maintain_order="left")
    recommend, up, down = pl.col("recommend"), pl.col("recommend") >= 9, pl.col("recommend") <= 6
    found = named.group_by("segment", maintain_order=True).agg(
        pl.len().cast(pl.Int64).alias("customers"),
        recommend.count().cast(pl.Int64).alias("answers"),
        (recommend.count() / pl.len()).alias("answered_share"),
        up.sum().cast(pl.Int64).alias("promoters"),
        down.sum().cast(pl.Int64).alias("detractors"),
        *_mean("net", 100 * (up.cast(pl.Int64) - down.cast(pl.Int64))),
        pl.col("stars").count().cast(pl.Int64).alias("reviews"),
        *_mean("stars", pl.col("stars")),
        pl.when(pl.col("contacts").count() > 0).then(pl.col("contacts").sum()),
        *_mean("per_hundred", 100 * pl.col("contacts")),
    )
    return segments_of(labels).join(found, on="segment", how="left", maintain_order="left")


def said(shop: Shop, period: str | Period | Latest) -> pl.DataFrame:
    """Return one row per card customer with a visit in the period: what each of them said.

    Columns: customer_id, sales (cents), recommend (0 to 10), stars (1 to 5), contacts (to the
    service in the period, null where the shop records none), silent (none of these).
    """
    came = shoppers(shop, period).select("customer_id", "sales")
    for name, attribute, most in (("recommend", RECOMMEND, 10), ("stars", STARS, 5)):
        came = came.join(
            _numbers(shop, period, attribute, name, most), on="customer_id", how="left"
        )
    spoke = service(shop, period).group_by("customer_id").agg(contacts=pl.len().cast(pl.Int64))
    recorded = pl.col("contacts").fill_null(0) if shop.has("contacts") else pl.col("contacts")
    joined = came.join(spoke, on="customer_id", how="left").with_columns(recorded)
    answered = pl.col("recommend").is_null() & pl.col("stars").is_null()
    silent = answered & (pl.col("contacts").fill_null(0) == 0)
    return joined.with_columns(silent=silent).sort("customer_id")


def who_answered(shop: Shop, period: str | Period | Latest) -> pl.DataFrame:
    """Return one row per way of speaking, and those who did not: how many, and what they spend.

    Columns: group, customers, customers_share, spend_per_customer with spend_low and spend_high
    (money, 95 %). A customer can be in several groups.
    """
    each = said(shop, period)
    spoke = [pl.col("recommend", "stars").is_not_null(), pl.col("contacts") > 0, pl.col("silent")]
    found = (
        each.with_columns(spoke)
        .unpivot(list(SPEAKERS), index="sales", variable_name="group")
        .filter("value")
        .group_by(pl.col("group").replace_strict(SPEAKERS, return_dtype=_GROUP))
        .agg(
            pl.len().cast(pl.Int64).alias("customers"),
            (pl.len() / max(each.height, 1)).alias("customers_share"),
            *mean_spend(pl.col("sales")),
        )
    )
    amounts = ("spend_per_customer", "spend_low", "spend_high")
    whole = pl.col(amounts).round().cast(pl.Int64)
    return found.sort("group").with_columns(whole).with_columns(money(*amounts))


def reasons(shop: Shop, period: str | Period | Latest) -> pl.DataFrame:
    """Return one row per reason for which customers turned to the service, most frequent first.

    Columns: reason, contacts, customers, contacts_share (of all contacts of the period).
    """
    found = service(shop, period).group_by(pl.col("subject").alias("reason"))
    counted = found.agg(
        contacts=pl.len().cast(pl.Int64), customers=pl.col("customer_id").n_unique().cast(pl.Int64)
    )
    share = pl.col("contacts") / pl.col("contacts").sum()
    ordered = counted.sort("contacts", "reason", descending=[True, False])
    return ordered.with_columns(contacts_share=share)


def service(shop: Shop, period: str | Period | Latest) -> pl.DataFrame:
    """Return one row per contact to the service in the period: customer_id, sent, subject.

    Empty where the shop has no contacts.
    """
    kinds = {"customer_id": pl.Int64(), "sent": pl.Date(), "subject": pl.String()}
    if not shop.has("contacts"):
        return pl.DataFrame(schema=kinds)
    window = shop.window(period)
    rows = shop.table("contacts").filter(nw.col("channel") == SERVICE)
    inside = rows.filter(nw.col("sent").is_between(window.first, window.last))
    return fetch(inside.select(*kinds), by=list(kinds))


def say_feedback(table: pl.DataFrame, who: pl.DataFrame) -> str:
    """Return the sentence that says who would recommend the shop, and whom the answers speak for.

    `table` is what `feedback` returned, `who` what `who_answered` did.
    """
    known = table.drop_nulls("net").sort("net", descending=True)
    if known.is_empty():
        return "Too few customers answered to say whether they would recommend the shop"
    best, worst = known.row(0, named=True), known.row(-1, named=True)
    sure = "" if best["net_low"] > worst["net_high"] else "not surely "
    most, least = (f"net {row['net']:+.0f}".replace("-", "\N{MINUS SIGN}") for row in (best, worst))
    recommended = f"Only {best['segment']} answered often enough to say what they think ({most})"
    if known.height > 1:
        recommended = (
            f"{best['segment']} would recommend the shop most ({most}), {sure}more "
            f"than {worst['segment']} ({least})"
        )
    spent = {row["group"]: row for row in who.drop_nulls("spend_low").rows(named=True)}
    spoke, silent = (spent.get(SPEAKERS[name]) for name in ("recommend", "silent"))
    if spoke is None or silent is None:
        return recommended
    share = f"The {spoke['customers_share']:.0%} of customers who answered"
    if spoke["spend_low"] > silent["spend_high"]:
        return f"{recommended}. {share} spend more than those who said nothing"
    less = spoke["spend_high"] < silent["spend_low"]
    like = "less than" if less else "about as much as"
    return f"{recommended}. {share} spend {like} those who said nothing"


def _numbers(
    shop: Shop, period: str | Period | Latest, attribute: str, name: str, most: int
) -> pl.DataFrame:
    """Return one row per customer whose value is a whole number up to `most`."""
    if not shop.has("attributes"):
        return pl.DataFrame(schema={"customer_id": pl.Int64(), name: pl.Int64()})
    number = pl.col("value").cast(pl.Int64, strict=False)
    found = values(shop, period, attribute).select("customer_id", number.alias(name))
    return found.filter(pl.col(name).is_between(0, most))


def _mean(name: str, number: pl.Expr) -> list[pl.Expr]:
    """Return the mean of a figure and its ends, null where fewer than `LEAST` have one."""
    known = pl.when(number.count() >= LEAST)
    mean, reach = number.mean(), Z95 * number.std() / number.count().sqrt()
    return [
        known.then(mean).alias(name),
        known.then(mean - reach).alias(f"{name}_low"),
        known.then(mean + reach).alias(f"{name}_high"),
    ]
