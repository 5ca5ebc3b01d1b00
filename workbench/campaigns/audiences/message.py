"""Messages: a template of the project, filled for one person, as plain text and as HTML.

A template is two files in `templates/message/`: `<name>.txt.j2`, whose first line is the
subject, and `<name>.html.j2`.
"""

from collections.abc import Iterator, Mapping
from email.message import EmailMessage
from email.utils import parseaddr
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import narwhals as nw
import polars as pl
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from workbench import paths, post
from workbench.campaigns.plans.plan import Campaign
from workbench.data.engine import fetch, total
from workbench.data.privacy import pseudonyms, workspace_key
from workbench.data.shop import Shop

_WORDS = {
    "multi-buy": "Take {take:g}, pay {pay:g}",
    "free gift": "A free gift with your purchase",
    "free shipping": "We pay the postage",
    "points": "{rate:.0%} back in points",
    "early access": "You may buy before everybody else",
}


class Letter(NamedTuple):
    """A message to one customer (the retailer's id) with an offer; none for a bad address."""

    customer: str
    offer: str
    ident: str
    message: EmailMessage | None


def offered(campaign: Campaign) -> str:
    """Return what a campaign offers, as a customer reads it."""
    return _WORDS.get(campaign.mechanic, "{discount:.0%} off").format(**campaign.terms)


def letters(
    shop: Shop, campaign: Campaign, rows: pl.DataFrame, *, sender: str, back: str
) -> Iterator[Letter]:
    """Yield the message to each of the rows' customers, in the order of their ids.

    `rows`: customer_id, customer, offer. `back` is the address that the wish to get no more
    arrives at, with the person's token as its subject.
    """
    people = fetch(shop.table("people").select("customer_id", "first_name", "email"), by=["email"])
    told = rows.join(people, on="customer_id", how="left").join(
        _own(shop, campaign), on="customer_id", how="left"
    )
    told = told.with_columns(token=tokens(told["customer"])).sort("customer_id")
    common, domain = _common(shop, campaign), parseaddr(sender)[1].rpartition("@")[2]
    for row in told.iter_rows(named=True):
        ident = f"<{row['token']}.{campaign.slug}@{domain}>"
        values = {**common, **row, "unsubscribe": f"mailto:{back}?subject={row['token']}"}
        chosen = campaign.message
        template = chosen if isinstance(chosen, str) else chosen[row["offer"]]
        try:
            message = compose(template, values | {"ident": ident, "sender": sender})
        except ValueError:
            message = None
        yield Letter(row["customer"], row["offer"], ident, message)


def compose(template: str, values: Mapping[str, Any]) -> EmailMessage:
    """Return the e-mail of a template, filled, to the address in `email`.

    Raises ValueError for what is no single address, and for a header with a line break in it.
    """
    to = post.address(str(values["email"]).strip())
    first, _, text = _filled(f"{template}.txt.j2", values).partition("\n")
    message = EmailMessage()
    message["From"], message["To"], message["Message-ID"] = values["sender"], to, values["ident"]
    message["Subject"] = subject = first.removeprefix("Subject: ")
    message["List-Unsubscribe"] = f"<{values['unsubscribe']}>"
    message.set_content(text)
    html = _filled(f"{template}.html.j2", {**values, "subject": subject})
    message.add_alternative(html, subtype="html")
    return message


def tokens(customers: pl.Series) -> pl.Series:
    """Return the tokens by which customers unsubscribe: they tell nobody who it is."""
    return pseudonyms(customers, "unsubscribe", workspace_key(paths.home()))


def _common(shop: Shop, campaign: Campaign) -> dict[str, Any]:
    """Return what all messages of a campaign say."""
    kept = nw.col("product").is_in(list(campaign.products))
    products = fetch(shop.products.filter(kept).select("product", "description"), by=["product"])
    first, last = (f"{day.day} {day:%B}" for day in (campaign.days.first, campaign.days.last))
    return {
        "retailer": shop.retailer,
        "offer_text": offered(campaign),
        "products": [row["description"] or row["product"] for row in products.rows(named=True)],
        "first_day": first,
        "last_day": last,
    }


def _own(shop: Shop, campaign: Campaign) -> pl.DataFrame:
    """Return what each customer buys most of the campaign's category: customer_id, own."""
    shelf = shop.categories.filter(nw.col("category") == campaign.category).select("category_id")
    lines = shop.during(campaign.period).lines.filter(~nw.col("customer_id").is_null())
    counted = lines.join(shelf, on="category_id", how="semi").group_by("customer_id", "product_id")
    units = counted.agg(units=total("quantity"))
    names = shop.products.select("product_id", own=nw.coalesce("description", "product"))
    named = units.join(names, on="product_id")
    found = fetch(named, by=["customer_id", "product_id"]).sort(
        "customer_id", "units", "product_id", descending=[False, True, False]
    )
    return found.group_by("customer_id", maintain_order=True).first().select("customer_id", "own")


def _filled(file: str, values: Mapping[str, Any]) -> str:
    return _templates(paths.templates() / "message").get_template(file).render(values)


@lru_cache(maxsize=2)
def _templates(folder: Path) -> Environment:
    return Environment(
        loader=FileSystemLoader(folder),
        autoescape=select_autoescape(["html.j2"]),
        undefined=StrictUndefined,
        trim_blocks=True,
    )
