"""The bundle of chart code that every page of the app server shares, made once per version."""

import hashlib
import threading
from collections.abc import Callable
from functools import cache
from pathlib import Path

EXPOSE = "window.vegaEmbed = vegaEmbed;"


def code(folder: Path) -> Callable[[], bytes]:
    """Return a function giving the bundle; making it starts in the background."""
    made = cache(lambda: _kept(folder / address()))
    threading.Thread(target=made, daemon=True).start()
    return made


@cache
def address() -> str:
    """Return the bundle's name, which changes with the versions of the chart code."""
    import vl_convert

    parts = (vl_convert.get_vega_version(), vl_convert.get_vegalite_versions(), EXPOSE)
    return f"charts-{hashlib.sha256(repr(parts).encode()).hexdigest()[:12]}.js"


def _kept(path: Path) -> bytes:
    if not path.exists():
        import vl_convert

        newest = vl_convert.get_vegalite_versions()[-1]
        fresh = path.with_suffix(".part")
        fresh.write_text(vl_convert.javascript_bundle(EXPOSE, newest), encoding="utf-8")
        fresh.replace(path)
    return path.read_bytes()
