"""What is told of a pack, on its page, in e-mails and to webhooks: findings first."""

import base64
import hashlib
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import jinja2

from workbench import paths
from workbench.files import write_whole
from workbench.run import history
from workbench.run.outputs import day, days

if TYPE_CHECKING:
    from workbench.run.pack import Pack, Result
    from workbench.run.record import Record

PRODUCT = "Retail CRM Workbench"
MOST_FINDINGS, MOST_CHANGES = 3, 12
MANY = 20  # reports of a notebook from which on they can be searched
MOST_DEEDS = 500
FORMATS = {"xlsx": "Excel", "pdf": "PDF", "pptx": "PowerPoint"}  # beside the page


def write(folder: Path, pack: "Pack", results: "tuple[Result, ...]") -> Path:
    """Write a pack's index.html, whole or not at all, and return its path."""
    made = day(max((r.record.started for r in results if r.record), default=""))
    values = {"pack": pack, "formats": FORMATS, "made": made, **told(folder, results)}
    if sum(bool(card["label"]) for card in values["cards"]) >= MANY:
        script = (paths.templates() / "pack.js").read_text(encoding="utf-8")
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode("ascii")
        values |= {"script": script, "digest": f"sha256-{digest}"}
    return _page(folder / "index.html", "pack.html.j2", values)


def write_history(home: Path) -> Path:
    """Write the page of all runs of the schedule, and return its path."""
    page = home / "packs" / "index.html"
    write_whole(page, history_page(home))
    return page


def history_page(home: Path, *, deeds: bool = False) -> str:
    """Return the page of all runs of the schedule, with what people did where asked for."""
    rows = history.runs(home).rows(named=True)
    for row in rows:
        link = f"{row['pack']}-{row['due']}/index.html"
        row["link"] = quote(link) if (home / "packs" / link).exists() else ""
    done = history.deeds(home)[:MOST_DEEDS] if deeds else None
    return _text("history.html.j2", {"rows": rows, "deeds": done})


def _page(path: Path, name: str, values: dict[str, Any]) -> Path:
    write_whole(path, _text(name, values))
    return path


def _text(name: str, values: dict[str, Any]) -> str:
    templates = jinja2.FileSystemLoader(paths.templates())
    template = jinja2.Environment(loader=templates, autoescape=True).get_template(name)
    style = (paths.templates() / "workbench.css").read_text(encoding="utf-8")
    return template.render(product=PRODUCT, style=style, day=day, **values)


def told(folder: Path, results: "tuple[Result, ...]") -> dict[str, Any]:
    """Return what is told of the reports in a pack's folder, as plain values.

    `data` (what they rest on), `changes` (sentences), `split` (part and change of sales) and
    `cards`, one for each report; those with a `label` are reports of one notebook.
    """
    changed = [said for result in results for said in result.changes.said]
    more = len(changed) - MOST_CHANGES
    return {
        "data": _data(results),
        "changes": changed[:MOST_CHANGES] + ([f"And {more:,} more changes"] if more > 0 else []),
        "split": next((result.changes.split for result in results if result.changes.split), ()),
        "cards": _telling([_card(folder, result) for result in results]),
    }


def _telling(cards: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Leave to each card its first findings; of several of a notebook, those not all alike.

    The card's label, which heads them, is not said again at their beginning.
    """
    several = [card for card in cards if card["label"] and card["findings"]]
    reports = Counter(card["notebook"] for card in several)
    alike = Counter((card["notebook"], said) for card in several for said in card["findings"])
    for card in several:
        many = reports[card["notebook"]]
        own = [said for said in card["findings"] if alike[card["notebook"], said] < many]
        card["findings"] = own if many > 1 else card["findings"]
    for card in cards:
        first = card["findings"][:MOST_FINDINGS]
        card["findings"] = [said.removeprefix(f"{card['label']}: ") for said in first]
    return cards


def _data(results: "tuple[Result, ...]") -> list[str]:
    made = [result.record for result in results if result.record and result.record.retailer]
    return sorted({f"{r.retailer}, {_rests_on(r)}, complete to {day(r.last_day)}" for r in made})


def _rests_on(made: "Record") -> str:
    return str(made.passport.get("said") or f"data {made.data_version}")


def _card(folder: Path, result: "Result") -> dict[str, Any]:
    made = result.record
    return {
        "good": result.good,
        "title": made.title if made else result.item.notebook,
        "notebook": result.item.notebook,
        "label": result.item.label,
        "summary": result.summary.replace("*", ""),
        "findings": list(result.findings),
        "was": result.changes.was,
        "links": _links(folder, result.out) if result.out else {},
        "app": result.app,
        "facts": _facts(result),
        "status": (made.status if made else "failed").capitalize(),
        "error": result.trouble,
    }


def _links(folder: Path, out: Path) -> dict[str, str]:
    """Return the addresses of a report's pages and files as seen from the pack's page."""
    pages = {name: out / f"report.{name}" for name in ("html", *FORMATS)}
    return {
        name: quote(page.relative_to(folder).as_posix())
        for name, page in pages.items()
        if page.exists()
    }


def _facts(result: "Result") -> str:
    if result.record is None:
        return ""
    if result.record.last_good:
        return (
            f"The link leads to the last good report, of {day(result.record.last_good['started'])}"
        )
    if not result.good:
        return ""
    covered, made = days(result.record.period or ""), day(result.record.started)
    return " · ".join(filter(None, [covered, f"made {made}"]))
