"""The page and the chart of measured figures: `docs/benchmarks.md`, `docs/benchmarks.svg`."""

import math
import statistics
from pathlib import Path
from typing import Any

import altair as alt
import polars as pl
import vl_convert

from workbench.show.theme import FONT, PALETTE

TEMPLATE = Path(__file__).with_suffix(".md")
WAYS = {
    "scan": "scan of its columns",
    "marts": "workbench",
    "lines": "workbench, from the lines",
    "peer": "openretailscience",
    "pandas": "pandas",
}
OURS = ("marts", "lines")
WHAT = {"cpu": "CPU s", "wall": "wall s", "cold": "cold s", "mib": "MiB"}
BILLIONS = (1, 10)
GIB = 1 << 30
MOST_MIB = 2048
Figures = dict[str, Any]

# Questions, a way, what is measured of it, over which way, at how many million lines, the limit;
# over a way of ours the limit is the least, else the most.
BARS = (
    ("rfm, worth, spend variation, frequency variation, never buy, cohort",
     "lines", "cpu", "scan", "100", 3),
    ("switching, uplift", "lines", "cpu", "scan", "100", 2),
    ("wallet", "lines", "cpu", "scan", "100", 4),
    ("churn", "lines", "cpu", "scan", "100", 5),
    ("pairs", "lines", "cpu", "scan", "100", 15),
    ("rfm", "peer", "cpu", "lines", "100", 3.5),
    ("worth", "peer", "cpu", "lines", "100", 7),
    ("cohort", "peer", "cpu", "lines", "100", 8),
    ("wallet, profile", "peer", "cpu", "lines", "100", 20),
    ("pairs", "peer", "cpu", "lines", "10", 30),
    ("pairs", "peer", "mib", "lines", "10", 15),
    ("rfm, worth, wallet, profile, cohort", "peer", "cpu", "marts", "100", 20),
    ("move", "marts", "cpu", "", "100", 0.1),
    ("move", "marts", "wall", "", "100", 0.2),
    ("rfm", "lines", "mib", "", "500", 1024),
)  # fmt: skip
# Of every question that another answers: it, over which way of ours, millions of lines, the least.
BESIDE = (
    ("pandas", "marts", "10", 10), ("peer", "lines", "10", 1), ("peer", "lines", "100", 1),
)  # fmt: skip


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
        times = _said(ratio(size, verb, way, "scan"))
        good = f"{_said(cpu)} CPU s = {times} x scan, {_said(over)} s, {_said(mib)} MiB"
        told.append(f"{way}: {failed(size, verb, way) or good};")
    return " ".join(told)


def write(figures: Figures, out: Path) -> None:
    """Write the page and the chart beside the file of figures."""
    sizes = _sizes(figures)
    largest, verbs = sizes[-1], list({verb: None for size in sizes for verb in size["verbs"]})
    made = sum(held for table, held in largest["held"].items() if table != "plain")
    each = made / largest["lines"]
    text = TEMPLATE.read_text("utf-8").format(
        machine=", ".join(f"{name} {value}" for name, value in figures["machine"].items()),
        cache="dropped" if all(size["dropped"] for size in sizes) else "left as it was",
        **_same(figures.get("same", {})),
        sizes="\n\n".join(_size(size) for size in sizes),
        every=_every([size for size in sizes if "every" in size]),
        reports="\n\n".join(_reports(size) for size in sizes if "reports" in size),
        bars=_bars(figures),
        growth=_growth(figures, verbs),
        bytes=each,
        disk=", ".join(f"{n * 1e9 * each / GIB:,.0f} GiB for {n} billion" for n in BILLIONS),
        billions=_billions(figures, verbs),
    )
    out.with_suffix(".md").write_text(text, "utf-8")
    out.with_suffix(".svg").write_text(_chart(sizes), "utf-8")


def _same(rows: Figures) -> dict[str, str]:
    """Tell which questions were compared, and of whom nothing was, with the others' names."""
    untold = {
        verb: [WAYS[way] for way, equal in ways.items() if not equal] for verb, ways in rows.items()
    }
    compared = [verb for verb, ways in rows.items() if len(untold[verb]) < len(ways)]
    nothing = [f"{verb} ({', '.join(ways)})" for verb, ways in untold.items() if ways]
    return {
        "same": ", ".join(compared) or "nothing in this run",
        "untold": ", ".join(nothing) or "nowhere",
    }


def _sizes(figures: Figures) -> list[Figures]:
    measured = [size for size in figures["sizes"].values() if "lines" in size]
    return sorted(measured, key=lambda size: int(size["lines"]))


def _points(figures: Figures, verb: str, way: str, what: str) -> list[tuple[int, float]]:
    found = [(size["lines"], figure(size, verb, way, what)) for size in _sizes(figures)]
    return [(lines, value) for lines, value in found if value]


def _said(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2g}"


def _table(head: list[str], rows: list[list[str]]) -> str:
    marks = ["---", *["---:"] * (len(head) - 1)]
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, marks, *rows))


def _size(size: Figures) -> str:
    own = [("marts", what) for what in WHAT] + [("lines", "cpu"), ("lines", "mib")]
    head = ["question", *WHAT.values(), "from the lines: CPU s", "MiB", "x scan"]
    for way in ("peer", "pandas"):
        head += [f"{WAYS[way]}: CPU s", "x ours", "MiB"]
    rows = []
    for verb in size["verbs"]:
        cells = [_said(figure(size, verb, *place)) for place in own]
        cells.append(_said(ratio(size, verb, "lines", "scan")))
        for way in ("peer", "pandas"):
            cells.append(failed(size, verb, way) or _said(figure(size, verb, way, "cpu")))
            cells.append(_said(ratio(size, verb, way, "marts")))
            cells.append(_said(figure(size, verb, way, "mib")))
        rows.append([verb, *cells])
    held = ", ".join(f"{name} {size / GIB:.2f}" for name, size in sorted(size["held"].items()))
    title = f"## {size['lines'] / 1e6:,.0f} million lines"
    told = (
        f"{size['lines']:,} lines of {size['customers']:,} customers, measured last on "
        f"{size['day']}; GiB on disk: {held}."
    )
    return f"{title}\n\n{told}\n\n{_table(head, rows)}"


def _every(sizes: list[Figures]) -> str:
    """Tell the largest size at which every question was asked, and the growth up to it."""
    if not sizes:
        return "Not measured."
    asked = {
        str(n): size["every"] | {"lines": size["lines"], "plain": size["plain"]}
        for n, size in enumerate(sizes)
    }
    every = asked[max(asked, key=lambda n: asked[n]["lines"])]
    own = [("marts", what) for what in WHAT] + [("lines", "cpu"), ("lines", "mib")]
    grown = [("marts", what) for what in ("cpu", "mib")]
    head = ["question", *WHAT.values(), "from the lines: CPU s", "MiB", "x scan"]
    head += ["growth: CPU s", "MiB"]
    rows = [
        [
            verb,
            failed(every, verb, "marts") or _said(figure(every, verb, *own[0])),
            *(_said(figure(every, verb, *at)) for at in own[1:]),
            _said(ratio(every, verb, "lines", "scan")),
            *(_said(slope({"sizes": asked}, verb, *at)) for at in grown),
        ]
        for verb in every["verbs"]
    ]
    known = [verb for verb in every["verbs"] if not failed(every, verb, "marts")]
    most = max(known, key=lambda verb: figure(every, verb, "marts", "mib") or 0)
    counts = ", ".join(f"{one['lines'] / 1e6:,.0f}" for one in asked.values())
    calls = [len(every["verbs"][verb]["marts"][0]["warm"]) for verb in known]
    told = (
        f"{every['lines']:,} lines, {every['plain'] / GIB:.1f} GiB in memory with all their "
        f"columns, {every['period']}; {len(known)} of {len(rows)} questions are "
        f"answered in a process that may hold {every['limit']:,} MiB. {most} holds the most. Warm "
        f"calls: {', '.join(f'{n} of {calls.count(n)} questions' for n in sorted({*calls}))}. "
        f"Growth is told from {counts} million lines, as below."
    )
    return f"{told}\n\n{_table(head, rows)}"


def _reports(size: Figures) -> str:
    reports, made = size["reports"], size["reports"]["made"]
    good = {name: one for name, one in made.items() if "error" not in one}
    rows = [
        [name, one.get("error") or _said(one["s"]), _said(one.get("mib"))]
        for name, one in made.items()
    ]
    told = (
        f"{size['lines']:,} lines; {len(good)} of {len(made)} reports are made by kernels that may "
        f"hold {reports['limit']:,} MiB, half of them in {_said(_median(good))} s or less."
    )
    return f"{told}\n\n{_table(['notebook', 's', 'MiB'], rows)}"


def _median(made: Figures) -> float:
    return statistics.median(one["s"] for one in made.values())


def _bars(figures: Figures) -> str:
    rows = []
    for verbs, way, what, over, millions, limit in BARS:
        for verb in verbs.split(", "):
            size = figures["sizes"].get(millions, {})
            found = ratio(size, verb, way, over, what) if over else figure(size, verb, way, what)
            name = f"{WHAT[what]}, {WAYS[way]}" + (f" over {WAYS[over]}" if over else "")
            rows.append(_judged([verb, name, millions], found, limit, least=over in OURS))
    for way, over, millions, least in BESIDE:
        size = figures["sizes"].get(millions, {})
        for verb in size.get("verbs", {}):
            if (found := ratio(size, verb, way, over)) is not None:
                where = [verb, f"CPU s, {WAYS[way]} over {WAYS[over]}", millions]
                rows.append(_judged(where, found, least, least=True))
    large = figures["sizes"].get("100", {})
    for verb in large.get("verbs", {}):
        for way in OURS:
            found = figure(large, verb, way, "mib")
            if found is None or found > MOST_MIB:
                where = [verb, f"MiB, {WAYS[way]}", "100"]
                rows.append(_judged(where, found, MOST_MIB, least=False))
    return _table(["question", "figure", "million lines", "bar", "found", ""], rows)


def _judged(where: list[str], found: float | None, limit: float, *, least: bool) -> list[str]:
    wanted = f"{'at least' if least else 'at most'} {limit:,}"
    if found is None:
        return [*where, wanted, "–", "not measured"]
    met = found >= limit if least else found <= limit
    return [*where, wanted, _said(found), "met" if met else "**not met**"]


def _growth(figures: Figures, verbs: list[str]) -> str:
    places = [(way, what) for way in OURS for what in ("cpu", "wall", "mib")]
    head = ["question", *(f"{WAYS[way]}: {WHAT[what]}" for way, what in places)]
    return _table(head, [[v, *(_said(slope(figures, v, *at)) for at in places)] for v in verbs])


def _billions(figures: Figures, verbs: list[str]) -> str:
    places = [(n, what) for n in BILLIONS for what in ("cpu", "wall", "mib")]
    head = ["question", *(f"{n} billion: {WHAT[what]}" for n, what in places)]
    rows = [
        [verb, *(_said(reckoned(figures, verb, "marts", what, n * 1e9)) for n, what in places)]
        for verb in verbs
    ]
    return _table(head, rows)


def _chart(sizes: list[Figures]) -> str:
    rows = [
        {
            "question": verb,
            "way": WAYS[way],
            "cpu": cpu,
            "size": f"{size['lines'] / 1e6:,.0f} million lines",
        }
        for size in sizes
        for verb in size["verbs"]
        for way in WAYS
        if (cpu := figure(size, verb, way, "cpu"))
    ]
    ways = list(WAYS.values())
    legend = alt.Legend(title=None, orient="top", labelLimit=300, columnPadding=30, columns=3)
    decades = alt.Axis(values=[10.0**power for power in range(-3, 5)], format="~g")
    drawn = alt.Chart(pl.DataFrame(rows)).mark_point(filled=True, size=60, opacity=1)
    chart = (
        drawn.encode(
            alt.X("cpu:Q", axis=decades, title="CPU seconds").scale(type="log"),
            alt.Y("question:N", sort=None).title(None),
            alt.Color("way:N", title="way", legend=legend).scale(domain=ways, range=PALETTE),
            alt.Shape("way:N", title="way", legend=legend).scale(domain=ways),
            alt.Column("size:N", sort=list({row["size"]: None for row in rows}), title=None),
        )
        .properties(width=360)
        .configure(font=FONT)
    )
    return str(vl_convert.vegalite_to_svg(chart.to_dict(), allowed_base_urls=[]))
