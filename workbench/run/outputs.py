"""A notebook's cells as blocks of a page: prose, charts, tables, text; no code, no warnings."""

import datetime as dt
import html
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from workbench.run.still import address, still

CHART = "application/vnd.vegalite.v5+json"
WIDTHS = {"full": 1068, "wide": 690, "half": 510, "third": 320}
SILENT = {"parameters", "injected-parameters", "hide"}
_PICTURES = ("image/svg+xml", "image/png", "image/jpeg")


@dataclass(frozen=True)
class Block:
    """One block of the page: its width, whether it is prose or a card, and its HTML."""

    width: str
    kind: str
    html: str


@dataclass
class Page:
    """The blocks of a page, its headings (level two) and how many charts it has."""

    blocks: list[Block] = field(default_factory=list)
    headings: list[tuple[str, str]] = field(default_factory=list)
    charts: int = 0
    level: int = 1


def page(cells: list[Any]) -> Page:
    """Return the blocks of the cells, in order; cells that show nothing leave no block."""
    made = Page()
    for cell in cells:
        tags = set(cell.metadata.get("tags", []))
        if tags & SILENT:
            continue
        width = next((name for name in WIDTHS if name in tags), "full")
        kind = "prose" if cell.cell_type == "markdown" else "card"
        pieces = _prose(made, cell) if kind == "prose" else _shown(made, cell, width)
        body = "".join(pieces)
        if body:
            made.blocks.append(Block(width, kind, body))
    return made


def day(moment: object) -> str:
    """Return the day of an ISO date or time as people write it, and other text as it is.

    >>> day("2017-12-31T06:00:00+00:00")
    '31 Dec 2017'
    """
    try:
        found = dt.date.fromisoformat(str(moment)[:10])
    except ValueError:
        return str(moment)
    return f"{found.day} {found:%b %Y}"


def days(period: str) -> str:
    """Return a period, two ISO dates, as people write it, and other text as it is.

    >>> days("2017-07-03/2017-12-31")
    '3 Jul 2017 – 31 Dec 2017'
    """
    return " – ".join(map(day, period.split("/")))


def moment(text: str) -> str:
    """Return an ISO time as people write it, and other text as it is.

    >>> moment("2017-12-31T06:00:00+00:00")
    '31 Dec 2017, 06:00 UTC'
    """
    try:
        found = dt.datetime.fromisoformat(text)
    except ValueError:
        return text
    return f"{day(found)}, {found:%H:%M} {found.tzname() or ''}".rstrip()


@lru_cache(maxsize=2000)
def markdown(source: str, *, trusted: bool) -> str:
    """Return Markdown as HTML; HTML within it is kept when trusted and escaped otherwise."""
    import mistune

    render = mistune.create_markdown(escape=not trusted, plugins=["table", "strikethrough"])
    return str(render(source))


def _prose(made: Page, cell: Any) -> Iterator[str]:
    def heading(match: re.Match[str]) -> str:
        level = min(max(int(match[1]), 2), made.level + 1)
        made.level = level
        name = f"part-{len(made.blocks)}-{match.start()}"
        if level == 2:
            made.headings.append((name, html.unescape(re.sub(r"<[^>]+>", "", match[2]))))
        return f'<h{level} id="{name}">{match[2]}</h{level}>'

    written = markdown(cell.source, trusted=True)
    yield re.sub(r"<h([1-6])>(.*?)</h\1>", heading, written, flags=re.DOTALL)


def _shown(made: Page, cell: Any, width: str) -> Iterator[str]:
    for output in cell.get("outputs", []):
        if output.output_type == "stream" and output.name == "stdout":
            yield f"<pre>{html.escape(output.text)}</pre>"
        elif output.output_type == "error":
            what = html.escape(f"{output.ename}: {output.evalue}")
            yield f'<p class="fault"><strong>This part failed.</strong> {what}</p>'
        elif "data" in output:
            yield _data(made, output.data, width)


def _data(made: Page, data: Mapping[str, Any], width: str) -> str:
    if CHART in data:
        made.charts += 1
        return _chart(data[CHART], made.charts, width)
    if "text/html" in data:
        return f'<div class="out">{data["text/html"]}</div>'
    if "text/markdown" in data:
        return f'<div class="out">{markdown(data["text/markdown"], trusted=False)}</div>'
    for kind in _PICTURES:
        if kind in data:
            return _picture(kind, data[kind], data.get("text/plain", "picture"))
    if any("widget" in kind for kind in data) or "text/plain" not in data:
        return ""
    return f"<pre>{html.escape(data['text/plain'])}</pre>"


def _chart(spec: Mapping[str, Any], number: int, width: str) -> str:
    drawn = {key: value for key, value in spec.items() if key not in ("title", "$schema")}
    title, subtitle = titles(spec.get("title"))
    said = f"<strong>{html.escape(title)}</strong><span>{html.escape(subtitle)}</span>"
    name = f"chart-{number}"
    least = int(spec.get("usermeta", {}).get("least", 0))
    text = html.escape(str(spec.get("description", title)))
    source = still(drawn, width=WIDTHS[width])
    drawing = f'<img alt="{text}" src="{source}">' if source else f"<p>{text}</p>"
    return (
        f'<figure id="{name}"><figcaption>{said}</figcaption>'
        f'<div class="plot" data-spec="{name}-spec" style="--least:{least}px">{drawing}</div>'
        f'<script type="application/json" id="{name}-spec">{island(drawn)}</script></figure>'
    )


def island(value: object) -> str:
    """Return a value as JSON that cannot end the script element it stands in."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def titles(title: Any) -> tuple[str, str]:
    """Return the title and subtitle of a chart, each as one line."""
    if not isinstance(title, Mapping):
        title = {"text": title or ""}
    return _line(title.get("text", "")), _line(title.get("subtitle", ""))


def _line(text: str | list[str]) -> str:
    return text if isinstance(text, str) else " ".join(text)


def _picture(kind: str, data: str, text: str) -> str:
    plain = kind == "image/svg+xml"
    source = address(data) if plain else f"data:{kind};base64,{data.strip()}"
    return f'<img alt="{html.escape(text)}" src="{html.escape(source)}">'
