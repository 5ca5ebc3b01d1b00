"""Measured figures, read from the reports in `docs/benchmarks.json`, and how they are told."""

import math
import statistics
from collections.abc import Collection
from typing import Any

WAYS = {
    "scan": "scan of its columns",
    "marts": "workbench",
    "lines": "workbench, from the lines",
    "peer": "openretailscience",
    "pandas": "pandas",
}
OURS = ("marts", "lines")
WHAT = {"cpu": "CPU s", "wall": "wall s", "cold": "cold s", "mib": "MiB"}
Figures = dict[str, Any]


def sizes(figures: Figures) -> list[Figures]:
    """Return the measured sizes, the least lines first."""
    measured = [size for size in figures["sizes"].values() if "lines" in size]
    return sorted(measured, key=lambda size: int(size["lines"]))


def every(figures: Figures) -> Figures:
    """Return the figures of every question, with its own defaults, as those of the chosen ones."""
    asked = {n: size | size["every"] for n, size in figures["sizes"].items() if "every" in size}
    return {"sizes": asked}


def figure(size: Figures, verb: str, way: str, what: str) -> float | None:
    """Return a way's figure of `WHAT` at a size; None where it was not measured, or failed.

    CPU and wall are medians of warm calls, cold of first calls; MiB are the most.
    """
    reports = size.get("verbs", {}).get(verb, {}).get(way, [])
    if not reports or failed(size, verb, way):
        return None
    if what == "mib":
        return max(float(one["mib"]) for one in reports)
    if what == "cold":
        return statistics.median(one["cold"][0] for one in reports)
    place = ("wall", "cpu").index(what)
    calls = [call for one in reports for call in one["warm"] or [one["cold"]]]
    return statistics.median(call[place] for call in calls)


def failed(size: Figures, verb: str, way: str) -> str:
    """Return why a way could not answer, or nothing."""
    reports = size.get("verbs", {}).get(verb, {}).get(way, [])
    return next((str(one["error"]) for one in reports if "error" in one), "")


def ratio(size: Figures, verb: str, way: str, over: str, what: str = "cpu") -> float | None:
    """Return a way's figure over another's."""
    one, other = figure(size, verb, way, what), figure(size, verb, over, what)
    return None if one is None or other is None else one / other


def slope(figures: Figures, verb: str, way: str, what: str) -> float | None:
    """Return the exponent with which a figure grows from the smallest to the largest size."""
    points = _points(figures, verb, way, what)
    if len(points) < 2:
        return None
    (few, low), (many, high) = points[0], points[-1]
    return math.log(high / low) / math.log(many / few)


def reckoned(figures: Figures, verb: str, way: str, what: str, lines: float) -> float | None:
    """Return a figure at more lines than measured: that of the largest size, grown at its slope.

    Times grow in proportion at least, and memory never shrinks.
    """
    grows = slope(figures, verb, way, what)
    if grows is None:
        return None
    many, high = _points(figures, verb, way, what)[-1]
    return float(high * (lines / many) ** max(grows, 0 if what == "mib" else 1))


def line(verb: str, ways: Figures) -> str:
    """Return a verb's figures at one size, as a line for the terminal."""
    size, told = {"verbs": {verb: ways}}, [f"{verb:20}"]
    for way in ways:
        cpu, mib, over = (figure(size, verb, way, what) for what in ("cpu", "mib", "wall"))
        times = said(ratio(size, verb, way, "scan"))
        good = f"{said(cpu)} CPU s = {times} x scan, {said(over)} s, {said(mib)} MiB"
        told.append(f"{way}: {failed(size, verb, way) or good};")
    return " ".join(told)


def said(value: float | None) -> str:
    """Return a figure with two digits at least, or a dash where there is none."""
    if value is None:
        return "–"
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2g}"


def table(head: list[str], rows: list[list[str]], words: Collection[int] = (0,)) -> str:
    """Return a table of Markdown; columns in the places of `words` have words, others figures."""
    marks = ["---" if place in words else "---:" for place in range(len(head))]
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, marks, *rows))


def _points(figures: Figures, verb: str, way: str, what: str) -> list[tuple[int, float]]:
    found = [(size["lines"], figure(size, verb, way, what)) for size in sizes(figures)]
    return [(lines, value) for lines, value in found if value]
