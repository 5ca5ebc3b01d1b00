"""Delivery: what a pack's reports become, and where they go.

    formats: [html, pdf, xlsx, pptx]
    to:
      folder: /srv/reports/weekly          # or a folder below the home
      mail: [ann@shop.example]
      webhook: sales                       # the address is in WORKBENCH_WEBHOOK_SALES
    owner: crm@shop.example                # is told when a scheduled run fails
    notices: all                           # or when it does not, too

Addresses of webhooks are secrets, so a pack names the variable of the environment that holds
one. Nothing here is done when a pack is only made by hand.
"""

import datetime as dt
import json
import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import Request, urlopen

from workbench import paths, post
from workbench.run import WrongUsage, deliver_mail, excel, index, pdf, slides
from workbench.run.outputs import day
from workbench.run.record import Record
from workbench.run.report import server

if TYPE_CHECKING:
    from workbench.run.pack import Pack, PackResult

FORMATS: dict[str, Callable[[Path, Record], Path]] = {
    "html": lambda report, _: report / "report.html",
    "pdf": lambda report, _: pdf.write(report),
    "xlsx": excel.write,
    "pptx": slides.write,
}
NOTICES = ("failures", "all")
KEYS = {"formats", "to", "owner", "notices"}
_TARGETS = {"folder", "mail", "webhook"}
_OWN = ("notebook.ipynb", "failed.ipynb", "run.json", "tables", ".*")
_PATIENCE = 30


@dataclass(frozen=True)
class Delivery:
    """In which formats a pack's reports are made, where they go, and who is told how it went."""

    formats: tuple[str, ...] = ("html",)
    folder: str = ""
    mail: tuple[str, ...] = ()
    webhook: str = ""
    owner: str = ""
    notices: str = NOTICES[0]

    @classmethod
    def parse(cls, given: Mapping[str, Any]) -> "Delivery":
        """Return what a pack's file says; raise WrongUsage naming what is not allowed."""
        to = given.get("to") or {}
        if not isinstance(to, Mapping) or not set(to) <= _TARGETS:
            raise WrongUsage(f"to: {to!r}; allowed: {', '.join(sorted(_TARGETS))}")
        formats, mail = several(given.get("formats", "html")), several(to.get("mail", []))
        owner, notices = str(given.get("owner", "")), str(given.get("notices", NOTICES[0]))
        for name, values, allowed in (
            ("formats", formats, FORMATS),
            ("notices", (notices,), NOTICES),
        ):
            if wrong := [value for value in values if value not in allowed]:
                raise WrongUsage(f"{name}: {wrong[0]!r} is unknown; allowed: {', '.join(allowed)}")
        for text in filter(None, (*mail, owner)):
            try:
                post.address(text)
            except ValueError as error:
                raise WrongUsage(f"{error}; each recipient is one entry of a list") from None
        webhook = str(to.get("webhook", ""))
        return cls(formats, str(to.get("folder", "")), mail, webhook, owner, notices)


def write_formats(report: Path, record: Record, formats: tuple[str, ...]) -> list[str]:
    """Write a report in every format that is not there yet; return what could not be, and why."""
    faults = []
    for name in formats:
        if not (report / f"report.{name}").exists():
            try:
                FORMATS[name](report, record)
            except Exception as error:  # noqa: BLE001 - a report without its PDF is still a report
                faults.append(f"{record.title} could not be made as {name}: {error}")
    return faults


def deliver(made: "PackResult", due: dt.date) -> list[str]:
    """Bring a pack's reports of a date to all its targets; return what could not be, and why.

    Where not one report is whole there is nothing to bring: only the owner is told.
    """
    if not any(result.good for result in made.results):
        return []
    pack, folder = made.pack, made.index.parent
    told = index.told(folder, made.results)
    told |= {"title": pack.title, "subject": f"{pack.title}, {due:%d %B %Y}".replace(", 0", ", ")}
    told["failed"] = "" if made.good else str(made)
    told["page"] = f"{server()}/{quote(made.index.relative_to(paths.home()).as_posix())}"
    facts = {"pack": pack.name, "due": str(due), "good": made.good, "text": _in_short(told)}
    to = pack.delivery
    steps: list[tuple[str, Callable[[], object]]] = [
        (to.folder, lambda: to_folder(folder, to.folder, f"{pack.name}-{due}")),
        ("".join(to.mail), lambda: _mail(made, told)),
        (to.webhook, lambda: to_webhook(to.webhook, {**facts, **told})),
    ]
    return [fault for target, step in steps if target and (fault := _tried(step))]


def tell(pack: "Pack", due: dt.date, said: str, *, good: bool) -> None:
    """Give notice to a pack's owner of a run that failed, or of every run if they want it."""
    to = pack.delivery
    if to.owner and (to.notices == "all" or not good):
        subject = f"{pack.title} of {day(due)} {'is done' if good else 'has failed'}"
        deliver_mail.send([to.owner], deliver_mail.note(subject, f"{said}\n"))


def to_folder(made: Path, target: str, name: str) -> Path:
    """Copy a pack's pages and reports into a folder of that name below the target, whole."""
    place = paths.home() / target / name
    aside = place.with_name(f".{name}.tmp")
    shutil.rmtree(aside, ignore_errors=True)
    shutil.copytree(made, aside, ignore=shutil.ignore_patterns(*_OWN))
    shutil.rmtree(place, ignore_errors=True)
    aside.rename(place)
    return place


def to_webhook(name: str, told: Mapping[str, Any]) -> None:
    """Post what is told of a pack as JSON to the address that the environment holds.

    Raises ValueError, which never says the address, where there is none or it does not take it.
    """
    variable = f"WORKBENCH_WEBHOOK_{name.upper()}"
    address = os.environ.get(variable, "")
    if not address.startswith(("https://", "http://")):
        raise ValueError(f"the webhook {name!r} needs its address in {variable}")
    body = json.dumps(told, ensure_ascii=False).encode()
    try:
        request = Request(address, body, {"Content-Type": "application/json"})  # noqa: S310 - a web address, see above
        urlopen(request, timeout=_PATIENCE).close()  # noqa: S310
    except (OSError, ValueError, HTTPException) as error:
        reason = getattr(error, "code", type(error).__name__)
        if isinstance(error, HTTPError):
            error.close()
        raise ValueError(f"the webhook {name!r} did not take it: {reason}") from None


def _mail(made: "PackResult", told: dict[str, Any]) -> None:
    formats = [name for name in FORMATS if name in made.pack.delivery.formats]
    reports = [result.out for result in made.results if result.good and result.out]
    files = [out / f"report.{name}" for name in formats for out in reports]
    message = deliver_mail.compose(told, [path for path in files if path.exists()])
    deliver_mail.send(made.pack.delivery.mail, message)


def _in_short(told: Mapping[str, Any]) -> str:
    said = [finding for card in told["cards"] for finding in card["findings"][:1]]
    return "\n".join(filter(None, [told["subject"], told["failed"], *told["changes"], *said[:10]]))


def _tried(step: Callable[[], object]) -> str:
    """Return why a step failed, or nothing."""
    try:
        step()
    except (OSError, ValueError) as error:
        return str(error)
    return ""


def several(value: Any) -> tuple[str, ...]:
    """Return the texts of a list, or the one that stands alone."""
    return tuple(map(str, value)) if isinstance(value, list) else (str(value),)
