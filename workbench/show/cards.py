"""Cards: a few pieces of advice side by side, each with what it rests on."""

import polars as pl

from workbench.show import theme
from workbench.show.fragment import Fragment, safe


def cards(frame: pl.DataFrame, *, title: str) -> Fragment:
    """Return one card per row of three texts: what it is about, the advice, the evidence.

    Lines of the evidence stay lines.
    """
    head = f"font-size:16px;font-weight:600;margin:0 0 10px;color:{theme.INK}"
    look = "display:grid;grid-template-columns:repeat(auto-fit,minmax(180px,1fr));gap:12px"
    body = "".join(_card(*row) for row in frame.rows())
    said = "; ".join(f"{about}: {advice} ({evidence})" for about, advice, evidence in frame.rows())
    return Fragment(
        f'<p style="{head}">{safe(title)}</p><div style="{look}">{body}</div>', f"{title}: {said}"
    )


def _card(about: str, advice: str, evidence: str) -> str:
    box = (
        f"background:#fff;border:1px solid {theme.LINE};border-top:3px solid {theme.ACCENT};"
        "border-radius:8px;padding:12px 16px;overflow-wrap:anywhere"
    )
    small = f"margin:0;font-size:13px;line-height:1.45;color:{theme.MUTED}"
    large = f"margin:2px 0 6px;font-size:17px;line-height:1.35;font-weight:650;color:{theme.INK}"
    lines = [f'<p style="{small};margin-top:5px">{safe(line)}</p>' for line in evidence.split("\n")]
    return (
        f'<div style="{box}"><p style="{small}">{safe(about)}</p>'
        f'<p style="{large}">{safe(advice)}</p>{"".join(lines)}</div>'
    )
