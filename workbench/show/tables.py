"""Tables in the house style: readable headings, money and shares in words, null as a dash."""

import hashlib
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import great_tables as gt
import polars as pl

from workbench.show import columns as meaning
from workbench.show import theme, words
from workbench.show.fragment import Fragment, safe, status

MOST = 200


def table(
    frame: pl.DataFrame,
    *,
    title: str | None = None,
    subtitle: str | None = None,
    columns: Sequence[str] | None = None,
    headings: Mapping[str, str] | None = None,
    bars: Sequence[str] = (),
    empty: str = "Nothing to show",
) -> Fragment:
    """Return a frame as a table, the first column as its rows' names when it holds names.

    `columns` chooses and orders, `headings` renames, `bars` names columns to draw as bars
    within their cells. At most 200 rows are shown, and the table says so; without any it says
    `empty`.
    """
    shown = frame.select(columns or pl.all())
    built = _built(shown, title, headings or {}, bars)
    built = built.tab_source_note(empty) if frame.is_empty() else built
    return _finished(built, shown, title, subtitle)


def _finished(
    styled: gt.GT, shown: pl.DataFrame, title: str | None, subtitle: str | None = None
) -> Fragment:
    """Return a table below its headings, which do not scroll sideways with it."""
    names = words.join([meaning.heading(name) for name in shown.columns])
    text = f"{title or 'Table'}: {words.some(shown.height, 'row')} of {names}"
    said = "".join(
        f'<div style="{look}">{safe(line)}</div>'
        for line, look in ((title, _TITLE), (subtitle, _SUBTITLE))
        if line
    )
    return Fragment((said and f'<div class="wb-head">{said}</div>') + styled.as_raw_html(), text)


_TITLE = f"font:600 16px/1.3 {theme.FONT};color:{theme.INK};margin:0 0 3px".replace('"', "'")
_SUBTITLE = f"font:13px/1.4 {theme.FONT};color:{theme.MUTED};margin:0 0 3px".replace('"', "'")


def _built(
    frame: pl.DataFrame, title: str | None, headings: Mapping[str, str], bars: Sequence[str]
) -> gt.GT:
    shown = frame.head(MOST)
    styled = _styled(shown, title, headings)
    for name in shown.columns:
        say = meaning.aligned(shown[name])
        most = shown[name].max() if name in bars else None
        styled = styled.fmt(partial(_cell, say, most), columns=[name])
    if frame.height > MOST:
        styled = styled.tab_source_note(f"First {MOST} of {frame.height:,} rows")
    return styled


def checks(checks: pl.DataFrame) -> Fragment:
    """Return the data-quality checks: first what is to be known, then, folded, what is fine.

    `checks`: one row per check, with check, status (green, amber, red as sign, word and colour),
    count, out_of, share, meaning, treatment and, where known, examples and tables concerned.
    """
    plain = checks.with_columns(pl.col("status").cast(pl.String))
    order = ["check", "status", "count", "out_of", "share", "meaning", "examples", "tables"]
    odd = _checked(plain.filter(pl.col("status") != "green"), [*order, "treatment"])
    fine = _checked(plain.filter(pl.col("status") == "green"), order[:6])
    said = words.some(plain.filter(pl.col("status") == "green").height, "check")
    folded = f"<summary>{said} found nothing to be known</summary>{fine.html}"
    look = "margin-top:12px;line-height:1.6"
    return Fragment(
        f'{odd.html}<details style="{look}">{folded}</details>', f"{odd.text}; {fine.text}"
    )


def _checked(checks: pl.DataFrame, columns: Sequence[str]) -> Fragment:
    shown = checks.select(name for name in columns if name in checks.columns)
    if "examples" in shown.columns:
        tables = pl.col("tables").str.replace_all("_", " ")
        shown = shown.with_columns(pl.col("examples").replace("", None), tables.replace("", None))
    headings = {"count": "Found", "tables": "Concerns", "examples": "Such as"}
    styled = _built(shown, None, headings, ()).fmt(status, columns=["status"])
    styled = styled.tab_options(table_width="max(100%,960px)" if shown.width > 7 else "100%")
    widths = {name: width for name, width in _WIDTHS.items() if name in shown.columns}
    return _finished(styled.cols_width(widths), shown, None)


_WIDTHS = {
    "check": "15%",
    "status": "7%",
    "count": "10%",
    "out_of": "10%",
    "share": "7%",
    "examples": "13%",
    "tables": "8%",
}


def scorecard(card: pl.DataFrame, *, title: str, subtitle: str | None = None) -> Fragment:
    """Return a scorecard: one row per KPI, each in its own unit; targets where there are any.

    `card`: kpi, unit (money, count, share or number), now, before, change_share, last_year,
    year_change_share, target, target_day and gap_share, as the scorecard's measure returns it.
    """
    units = card["unit"].to_list()
    shown = card.select("kpi", *(_figures(card[name], units) for name in _LEVELS))
    told = [_said(name, card[name], _change_of) for name in _CHANGES]
    whole = shown.with_columns(*told, _said("target_day", card["target_day"], words.day))
    order = ["kpi", *_SCORED] if card["target"].count() else ["kpi", *list(_SCORED)[:5]]
    styled = _built(whole.select(order), title, {"kpi": "KPI", **_SCORED}, ())
    return _finished(styled.cols_align("right", columns=order[1:]), whole, title, subtitle)


_LEVELS = ("now", "before", "last_year", "target")
_CHANGES = ("change_share", "year_change_share", "gap_share")
_SCORED = {
    "now": "Now",
    "before": "Before",
    "change_share": "Change",
    "last_year": "Last year",
    "year_change_share": "Change on last year",
    "target": "Target",
    "target_day": "By",
    "gap_share": "Against target",
}
_UNITS: dict[str, Any] = {
    "money": words.money,
    "count": words.count,
    "number": partial(words.number, decimals=1),
    "share": partial(words.share, decimals=1),
}


def _figures(column: pl.Series, units: Sequence[str]) -> pl.Series:
    said = [_UNITS[unit](value) for unit, value in zip(units, column, strict=True)]
    return pl.Series(column.name, said, dtype=pl.String)


def _change_of(value: float | None) -> str:
    if value is None:
        return words.DASH
    said = words.share(round(value, 3), decimals=1)
    return f"+{said}" if round(value, 3) > 0 else said


def _said(name: str, column: pl.Series, say: Any) -> pl.Series:
    return pl.Series(name, [say(value) for value in column], dtype=pl.String)


def ledger(definitions: Mapping[str, str] | pl.DataFrame) -> Fragment:
    """Return names and their meanings as a table of two columns."""
    if not isinstance(definitions, pl.DataFrame):
        pairs = {"name": list(definitions), "meaning": list(definitions.values())}
        definitions = pl.DataFrame(pairs, schema={"name": pl.String, "meaning": pl.String})
    return table(definitions)


def folded(terms: pl.DataFrame) -> Fragment:
    """Return terms under their subjects, each to be unfolded; a few stand open.

    `terms`: one row per subject and term; the first column is the subject.
    """
    subject = terms.columns[0]
    groups = terms.partition_by(subject, maintain_order=True, include_key=True)
    stand = " open" if len(groups) <= _OPEN else ""
    parts = [
        f"<details{stand}><summary>{safe(group[subject][0])}</summary>"
        f"{ledger(group.drop(subject)).html}</details>"
        for group in groups
    ]
    texts = [f"{group[subject][0]}: {group.height}" for group in groups]
    return Fragment(f'<div class="wb-folded">{"".join(parts)}</div>', "; ".join(texts))


_OPEN = 3


def _styled(shown: pl.DataFrame, title: str | None, headings: Mapping[str, str]) -> gt.GT:
    first = shown.columns[0]
    named = not shown.schema[first].is_numeric()
    plain = shown.with_columns(pl.col(pl.Enum, pl.Categorical).cast(pl.String))
    styled = gt.GT(plain, rowname_col=first if named else None, id=_id(shown, title))
    labels: dict[str, Any] = {
        name: headings.get(name, meaning.heading(name)) for name in shown.columns
    }
    styled = styled.tab_stubhead(labels.pop(first)) if named else styled
    styled = styled.cols_label(labels).opt_css(_css(shown, title))
    styled = styled.cols_align("right", [n for n, k in shown.schema.items() if k.is_numeric()])
    return _options(styled, "5px" if shown.width > _WIDE else "9px")


_WIDE = 10


def _options(styled: gt.GT, beside: str) -> gt.GT:
    return styled.tab_options(
        container_padding_x="0px",
        container_padding_y="0px",
        table_width="100%",
        table_font_names=theme.FONT.replace('"', "").split(", "),
        table_font_size="14px",
        table_font_color=theme.INK,
        table_border_top_style="none",
        table_border_bottom_color=theme.LINE,
        table_border_bottom_width="1px",
        column_labels_font_size="12px",
        column_labels_font_weight="600",
        column_labels_border_top_style="none",
        column_labels_border_bottom_width="1px",
        column_labels_border_bottom_color=theme.QUIET,
        column_labels_padding="8px",
        table_body_hlines_color="#e7ecea",
        table_body_border_top_style="none",
        table_body_border_bottom_style="none",
        stub_border_style="none",
        stub_font_weight="500",
        data_row_padding="7px",
        data_row_padding_horizontal=beside,
        column_labels_padding_horizontal=beside,
        source_notes_font_size="12px",
    )


def _css(shown: pl.DataFrame, title: str | None) -> str:
    names = shown[shown.columns[0]].cast(pl.String)
    short = (names.str.len_chars().max() or 0) <= _SHORT  # type: ignore[operator]
    wrap = "#id th.gt_row {white-space: nowrap;}" if short else ""
    return (_CSS + wrap).replace("#id", f"#{_id(shown, title)}")


_SHORT = 24
_CSS = f"""
#id table {{table-layout: auto !important;}}
#id tr, #id tr:hover {{background: none !important;}}
#id .gt_col_heading {{color: {theme.MUTED}; vertical-align: bottom;}}
#id .gt_right {{font-variant-numeric: tabular-nums;}}
#id td.gt_right {{white-space: nowrap;}}
#id td.gt_row, #id th.gt_row {{vertical-align: top; line-height: 1.4;}}
"""


def _cell(say: Any, most: Any, value: object) -> str:
    text = safe(say(value))
    if say is words.day:
        return text.replace(" ", "\N{NO-BREAK SPACE}")
    if most is None or not most or words.missing(value):
        return text
    width = max(0.0, min(100.0, 100 * float(value) / float(most)))  # type: ignore[arg-type]
    ground = f"linear-gradient(90deg,#cfe7d8 {width:.1f}%,#f2f6f4 {width:.1f}%)"
    look = f"display:block;min-width:72px;padding:0 6px;border-radius:3px;background:{ground}"
    return f'<span style="{look}">{text}</span>'


def _id(shown: pl.DataFrame, title: str | None) -> str:
    content = f"{title}\n{shown.schema}\n{shown.rows()}"
    return "wb-" + hashlib.sha256(content.encode()).hexdigest()[:10]
