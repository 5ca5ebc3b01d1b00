"""Delivery: to a folder, by e-mail and to a webhook, and to nobody who was not named."""

import datetime as dt
import json
import threading
from collections.abc import Iterator
from email import message_from_string, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from finished import report
from mailserver import Inbox, receiving

from workbench.run import WrongUsage, deliver_mail
from workbench.run.deliver import Delivery, deliver, to_folder, to_webhook
from workbench.run.pack import Item, Pack, PackResult, Result

TOLD: dict[str, Any] = {
    "subject": "Weekly\nBcc: eve@x.example",
    "title": "Weekly <CRM>",
    "data": ["Corner shop, data v1, complete to 2026-03-01"],
    "page": "http://apps.example/packs/weekly-2026-03-02/index.html",
    "failed": "1 of 2 reports failed",
    "changes": ["Sales of 2 to 8 March 2026 were 115 EUR"],
    "cards": [
        {
            "title": "Tiny <b>",
            "label": "",
            "findings": ["Sales rose", "Ann & Bob lead"],
            "app": "http://apps.example/app/tiny?bands=5",
            "status": "Done",
            "error": None,
        },
        {
            "title": "Broken",
            "label": "all",
            "findings": [],
            "app": "",
            "status": "Failed",
            "error": "no data",
        },
    ],
}


@pytest.fixture(name="inbox")
def mail_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Inbox]:
    """A mail server that the home's settings name."""
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path))
    with receiving() as inbox:
        settings = {"host": "127.0.0.1", "port": inbox.port, "security": "none"}
        settings["sender"] = "The Shop <crm@shop.example>"
        (tmp_path / "mail.yaml").write_text(json.dumps(settings), encoding="utf-8")
        yield inbox


def received(inbox: Inbox, number: int = 0) -> EmailMessage:
    """Return a message as it arrived."""
    return message_from_string(inbox.messages[number], policy=policy.default)


def test_what_a_pack_says_of_its_delivery() -> None:
    """Formats, targets and owner; without a word, pages only, and nobody is told."""
    assert Delivery.parse({}) == Delivery()
    given = {"formats": ["html", "xlsx"], "to": {"mail": "a@x.example", "webhook": "sales"}}
    assert Delivery.parse(given | {"owner": "o@x.example", "notices": "all"}) == Delivery(
        ("html", "xlsx"), "", ("a@x.example",), "sales", "o@x.example", "all"
    )


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"formats": ["docx"]}, "'docx' is unknown; allowed: html, pdf, xlsx, pptx"),
        ({"to": "me"}, "to: 'me'; allowed: folder, mail, webhook"),
        ({"to": {"fax": "1"}}, "allowed: folder, mail, webhook"),
        ({"to": {"mail": "a@x.example, b@x.example"}}, "no single e-mail address; each recipient"),
        ({"owner": "Ann <a@x.example>"}, "no single e-mail address"),
        ({"notices": "never"}, "'never' is unknown; allowed: failures, all"),
    ],
)
def test_a_delivery_that_cannot_be_made_says_why(given: dict[str, Any], said: str) -> None:
    """The error names the value and what is allowed."""
    with pytest.raises(WrongUsage, match=said):
        Delivery.parse(given)


def test_a_folder_gets_pages_and_files_but_no_tables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is there already under the name is replaced whole, and the pack itself stays."""
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path / "home"))
    report(tmp_path / "made" / "team" / "tiny")
    (tmp_path / "made" / "index.html").write_text("links")
    (tmp_path / "made" / "team" / ".tiny.lock").write_text("")
    (tmp_path / "made" / "team" / "tiny" / "report.xlsx").write_bytes(b"x")
    (tmp_path / "out" / "weekly" / "old").mkdir(parents=True)
    place = to_folder(tmp_path / "made", str(tmp_path / "out"), "weekly")
    assert place == tmp_path / "out" / "weekly"
    assert sorted(str(p.relative_to(place)) for p in place.rglob("*") if p.is_file()) == [
        "index.html",
        "team/tiny/report.html",
        "team/tiny/report.xlsx",
    ]
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["weekly"]
    assert to_folder(tmp_path / "made", "shared", "weekly") == tmp_path / "home/shared/weekly"


def test_each_recipient_gets_the_findings_in_the_body(inbox: Inbox, tmp_path: Path) -> None:
    """One message each, to nobody else; names and sentences stay text in the HTML."""
    report(tmp_path / "tiny")
    message = deliver_mail.compose(TOLD, [tmp_path / "tiny" / "report.html"])
    deliver_mail.send(["a@x.example", "b@x.example"], message)
    assert inbox.recipients == ["a@x.example", "b@x.example"]
    first = received(inbox)
    assert (first["To"], first["From"]) == ("a@x.example", "The Shop <crm@shop.example>")
    assert (first["Subject"], first["Bcc"]) == ("Weekly Bcc: eve@x.example", None)
    plain, page, *attached = (part for part in first.walk() if not part.is_multipart())
    for said in ("Ann & Bob lead", "WHAT CHANGED", "Failed: no data", "1 of 2 reports failed"):
        assert said in plain.get_content()
    assert "Attached: tiny.html." in plain.get_content()
    assert "Tiny &lt;b&gt;" in page.get_content()
    assert "<li style" in page.get_content()
    assert [part.get_filename() for part in attached] == ["tiny.html"]


def test_one_report_more_is_no_reports(monkeypatch: pytest.MonkeyPatch) -> None:
    """The body tells the first ones and counts the rest, in text and page."""
    monkeypatch.setattr(deliver_mail, "MOST_CARDS", 1)
    parts = [part for part in deliver_mail.compose(TOLD, []).walk() if not part.is_multipart()]
    assert [part.get_content().count("And 1 more report.") for part in parts] == [1, 1]


def test_files_that_do_not_fit_are_named_instead(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first ones that fit are attached, whatever their order."""
    monkeypatch.setattr(deliver_mail, "MOST_BYTES", 10)
    for name, size in (("one", 6), ("two", 8), ("three", 4)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "report.pdf").write_bytes(b"x" * size)
    files = [tmp_path / name / "report.pdf" for name in ("one", "two", "three")]
    message = deliver_mail.compose(TOLD, files)
    text = message.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "Attached: one.pdf, three.pdf." in text
    assert "Too large to attach: two.pdf." in text
    assert [part.get_filename() for part in message.iter_attachments()] == ["one.pdf", "three.pdf"]


def test_a_refused_recipient_is_named_and_the_others_get_theirs(inbox: Inbox) -> None:
    """The error says who did not get it."""
    inbox.refuses.add("a@x.example")
    message = deliver_mail.note("Weekly", "no data")
    with pytest.raises(ValueError, match=r"refused a@x\.example"):
        deliver_mail.send(["a@x.example", "b@x.example"], message)
    assert inbox.recipients == ["b@x.example"]


def test_without_a_mail_server_nothing_is_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error says which settings are missing and where they belong."""
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path))
    monkeypatch.setenv("WORKBENCH_SMTP_HOST", "mail.example")
    with pytest.raises(ValueError, match=r"mail\.yaml does not say port, security, sender"):
        deliver_mail.send(["a@x.example"], deliver_mail.note("Weekly", "no data"))


@pytest.fixture(name="posted")
def web_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """What a web server on this machine was sent; it refuses what is told of `broken`."""
    bodies: list[Any] = []

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            bodies.append((self.headers["Content-Type"], body))
            self.send_response(500 if body["pack"] == "broken" else 204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Hook) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/secret"
        monkeypatch.setenv("WORKBENCH_WEBHOOK_SALES", address)
        yield bodies
        server.shutdown()


def test_a_webhook_gets_json_at_the_address_of_the_environment(posted: list[Any]) -> None:
    """The pack names the webhook, the environment knows its address, and errors keep it."""
    to_webhook("sales", {"pack": "weekly", "text": "Sales rose by 1 €"})
    assert posted == [("application/json", {"pack": "weekly", "text": "Sales rose by 1 €"})]
    with pytest.raises(ValueError, match="the webhook 'sales' did not take it: 500") as raised:
        to_webhook("sales", {"pack": "broken"})
    assert "secret" not in str(raised.value)
    with pytest.raises(ValueError, match="needs its address in WORKBENCH_WEBHOOK_OTHER"):
        to_webhook("other", {"pack": "weekly"})


def test_a_bad_address_of_a_webhook_stays_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error says of what kind it is, and nothing of the address."""
    monkeypatch.setenv("WORKBENCH_WEBHOOK_SALES", "https://user:SECRET@shop.example/x")
    with pytest.raises(ValueError, match=r"the webhook 'sales' did not take it: InvalidURL$"):
        to_webhook("sales", {"pack": "weekly"})


def test_targets_of_one_name_are_all_reached(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, posted: list[Any]
) -> None:
    """A folder and a webhook that are both called sales get the pack."""
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path))
    folder = tmp_path / "packs" / "weekly"
    result = Result(Item("tiny", {}), out=folder / "tiny", record=report(folder / "tiny"))
    (folder / "index.html").write_text("links")
    pack = Pack("weekly", "Weekly", "", "", (), None, Delivery(folder="sales", webhook="sales"))
    made = PackResult(pack, folder / "index.html", (result,))
    assert deliver(made, dt.date(2026, 3, 2)) == []
    assert (tmp_path / "sales" / "weekly-2026-03-02" / "index.html").read_text() == "links"
    assert [body["due"] for _, body in posted] == ["2026-03-02"]
