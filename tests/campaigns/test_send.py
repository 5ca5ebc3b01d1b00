"""Sending: nothing leaves in a dry run, and nobody gets a message twice, whatever happens."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from email import message_from_string, policy
from email.message import EmailMessage
from pathlib import Path

import polars as pl
import pytest
from crowd import PEOPLE, open_crowd, planned
from mailserver import Inbox, receiving
from test_export import drawn

from workbench import paths
from workbench.campaigns.audiences.audience import SENDS
from workbench.campaigns.audiences.export import export
from workbench.campaigns.audiences.message import compose, tokens
from workbench.campaigns.audiences.send import Sent, send, unsubscribe
from workbench.campaigns.plans.plan import Campaign
from workbench.data import Shop


@pytest.fixture
def inbox(crowd: Shop) -> Iterator[Inbox]:
    """A mail server that the home's settings name."""
    assert crowd
    with receiving() as inbox:
        settings(inbox)
        yield inbox


def settings(inbox: Inbox) -> None:
    """Write the settings of a mail server."""
    lines = [
        f"host: 127.0.0.1\nport: {inbox.port}\nsecurity: none",
        "sender: Shop <us@shop.example>",
    ]
    (paths.home() / "mail.yaml").write_text("\n".join([*lines, "unsubscribe: out@shop.example"]))


@pytest.fixture
def campaign(crowd: Shop) -> Campaign:
    """A campaign whose groups are drawn: 28 get its offer."""
    return drawn(crowd, planned())


def read(text: str) -> EmailMessage:
    """Return a message as its reader gets it."""
    found = message_from_string(text, policy=policy.default)
    assert isinstance(found, EmailMessage)
    return found


def test_a_dry_run_writes_files_and_sends_nothing(
    crowd: Shop, campaign: Campaign, inbox: Inbox
) -> None:
    """It is what happens unless asked otherwise, and may be repeated."""
    assert send(crowd, campaign) == send(crowd, campaign) == Sent(28, 0, 0, 0)
    folder = paths.home() / "exports" / "cheap-bread" / "dry-run"
    assert len(list(folder.glob("*.eml"))) == 28
    assert inbox.messages == []
    assert SENDS.read(paths.home()).is_empty()


def test_each_gets_one_message_and_only_once(crowd: Shop, campaign: Campaign, inbox: Inbox) -> None:
    """A second sending reaches nobody."""
    assert send(crowd, campaign, live=True) == Sent(28, 0, 0, 0)
    assert send(crowd, campaign, live=True) == Sent(0, 28, 0, 0)
    assert len(inbox.recipients) == len(set(inbox.recipients)) == 28
    assert SENDS.read(paths.home())["state"].unique().to_list() == ["sent"]


def test_a_campaign_s_own_messages_do_not_bar_from_it(crowd: Shop, inbox: Inbox) -> None:
    """At most one message in four weeks: who got this one counts once, even where they left."""
    assert inbox
    campaign = drawn(crowd, planned(cap=1, days="2026-03-09/2026-03-22"))
    assert send(crowd, campaign, live=True) == Sent(26, 0, 0, 0)
    assert send(crowd, campaign, live=True) == Sent(0, 26, 0, 0)
    assert export(crowd, campaign).do().startswith("26 customers written")
    first = SENDS.read(paths.home())["customer"].sort()[0]
    unsubscribe(crowd, tokens(pl.Series([first]))[0])
    assert send(crowd, campaign, live=True) == Sent(0, 26, 0, 0)
    said = "1 of those drawn refused: they may not be addressed by now"
    assert export(crowd, campaign).do().endswith(said)


def test_a_message_is_personal_and_can_be_unsubscribed_from(
    crowd: Shop, campaign: Campaign, inbox: Inbox
) -> None:
    """Name, offer, own favourite, days; its token leads back to the person."""
    send(crowd, campaign, live=True)
    first = read(inbox.messages[0])
    assert first["To"] == "c04@example.org"
    assert first["Subject"] == "20% off, from 23 February to 8 March"
    plain, html = (first.get_body((kind,)).get_content() for kind in ("plain", "html"))  # type: ignore[union-attr]
    for said in ("Dear Name c04,", "We know that you like bread.", "20% off", "8 March"):
        assert said in plain
        assert said in html
    token = str(first["List-Unsubscribe"]).partition("subject=")[2].rstrip(">")
    assert f"mailto:out@shop.example?subject={token}" in plain
    assert re.fullmatch("[0-9a-f]{32}", token)
    unsubscribe(crowd, token)
    assert send(crowd, campaign, live=True) == Sent(0, 28, 0, 0)


def test_who_unsubscribes_gets_no_other_campaign(crowd: Shop, inbox: Inbox) -> None:
    """Even where the groups were drawn before."""
    campaign = drawn(crowd, planned())
    unsubscribe(crowd, tokens(pl.Series(["c04"]))[0])
    assert send(crowd, campaign, live=True) == Sent(27, 0, 1, 0)
    assert "c04@example.org" not in inbox.recipients


def test_a_sending_cut_short_never_repeats_a_message(
    crowd: Shop, campaign: Campaign, inbox: Inbox
) -> None:
    """The one that was on its way may have arrived: it is told and not sent again."""
    inbox.cut_after = 10
    with pytest.raises(ValueError, match="failed after 9 messages"):
        send(crowd, campaign, live=True)
    inbox.cut_after = None
    assert send(crowd, campaign, live=True) == Sent(18, 9, 0, 1)
    assert len(inbox.recipients) == len(set(inbox.recipients)) == 28


def test_a_crash_between_the_two_notes_never_repeats_a_message(
    crowd: Shop, campaign: Campaign, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed after any number of messages, begun again: each arrives once at most."""

    class Killed(BaseException):
        pass

    def killed(*_: object) -> None:
        raise Killed

    for _ in range(3):
        with monkeypatch.context() as patched:
            patched.setattr("workbench.campaigns.audiences.send._note", killed)
            with pytest.raises(Killed):
                send(crowd, campaign, live=True)
    assert send(crowd, campaign, live=True) == Sent(25, 0, 0, 3)
    assert len(inbox.recipients) == len(set(inbox.recipients)) == 28


def test_two_sendings_at_once_share_the_work(crowd: Shop, campaign: Campaign, inbox: Inbox) -> None:
    """Started twice by mistake, each person still gets one."""
    with ThreadPoolExecutor(2) as hands:
        done = list(hands.map(lambda _: send(crowd, campaign, live=True), range(2)))
    assert sum(each.sent for each in done) == 28
    assert len(inbox.recipients) == len(set(inbox.recipients)) == 28


def test_a_refused_address_does_not_stop_the_others(
    crowd: Shop, campaign: Campaign, inbox: Inbox
) -> None:
    """The server's word is taken down and counted."""
    inbox.refuses = {"c05@example.org"}
    assert send(crowd, campaign, live=True) == Sent(27, 0, 1, 0)
    assert send(crowd, campaign, live=True) == Sent(0, 27, 1, 0)


def test_addresses_that_carry_headers_reach_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two addresses in one field, and one with a line of its own."""
    people = PEOPLE.replace("c04@example.org", '"a@x.example, b@x.example"')
    people = people.replace("c05@example.org", '"a@x.example\nBcc: b@x.example"')
    shop = open_crowd(tmp_path, monkeypatch, people=people)
    with receiving() as inbox:
        settings(inbox)
        sent = send(shop, drawn(shop, planned()), live=True)
    assert sent.sent == 26
    assert sent.refused == 2
    assert not [to for to in inbox.recipients if "x.example" in to]


def test_a_name_is_never_markup_or_a_header(crowd: Shop) -> None:
    """HTML is escaped, plain text is not; a subject of two lines is refused."""
    assert crowd
    values = {
        "first_name": "<b>Ann</b>",
        "own": None,
        "retailer": "Shop",
        "offer_text": "A & B",
        "products": ["<i>"],
        "first_day": "1 May",
        "last_day": "2 May",
        "email": "a@x.example",
        "unsubscribe": "mailto:out@x.example",
        "sender": "us@x.example",
        "ident": "<1@x>",
    }
    message = compose("offer", values)
    html = message.get_body(("html",)).get_content()  # type: ignore[union-attr]
    assert "&lt;b&gt;Ann" in html
    assert "<i>" not in html
    assert message["Subject"] == "A & B, from 1 May to 2 May"
    with pytest.raises(ValueError, match=r"single e-mail|linefeed|newline"):
        compose("offer", values | {"sender": "us@x.example\nBcc: b@x.example"})


@pytest.mark.parametrize("template", ["offer", "welcome", "birthday", "thank-you"])
def test_every_template_is_whole(crowd: Shop, template: str) -> None:
    """Subject, both texts, the offer and the way out of the list."""
    campaign = drawn(crowd, planned(message=template))
    with receiving() as inbox:
        settings(inbox)
        send(crowd, campaign, live=True)
    first = read(inbox.messages[0])
    assert first["Subject"]
    for kind in ("plain", "html"):
        text = first.get_body((kind,)).get_content()  # type: ignore[union-attr]
        assert "20% off" in text
        assert "mailto:out@shop.example" in text
        assert "{" not in text.partition("</style>")[2]


def test_without_a_mail_server_nothing_is_begun(crowd: Shop, campaign: Campaign) -> None:
    """Settings that lack something, a server that does not answer, a channel that is another."""
    with pytest.raises(ValueError, match=r"mail\.yaml"):
        send(crowd, campaign, live=True)
    settings(Inbox(port=1))
    with pytest.raises(ValueError, match="does not answer"):
        send(crowd, campaign, live=True)
    assert SENDS.read(paths.home()).is_empty()
    with pytest.raises(ValueError, match="goes by sms; export"):
        send(crowd, planned(channel="sms"))
