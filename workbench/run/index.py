"""The page of links that a pack leaves: every report, or why there is none."""

from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import jinja2

from workbench import paths
from workbench.files import write_whole

if TYPE_CHECKING:
    from workbench.run.pack import Pack, Result
    from workbench.run.record import Record

PRODUCT = "Retail CRM Workbench"


def write(folder: Path, pack: "Pack", results: "tuple[Result, ...]") -> Path:
    """Write a pack's index.html, whole or not at all, and return its path."""
    templates = jinja2.FileSystemLoader(paths.templates())
    template = jinja2.Environment(loader=templates, autoescape=True).get_template("pack.html.j2")
    page = template.render(
        product=PRODUCT,
        pack=pack,
        made=max((r.record.started for r in results if r.record), default="")[:10],
        data=_data(results),
        cards=[_card(folder, result) for result in results],
        style=(paths.templates() / "workbench.css").read_text(encoding="utf-8"),
    )
    write_whole(folder / "index.html", page)
    return folder / "index.html"


def _data(results: "tuple[Result, ...]") -> list[str]:
    made = [result.record for result in results if result.record and result.record.retailer]
    return sorted({f"{r.retailer}, {_rests_on(r)}, complete to {r.last_day}" for r in made})


def _rests_on(made: "Record") -> str:
    return str(made.passport.get("said") or f"data {made.data_version}")


def _card(folder: Path, result: "Result") -> dict[str, Any]:
    page = result.out / "report.html" if result.out else None
    link = quote(page.relative_to(folder).as_posix()) if page and page.exists() else None
    return {
        "good": result.good,
        "title": result.title,
        "summary": result.summary,
        "link": link,
        "facts": _facts(result),
        "status": (result.record.status if result.record else "failed").capitalize(),
        "error": result.error,
    }


def _facts(result: "Result") -> str:
    if result.record is None:
        return ""
    if result.record.last_good:
        return (
            f"The link leads to the last good report, of {result.record.last_good['started'][:10]}"
        )
    if not result.good:
        return ""
    return " · ".join(
        filter(None, [_days(result.record.period), f"made {result.record.started[:10]}"])
    )


def _days(period: str | None) -> str:
    return (period or "").replace("/", " to ")
