"""Sending: a campaign's e-mails, each once per person and campaign whatever happens.

A message is written down before it leaves and again after it left. What was begun and not
finished may have left: it is never sent again, and told. Nothing leaves without `live`: a dry run
writes the messages to a folder.

`mail.yaml` (see `workbench.post`) may name the address at which the wish to get no more arrives,
`unsubscribe: unsubscribe@example.org`; without it that is the sender's.
"""

import shutil
import smtplib
from collections.abc import Iterable, Mapping
from email.utils import parseaddr
from typing import NamedTuple

import polars as pl

from workbench import paths, post
from workbench.campaigns.audiences.audience import SENDS, UNSUBSCRIBED, newest
from workbench.campaigns.audiences.export import addressees
from workbench.campaigns.audiences.message import Letter, letters, tokens
from workbench.campaigns.plans.plan import Campaign
from workbench.data.engine import fetch
from workbench.data.shop import Shop
from workbench.journal import OF

BEGUN, SENT, REFUSED = "begun", "sent", "refused"


class Sent(NamedTuple):
    """What a sending came to, in persons: sent now, and for the others why not.

    `before`: an earlier sending reached them; `refused`: they may not be addressed by now, or
    the server refused; `unsure`: begun by a sending that was cut short.
    """

    sent: int
    before: int
    refused: int
    unsure: int

    def __str__(self) -> str:
        return (
            f"{self.sent:,} sent, {self.before:,} had it before, {self.refused:,} refused, "
            f"{self.unsure:,} unsure (begun by a sending that was cut short, and not repeated)"
        )


def send(
    shop: Shop, campaign: Campaign, *, excluded: pl.DataFrame | None = None, live: bool = False
) -> Sent:
    """Send a campaign's e-mails to those drawn for an offer who may be written to now.

    Without `live` they are written to `exports/<slug>/dry-run` in the workbench's home instead.
    Raises ValueError for another channel, for missing settings, groups or addresses, and where
    the server fails; what was sent until then is written down.
    """
    if campaign.channel != "email":
        raise ValueError(f"{campaign.slug} goes by {campaign.channel}; export its audience instead")
    mail, shop = post.settings(paths.home()), newest(shop)
    back = post.address(mail.get("unsubscribe") or parseaddr(mail["sender"])[1])
    rows, refused = addressees(shop, campaign, excluded=excluded)
    ready = letters(shop, campaign, rows, sender=mail["sender"], back=back)
    if not live:
        return _dry(campaign, ready, refused)
    return _live(shop, campaign, ready, rows, refused, mail)


def unsubscribe(shop: Shop, token: str, *, channel: str = "email") -> str:
    """Take the wish to get no more messages, by the token of one; return what is so now.

    Raises ValueError for a token of nobody.
    """
    people = fetch(shop.customers.select("customer"), by=["customer"])
    found = people.filter(tokens(people["customer"]) == token.strip().lower())
    if found.is_empty():
        raise ValueError(f"the token {token[:40]!r} is nobody's; copy the subject of their message")
    row = {"retailer": shop.retailer, "customer": found["customer"][0], "channel": channel}
    with UNSUBSCRIBED.writing(paths.home()) as journal:
        new = UNSUBSCRIBED.put(journal, {**row, "day": str(shop.last_day)})
    return f"they get nothing by {channel} any more" if new else "they had unsubscribed before"


def _dry(campaign: Campaign, ready: Iterable[Letter], refused: int) -> Sent:
    folder = paths.home() / "exports" / campaign.slug / "dry-run"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    written = 0
    for letter in ready:
        if letter.message:
            written += 1
            (folder / f"{written:06}.eml").write_bytes(bytes(letter.message))
        else:
            refused += 1
    return Sent(written, 0, refused, 0)


def _live(
    shop: Shop,
    campaign: Campaign,
    ready: Iterable[Letter],
    rows: pl.DataFrame,
    refused: int,
    mail: Mapping[str, str],
) -> Sent:
    ours = f"campaign = ? AND {OF}", [campaign.slug, shop.retailer]
    begun = SENDS.read(paths.home(), *ours)
    earlier = begun["state"].to_list()
    sent, refused = 0, refused - begun.join(rows, on="customer", how="anti").height
    with post.server(mail) as server:
        for letter in ready:
            if not _begun(shop, campaign, letter):
                continue
            state = _state(server, letter, sent)
            _note(shop, campaign, letter, state)
            sent, refused = sent + (state == SENT), refused + (state == REFUSED)
    return Sent(sent, earlier.count(SENT), refused + earlier.count(REFUSED), earlier.count(BEGUN))


def _state(server: smtplib.SMTP, letter: Letter, sent: int) -> str:
    """Return what became of a message: sent, or refused by the server."""
    if letter.message is None:
        return REFUSED
    try:
        server.send_message(letter.message)
    except (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError, smtplib.SMTPSenderRefused):
        return REFUSED
    except (smtplib.SMTPException, OSError) as error:
        raise ValueError(
            f"the mail server failed after {sent:,} messages ({type(error).__name__}); whether "
            "the next one left is unsure, and it is not repeated; send again for the others"
        ) from error
    return SENT


def _begun(shop: Shop, campaign: Campaign, letter: Letter) -> bool:
    """Write down that a message is about to leave; say no where one was, or where they left."""
    with SENDS.writing(paths.home()) as journal:
        return SENDS.put(
            journal,
            {
                "retailer": shop.retailer,
                "campaign": campaign.slug,
                "customer": letter.customer,
                "offer": letter.offer,
                "channel": campaign.channel,
                "state": BEGUN,
                "day": str(shop.last_day),
                "message": letter.ident,
            },
        )


def _note(shop: Shop, campaign: Campaign, letter: Letter, state: str) -> None:
    with SENDS.writing(paths.home()) as journal:
        journal.execute(
            f"UPDATE sends SET state = ? WHERE campaign = ? AND customer = ? AND {OF}",  # noqa: S608 - our own words
            [state, campaign.slug, letter.customer, shop.retailer],
        )
