"""An executed notebook as a report: one HTML file without code that needs no network.

The page forbids every request by its own policy, and runs two scripts only, both named by
their hash: the chart library and the few lines that draw. Whatever a label in the data says,
it stays text. Without JavaScript the charts are still pictures.
"""

import base64
import hashlib
import re
import shlex
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from workbench import paths
from workbench.run import outputs
from workbench.run.bundle import bundle

PRODUCT = "Retail CRM Workbench"
_CONTENTS_FROM = 3


def export(
    node: Any,
    *,
    title: str,
    facts: Mapping[str, Any],
    resources: Mapping[str, Any] | None = None,
) -> str:
    """Return the executed notebook `node` as the text of a self-contained HTML page.

    `facts`, each optional: parameters (label, value text, help), given (value text by name),
    period, data_version, rests_on (the data version with its passport), accepted (red checks, by
    name), retailer, package_version, git_commit, created (ISO time), app_link, glossary (links),
    notebook (its name), synthetic (names of declared synthetic tables), seconds (one number, or
    one per stage).
    """
    cells = list(node.cells)
    summary = _summary(cells.pop(0)) if cells and _opens(cells[0]) else ""
    page = outputs.page(cells)
    report = {
        "product": PRODUCT,
        "title": title,
        "summary": summary,
        "page": page,
        "contents": page.headings if len(page.headings) >= _CONTENTS_FROM else [],
        "facts": _said(facts),
        **_scripts(charts=page.charts > 0),
    }
    return _render(node, {**(resources or {}), "report": report})


def _opens(cell: Any) -> bool:
    return cell.cell_type == "markdown" and str(cell.source).lstrip().startswith("# ")


def _summary(cell: Any) -> str:
    said = re.sub(r"\A\s*# .*\n?", "", cell.source)
    return outputs.markdown(said, trusted=True)


def _scripts(*, charts: bool) -> dict[str, Any]:
    """Return the scripts and the policy that lets nothing else run, and nothing be requested."""
    draw = (_folder() / "workbench" / "draw.js").read_text(encoding="utf-8")
    allowed = [base64.b64encode(hashlib.sha256(draw.encode()).digest()).decode("ascii")]
    library = bundle() if charts else None
    if library:
        allowed.append(library.digest)
    scripts = " ".join(f"'sha256-{digest}'" for digest in allowed)
    policy = (
        f"default-src 'none'; script-src {scripts}; style-src 'unsafe-inline'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )
    style = (paths.templates() / "workbench.css").read_text(encoding="utf-8")
    return {"draw": draw, "library": library, "policy": policy, "style": style}


def _said(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facts as a page says them, each a text, absent ones empty."""
    said = {name: "" if value is None else value for name, value in facts.items()}
    return {
        **said,
        "app_link": _page(said.get("app_link")),
        "glossary": _page(said.get("glossary")),
        "parameters": list(said.get("parameters") or []),
        "period": outputs.days(str(said.get("period", ""))),
        "rests_on": said.get("rests_on") or _version(str(said.get("data_version", ""))),
        "created": outputs.moment(str(said.get("created", ""))),
        "seconds": _seconds(said.get("seconds")),
        "synthetic": _synthetic(said.get("synthetic")),
        "command": str(said.get("command", "")) or _command(said),
        "git_commit": _commit(str(said.get("git_commit", ""))),
    }


def _page(link: object) -> str:
    """Return the address of a web page, and nothing else that may stand in its place."""
    return str(link) if str(link).startswith(("http://", "https://")) else ""


def _version(text: str) -> str:
    return f"data {text}" if text else ""


def _seconds(value: Any) -> str:
    total = sum(value.values()) if isinstance(value, Mapping) else value
    return f"{total:.1f} s" if isinstance(total, int | float) else ""


def _synthetic(value: Any) -> str:
    return (value if isinstance(value, str) else ", ".join(value or [])).replace("_", " ")


def _commit(text: str) -> str:
    commit, changed, _ = text.partition("-dirty")
    return commit[:12] + (", with changes since" if changed else "")


def _command(said: Mapping[str, Any]) -> str:
    pinned = f"WORKBENCH_DATA_VERSION={said['data_version']} " if said.get("data_version") else ""
    stated = said.get("given") or {_name(n): v for n, v, _ in said.get("parameters") or []}
    given = "".join(" -p " + shlex.quote(f"{name}={value}") for name, value in stated.items())
    spite = "".join(f" --accept {shlex.quote(name)}" for name in said.get("accepted") or [])
    return f"{pinned}workbench run {said.get('notebook', '')}{given}{spite}".strip()


def _name(label: str) -> str:
    return label.lower().replace(" ", "_")


def _folder() -> Path:
    return paths.templates() / "nbconvert" / "templates"


def _render(node: Any, resources: Mapping[str, Any]) -> str:
    text, _ = _exporter(_folder()).from_notebook_node(node, resources=dict(resources))
    return str(text)


@lru_cache(1)
def _exporter(folder: Path) -> Any:
    """Return the exporter with its templates, which take as long to compile as a page to make."""
    from nbconvert.exporters.templateexporter import TemplateExporter

    exporter = TemplateExporter(
        template_name="workbench", template_file="index.html.j2",
        extra_template_basedirs=[str(folder)],
    )  # fmt: skip
    exporter.environment.autoescape = True
    return exporter
