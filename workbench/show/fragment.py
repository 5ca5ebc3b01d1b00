"""Small pieces of HTML that look alike in Lab, report and app, everything in them escaped."""

import html
from dataclasses import dataclass

from workbench.show import theme, words

SIGNS = {"green": ("✓", "Fine"), "amber": ("▲", "Note"), "red": ("✕", "Fault")}
_COLOURS = {"green": theme.GREEN, "amber": theme.AMBER, "red": theme.RED}


@dataclass(frozen=True)
class Fragment:
    """HTML for a page and the same as plain text; `html` is trusted, build it with `safe`."""

    html: str
    text: str

    def _repr_html_(self) -> str:
        return self.html

    def __repr__(self) -> str:
        return self.text


def safe(value: object) -> str:
    """Return a text escaped for HTML, quotes too."""
    return html.escape(words.tidy(str(value)), quote=True)


def status(name: str) -> str:
    """Return a status as sign, word and colour; raises ValueError for an unknown one."""
    if name not in SIGNS:
        raise ValueError(f"{name!r} is not a status; allowed: {', '.join(SIGNS)}")
    sign, word = SIGNS[name]
    look = f"color:{_COLOURS[name]};font-weight:600;white-space:nowrap"
    return f'<span style="{look}"><span aria-hidden="true">{sign}</span> {word}</span>'


def note(text: str) -> Fragment:
    """Return a boxed note that must not be overlooked, such as what is synthetic."""
    look = (
        f"border:1px solid #e3d3a8;border-left:4px solid {theme.AMBER};border-radius:6px;"
        f"background:#fdf8ea;color:{theme.INK};padding:10px 14px;margin:4px 0;line-height:1.5"
    )
    return Fragment(f'<div role="note" class="wb-note" style="{look}">{safe(text)}</div>', text)


def finding(text: str) -> Fragment:
    """Return a computed sentence as a paragraph."""
    look = f"font-size:1.0625rem;line-height:1.5;margin:4px 0;color:{theme.INK}"
    return Fragment(f'<p class="wb-finding" style="{look}">{safe(text)}</p>', text)
