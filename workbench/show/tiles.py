"""Key figures as tiles: label, value, note and, where it says something, a status."""

from dataclasses import dataclass
from typing import Any

import polars as pl

from workbench.show import theme, words
from workbench.show.fragment import SIGNS, Fragment, safe, status
from workbench.show.sentences import UNLABELLED


@dataclass(frozen=True)
class Tile:
    """One key figure; `status` is green, amber or red and shown as sign, word and colour."""

    label: str
    value: str
    note: str = ""
    status: str = ""


def tiles(*figures: Tile) -> Fragment:
    """Return key figures side by side; they wrap where the page is narrow."""
    across = len(figures) if len(figures) <= 5 else -(-len(figures) // 2)
    least = f"max(150px,calc((100% - {12 * across}px)/{max(across, 1)}))"
    look = f"display:grid;grid-template-columns:repeat(auto-fit,minmax({least},1fr));gap:12px"
    large = _LARGE if all(len(figure.value) <= _FITS for figure in figures) else _LONG
    body = "".join(_tile(figure, large) for figure in figures)
    return Fragment(f'<dl class="wb-tiles" style="{look};margin:0">{body}</dl>', _text(figures))


def worth_tiles(worth: pl.DataFrame, segment: str) -> Fragment:
    """Return a segment's customers, sales, margin and spend per customer, against all.

    `worth`: one row per segment, as `weigh` returns it. Raises ValueError for an unknown name.
    """
    row = _row(worth, segment)
    known = worth.filter(pl.col("segment").cast(pl.String) != UNLABELLED)
    average = _ratio(known["sales"].sum(), known["customers"].sum())
    return tiles(
        Tile(
            f"{segment}: customers", words.count(row["customers"]), _of_all(row["customers_share"])
        ),
        Tile("Sales", words.money(row["sales"]), _of_all(row["sales_share"])),
        Tile("Margin", words.money(row["margin"]), _of_all(row["margin_share"])),
        Tile(
            "Spend per customer",
            words.money(row["spend_per_customer"]),
            f"{words.money(average)} over all labelled customers",
        ),
    )


def _row(worth: pl.DataFrame, segment: str) -> dict[str, Any]:
    names = worth["segment"].cast(pl.String).to_list()
    if segment not in names:
        raise ValueError(f"{segment!r} is not a segment; allowed: {', '.join(names)}")
    return worth.row(names.index(segment), named=True)


def _of_all(value: words.Figure) -> str:
    return f"{words.share(value)} of all"


def _ratio(total: Any, parts: Any) -> float | None:
    return float(total) / float(parts) if parts else None


def _tile(figure: Tile, large: str) -> str:
    box = (
        f"background:#fff;border:1px solid {theme.LINE};border-top:3px solid {theme.ACCENT};"
        "border-radius:8px;padding:12px 16px"
    )
    mark = f" {status(figure.status)}" if figure.status else ""
    return (
        f'<div class="wb-tile" style="{box}">'
        f'<dt style="{_SMALL}">{safe(figure.label)}</dt>'
        f'<dd style="{large}">{safe(figure.value)}</dd>'
        f'<dd style="{_SMALL}">{safe(figure.note)}{mark}</dd></div>'
    )


_PLAIN = "display:block;float:none;width:auto;padding:0;"
_SMALL = f"{_PLAIN}margin:0;font-weight:400;font-size:13px;line-height:1.4;color:{theme.MUTED}"
_FIGURE = (
    f"{_PLAIN}margin:2px 0;line-height:1.25;font-weight:650;color:{theme.INK};"
    "font-variant-numeric:tabular-nums;overflow-wrap:anywhere;font-size:"
)
_LARGE, _LONG, _FITS = f"{_FIGURE}clamp(20px,3.2vw,26px)", f"{_FIGURE}19px", 11


def _text(figures: tuple[Tile, ...]) -> str:
    return "; ".join(
        " ".join(part for part in (f"{tile.label}:", tile.value, _aside(tile)) if part)
        for tile in figures
    )


def _aside(tile: Tile) -> str:
    word = SIGNS[tile.status][1] if tile.status else ""
    inside = ", ".join(part for part in (tile.note, word) if part)
    return f"({inside})" if inside else ""
