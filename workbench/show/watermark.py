"""Watermark: for whom a page was made, across the whole of it, on screen and on every sheet."""

from workbench.show import theme
from workbench.show.fragment import Fragment, safe

_ROWS = 4


def watermark(text: str) -> Fragment:
    """Return a faint text that lies over the page and lets every click through."""
    page = (
        "position:fixed;inset:0;overflow:hidden;pointer-events:none;z-index:9;opacity:.07;"
        "display:flex;flex-direction:column;justify-content:space-around;align-items:center"
    )
    row = f"transform:rotate(-20deg);font-size:34px;white-space:nowrap;color:{theme.INK}"
    rows = f'<span style="{row}">{safe(text)}</span>' * _ROWS
    return Fragment(f'<div aria-hidden="true" style="{page}">{rows}</div>', text)
