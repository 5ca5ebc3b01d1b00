"""E-mails about a pack: its findings in the body, its reports attached as far as they fit."""

import mimetypes
from collections.abc import Iterable, Mapping, Sequence
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import jinja2

from workbench import paths, post

MOST_BYTES = 10_000_000  # of all attachments, which are a third larger on their way
MOST_FILES, MOST_CARDS, MOST_NAMES = 20, 30, 5


def send(recipients: Sequence[str], message: EmailMessage) -> None:
    """Send a message to each recipient alone, or raise ValueError naming those it did not reach."""
    mail = post.settings(paths.home())
    message["From"], refused = mail["sender"], []
    with post.server(mail) as server:
        for address in recipients:
            del message["To"]
            message["To"] = post.address(address)
            try:
                server.send_message(message)
            except OSError as error:
                refused.append(f"{address}: {error}")
    if refused:
        raise ValueError(f"the mail server refused {'; '.join(refused)}")


def compose(told: Mapping[str, Any], files: Iterable[Path]) -> EmailMessage:
    """Return the message of what is told of a pack, as plain text and HTML, with its files.

    Files that do not fit are named in the body instead; each is called like its report.
    """
    size = 0
    kept: list[Path] = []
    left: list[Path] = []
    for path in files:
        fits = size + path.stat().st_size <= MOST_BYTES and len(kept) < MOST_FILES
        size += path.stat().st_size if fits else 0
        (kept if fits else left).append(path)
    names = [_name(path) for path in left[:MOST_NAMES]]
    more = [f"{len(left) - MOST_NAMES} more"] if len(left) > MOST_NAMES else []
    values = {**told, "attached": [*map(_name, kept)], "left": names + more, "most": MOST_CARDS}
    message = note(told["subject"], _filled("pack.txt.j2", values))
    message.add_alternative(_filled("pack.html.j2", values), subtype="html")
    for path in kept:
        main, sub = (mimetypes.guess_type(path.name)[0] or "application/octet-stream").split("/")
        content = path.read_bytes()
        message.add_attachment(content, maintype=main, subtype=sub, filename=_name(path))
    return message


def note(subject: str, text: str) -> EmailMessage:
    """Return a message of one plain text."""
    message = EmailMessage()
    message["Subject"] = " ".join(subject.split())
    message.set_content(text)
    return message


def _name(path: Path) -> str:
    return f"{path.parent.name}{path.suffix}"


def _filled(file: str, values: Mapping[str, Any]) -> str:
    return (
        jinja2.Environment(
            loader=jinja2.FileSystemLoader(paths.templates() / "message"),
            autoescape=file.endswith(".html.j2"),
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        .get_template(file)
        .render(values)
    )
