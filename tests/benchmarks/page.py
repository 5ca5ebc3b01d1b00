"""The page and the chart of measured figures: `docs/benchmarks.md`, `docs/benchmarks.svg`."""

import statistics
from pathlib import Path

import altair as alt
import bars
import polars as pl
import vl_convert
from figures import (
    OURS,
    WAYS,
    WHAT,
    Figures,
    every,
    failed,
    figure,
    ratio,
    reckoned,
    said,
    sizes,
    slope,
    table,
)

from workbench.show.theme import FONT, PALETTE

TEMPLATE = Path(__file__).with_suffix(".md")
BILLIONS = (1, 10)
GIB = 1 << 30


def write(figures: Figures, out: Path) -> None:
    """Write the page and the chart beside the file of figures."""
    measured = sizes(figures)
    largest, verbs = measured[-1], list({verb: None for size in measured for verb in size["verbs"]})
    made = sum(held for table, held in largest["held"].items() if table != "plain")
    each = made / largest["lines"]
    text = TEMPLATE.read_text("utf-8").format(
        machine=", ".join(f"{name} {value}" for name, value in figures["machine"].items()),
        cache="dropped" if all(size["dropped"] for size in measured) else "left as it was",
        **_same(figures.get("same", {})),
        short=_short(figures),
        sizes="\n\n".join(_size(size) for size in measured),
        every=_every(every(figures)),
        reports="\n\n".join(_reports(size) for size in measured if "reports" in size),
        bars=table(bars.HEAD, [*bars.named(figures), *bars.beside(figures)]),
        beyond=bars.beyond(figures),
        growth=_growth(figures, verbs),
        bytes=each,
        disk=", ".join(f"{n * 1e9 * each / GIB:,.0f} GiB for {n} billion" for n in BILLIONS),
        billions=_billions(figures, verbs),
    )
    out.with_suffix(".md").write_text(text, "utf-8")
    out.with_suffix(".svg").write_text(_chart(measured), "utf-8")


def _short(figures: Figures) -> str:
    """Tell the size with the most questions, what others take beside, and how many bars are met."""
    size = max(sizes(figures), key=lambda size: (len(size["verbs"]), size["lines"]))
    verbs = [verb for verb in size["verbs"] if verb != "move"]
    took = [cpu for verb in verbs if (cpu := figure(size, verb, "marts", "cpu"))]
    scans = [times for verb in verbs if (times := ratio(size, verb, "lines", "scan"))]
    told = (
        f"Of {size['lines'] / 1e6:,.0f} million lines half of {len(took)} questions are answered "
        f"in {said(statistics.median(took))} CPU s or less, the longest in {said(max(took))}. "
        f"From the lines half of them take {said(statistics.median(scans))} times what reading "
        f"their columns takes, or less, the dearest {said(max(scans))} times."
    )
    head = ["beside", "million lines", "questions"]
    head += [f"x {WAYS[way]}: {what}" for way in OURS for what in ("least", "median", "most")]
    beside = [
        [WAYS[way], f"{one['lines'] / 1e6:,.0f}", *_spread(one, way)]
        for way in ("peer", "pandas")
        for one in sizes(figures)
        if any(ratio(one, verb, way, "marts") for verb in one["verbs"])
    ]
    counted = table(
        ["bars", "met", "not met, and what was found"], bars.counted(figures), words=(0, 2)
    )
    return f"{told}\n\n{table(head, beside)}\n\n{counted}"


def _spread(size: Figures, way: str) -> list[str]:
    """Return how many questions another answered, and the least to most that it takes over us."""
    cells: list[str] = []
    for ours in OURS:
        found = [times for verb in size["verbs"] if (times := ratio(size, verb, way, ours))]
        cells = cells or [str(len(found))]
        cells += [said(min(found)), said(statistics.median(found)), said(max(found))]
    return cells


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


def _size(size: Figures) -> str:
    own = [("marts", what) for what in WHAT] + [("lines", "cpu"), ("lines", "mib")]
    head = ["question", *WHAT.values(), "from the lines: CPU s", "MiB", "x scan"]
    for way in ("peer", "pandas"):
        head += [f"{WAYS[way]}: CPU s", "x ours", "MiB"]
    rows = []
    for verb in size["verbs"]:
        cells = [said(figure(size, verb, *place)) for place in own]
        cells.append(said(ratio(size, verb, "lines", "scan")))
        for way in ("peer", "pandas"):
            cells.append(failed(size, verb, way) or said(figure(size, verb, way, "cpu")))
            cells.append(said(ratio(size, verb, way, "marts")))
            cells.append(said(figure(size, verb, way, "mib")))
        rows.append([verb, *cells])
    held = ", ".join(f"{name} {size / GIB:.2f}" for name, size in sorted(size["held"].items()))
    title = f"## {size['lines'] / 1e6:,.0f} million lines"
    told = (
        f"{size['lines']:,} lines of {size['customers']:,} customers, measured last on "
        f"{size['day']}; GiB on disk: {held}."
    )
    return f"{title}\n\n{told}\n\n{table(head, rows)}"


def _every(asked: Figures) -> str:
    """Tell the largest size at which every question was asked, and the growth up to it."""
    if not asked["sizes"]:
        return "Not measured."
    largest = sizes(asked)[-1]
    own = [("marts", what) for what in WHAT] + [("lines", "cpu"), ("lines", "mib")]
    grown = [("marts", what) for what in ("cpu", "mib")]
    head = ["question", *WHAT.values(), "from the lines: CPU s", "MiB", "x scan"]
    head += ["growth: CPU s", "MiB"]
    rows = [
        [
            verb,
            failed(largest, verb, "marts") or said(figure(largest, verb, *own[0])),
            *(said(figure(largest, verb, *at)) for at in own[1:]),
            said(ratio(largest, verb, "lines", "scan")),
            *(said(slope(asked, verb, *at)) for at in grown),
        ]
        for verb in largest["verbs"]
    ]
    known = [verb for verb in largest["verbs"] if not failed(largest, verb, "marts")]
    most = max(known, key=lambda verb: figure(largest, verb, "marts", "mib") or 0)
    counts = ", ".join(f"{one['lines'] / 1e6:,.0f}" for one in sizes(asked))
    calls = [len(largest["verbs"][verb]["marts"][0]["warm"]) for verb in known]
    told = (
        f"{largest['lines']:,} lines, {largest['plain'] / GIB:.1f} GiB in memory with all their "
        f"columns, {largest['period']}; {len(known)} of {len(rows)} questions are answered "
        f"in a process that may hold {largest['limit']:,} MiB. {most} holds the most. Warm calls: "
        f"{', '.join(f'{n} of {calls.count(n)} questions' for n in sorted({*calls}))}. "
        f"Growth is told from {counts} million lines, as below."
    )
    return f"{told}\n\n{table(head, rows)}"


def _reports(size: Figures) -> str:
    reports, made = size["reports"], size["reports"]["made"]
    good = {name: one for name, one in made.items() if "error" not in one}
    rows = [
        [name, one.get("error") or said(one["s"]), said(one.get("mib"))]
        for name, one in made.items()
    ]
    told = (
        f"{size['lines']:,} lines, measured last on {reports['day']}; {len(good)} of {len(made)} "
        f"reports are made by kernels that may hold {reports['limit']:,} MiB, half of them in "
        f"{said(_median(good))} s or less."
    )
    return f"{told}\n\n{table(['notebook', 's', 'MiB'], rows)}"


def _median(made: Figures) -> float:
    return statistics.median(one["s"] for one in made.values())


def _growth(figures: Figures, verbs: list[str]) -> str:
    places = [(way, what) for way in OURS for what in ("cpu", "wall", "mib")]
    head = ["question", *(f"{WAYS[way]}: {WHAT[what]}" for way, what in places)]
    return table(head, [[v, *(said(slope(figures, v, *at)) for at in places)] for v in verbs])


def _billions(figures: Figures, verbs: list[str]) -> str:
    places = [(n, what) for n in BILLIONS for what in ("cpu", "wall", "mib")]
    head = ["question", *(f"{n} billion: {WHAT[what]}" for n, what in places)]
    rows = [
        [verb, *(said(reckoned(figures, verb, "marts", what, n * 1e9)) for n, what in places)]
        for verb in verbs
    ]
    return table(head, rows)


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
        .configure(font=FONT, padding=24)
    )
    return str(vl_convert.vegalite_to_svg(chart.to_dict(), allowed_base_urls=[]))
