"""Charts as still pictures: what a report shows before, or without, its scripts."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

_SAFE = " ='/:;,()!*@+$?"
_FONT = re.compile(r' font-family="([^"]*)"')
_LEFT_OUT = re.compile(
    r'<path [^>]*opacity="0"[^>]*/>| (?:aria-[a-z]+|role|class|pointer-events)="[^"]*"'
    r'| opacity="1"| fill-opacity="1"'
)
_QUOTED = re.compile(r"""="([^"']*)\"""")
_CLIP = re.compile(r'id="(clip\d+)"')
_TAG = re.compile(r"<[^>]*>")
_FINE = re.compile(r"(\d\.\d)\d+")


def still(spec: Mapping[str, Any], *, width: int) -> str | None:
    """Return a Vega-Lite chart as the address of a picture, or None if it cannot be drawn.

    `width` in pixels is used where the chart is as wide as its place. Nothing is requested.
    """
    import vl_convert

    sized = {**spec, "width": width} if spec.get("width") == "container" else dict(spec)
    try:
        drawn = vl_convert.vegalite_to_svg(sized, allowed_base_urls=[])
    except ValueError:
        return None
    return address(_small(drawn))


def address(svg: str) -> str:
    """Return a picture in SVG as a data address."""
    return "data:image/svg+xml," + quote(svg, safe=_SAFE)


def _small(svg: str) -> str:
    """Return the picture without what only a live chart needs, its font named once."""
    font = _FONT.search(svg)
    plain = _coarse(_LEFT_OUT.sub("", _FONT.sub("", svg)))
    named = font.group(0) if font else ""
    return _QUOTED.sub(r"='\1'", _renumbered(plain.replace("<svg", f"<svg{named}", 1)))


def _coarse(svg: str) -> str:
    """Return the picture with one decimal of all its measures; what is written in it stays."""
    return _TAG.sub(lambda tag: _FINE.sub(r"\1", tag[0]), svg)


def _renumbered(svg: str) -> str:
    """Return the picture with its clips counted from 0: the library counts over all pictures."""
    names = {name: f"c{number}" for number, name in enumerate(_CLIP.findall(svg))}
    return re.sub(r"(?<=[\"#])clip\d+(?=[\")])", lambda found: names.get(found[0], found[0]), svg)
