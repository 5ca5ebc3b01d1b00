"""Post: how e-mails leave. What they say is the business of those who write them.

`mail.yaml` in the workbench's home names the mail server:

    host: smtp.example.org
    port: 587
    security: starttls                 # or tls, or none
    user: crm                          # left out where the server asks for none
    sender: The Shop <crm@example.org>

Each may be given in the environment instead, as WORKBENCH_SMTP_HOST and so on; the password is
never anywhere else: WORKBENCH_SMTP_PASSWORD.
"""

import os
import smtplib
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from email.utils import parseaddr
from pathlib import Path

FIELDS = ("host", "port", "security", "user", "sender")
SECURITY = ("starttls", "tls", "none")
_PATIENCE = 30.0
_PREFIX = "WORKBENCH_SMTP_"


def settings(home: Path) -> dict[str, str]:
    """Return the settings of the mail server, every field but `user` filled.

    Raises ValueError naming what is missing or not allowed.
    """
    given = {**_file(home / "mail.yaml"), **_environment()}
    found = {name: str(given.get(name, "")) for name in given}
    missing = [name for name in FIELDS if name != "user" and not found.get(name)]
    if missing:
        names = ", ".join(missing)
        raise ValueError(f"no e-mail can be sent: {home / 'mail.yaml'} does not say {names}")
    if found["security"] not in SECURITY or not found["port"].isdecimal():
        allowed = ", ".join(SECURITY)
        raise ValueError(f"{home / 'mail.yaml'}: port is a number, and security one of {allowed}")
    address(parseaddr(found["sender"])[1])
    return found


@contextmanager
def server(mail: Mapping[str, str]) -> Iterator[smtplib.SMTP]:
    """Give the mail server, signed in; it is left at the end.

    Raises ValueError when it cannot be reached or does not let us in.
    """
    try:
        ready = _opened(mail)
    except (OSError, smtplib.SMTPException) as error:
        raise ValueError(f"the mail server {mail['host']} does not answer: {error}") from error
    with ready:
        yield ready


def address(text: str) -> str:
    """Return a single e-mail address, or raise ValueError."""
    name, found = parseaddr(text)
    if name or found != text or found.count("@") != 1 or not found.isprintable() or " " in found:
        raise ValueError(f"{text[:80]!r} is no single e-mail address")
    return found


def _opened(mail: Mapping[str, str]) -> smtplib.SMTP:
    context = ssl.create_default_context()
    host, port = mail["host"], int(mail["port"])
    if mail["security"] == "tls":
        ready: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=_PATIENCE, context=context)
    else:
        ready = smtplib.SMTP(host, port, timeout=_PATIENCE)
    try:
        if mail["security"] == "starttls":
            ready.starttls(context=context)
        if mail.get("user"):
            ready.login(mail["user"], os.environ.get(f"{_PREFIX}PASSWORD", ""))
    except BaseException:
        ready.close()
        raise
    return ready


def _environment() -> dict[str, str]:
    named = {name: os.environ.get(f"{_PREFIX}{name.upper()}", "") for name in FIELDS}
    return {name: value for name, value in named.items() if value}


def _file(path: Path) -> dict[str, object]:
    import yaml

    try:
        given = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except FileNotFoundError:
        return {}
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} is not readable YAML: {error}") from error
    if not isinstance(given, dict):
        raise ValueError(f"{path} names settings, such as host: smtp.example.org")
    return {str(name): value for name, value in given.items()}
