"""The bars that the project set itself, and whether measured figures meet them."""

from figures import OURS, WAYS, WHAT, Figures, every, figure, ratio, said, sizes, slope

MIB = 2048
STEEPEST = 1.05  # 1 is in proportion to the lines; a twentieth is left to chance
ENOUGH = 0.2  # CPU seconds; below, most is what any question costs and growth tells nothing
HEAD = ["question", "figure", "million lines", "bar", "found", ""]
MET, UNMET, UNSEEN = "met", "**not met**", "not measured"

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


def counted(figures: Figures) -> list[list[str]]:
    """Return a row per kind of bar: how many are met, and which are not, with what was found."""
    kinds = [("those that name their question", named(figures))]
    for way, over, millions, least in BESIDE:
        told = f"{WAYS[way]} over {WAYS[over]}, {millions} million lines: at least {least}"
        kinds.append((told, beside(figures, (way, over, millions, least))))
    kinds.append((f"MiB of every question, 100 million lines: at most {MIB:,}", held(figures)))
    kinds.append((f"growth of its CPU s, of {ENOUGH} or more: at most {STEEPEST}", grown(figures)))
    return [
        [
            kind,
            f"{sum(row[-1] == MET for row in rows)} of {len(rows)}",
            ", ".join(f"{row[0]} {row[-2]}" for row in rows if row[-1] != MET) or "–",
        ]
        for kind, rows in kinds
    ]


def named(figures: Figures) -> list[list[str]]:
    """Return the rows of the bars that name their questions."""
    rows = []
    for verbs, way, what, over, millions, limit in BARS:
        for verb in verbs.split(", "):
            size = figures["sizes"].get(millions, {})
            found = ratio(size, verb, way, over, what) if over else figure(size, verb, way, what)
            name = f"{WHAT[what]}, {WAYS[way]}" + (f" over {WAYS[over]}" if over else "")
            rows.append(_judged([verb, name, millions], found, limit, least=over in OURS))
    return rows


def beside(figures: Figures, *bars: tuple[str, str, str, int]) -> list[list[str]]:
    """Return the rows of the bars, those of `BESIDE`, for every question that another answers."""
    rows = []
    for way, over, millions, least in bars or BESIDE:
        size = figures["sizes"].get(millions, {})
        for verb in size.get("verbs", {}):
            if (found := ratio(size, verb, way, over)) is not None:
                where = [verb, f"CPU s, {WAYS[way]} over {WAYS[over]}", millions]
                rows.append(_judged(where, found, least, least=True))
    return rows


def beyond(figures: Figures, bar: tuple[str, str, str, int] = BESIDE[0]) -> str:
    """Return the questions of a bar that reading their columns alone would miss, and by what."""
    way, over, millions, least = bar
    size = figures["sizes"].get(millions, {})
    scans = {
        row[0]: ratio(size, row[0], way, "scan")
        for row in beside(figures, (way, over, millions, least))
        if row[-1] == UNMET
    }
    return ", ".join(f"{name} ({said(n)})" for name, n in scans.items() if n and n < least)


def held(figures: Figures) -> list[list[str]]:
    """Return the rows of what questions held in memory: the chosen ones, and every one."""
    return [
        _judged(
            [verb, f"MiB, {WAYS[way]}", "100"], figure(size, verb, way, "mib"), MIB, least=False
        )
        for size in (figures["sizes"].get("100", {}), every(figures)["sizes"].get("100", {}))
        for verb in size.get("verbs", {})
        for way in OURS
    ]


def grown(figures: Figures) -> list[list[str]]:
    """Return the rows of how every question grows that takes time enough to tell."""
    asked = every(figures)
    largest = sizes(asked)[-1:]
    return [
        _judged([verb, "growth", ""], slope(asked, verb, "marts", "cpu"), STEEPEST, least=False)
        for size in largest
        for verb in size["verbs"]
        if (figure(size, verb, "marts", "cpu") or 0) >= ENOUGH
    ]


def _judged(where: list[str], found: float | None, limit: float, *, least: bool) -> list[str]:
    wanted = f"{'at least' if least else 'at most'} {limit:,}"
    if found is None:
        return [*where, wanted, "–", UNSEEN]
    met = found >= limit if least else found <= limit
    return [*where, wanted, said(found), MET if met else UNMET]
