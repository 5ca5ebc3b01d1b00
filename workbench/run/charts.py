"""The chart library for the pages of the app server, under an address that names its version."""

import base64
import importlib.metadata
from functools import cache

from workbench.run.bundle import bundle


@cache
def address() -> str:
    """Return the name under which pages load the library."""
    return f"charts-{importlib.metadata.version('vl-convert-python')}.js"


@cache
def packed() -> bytes:
    """Return the library, gzipped; the first time in a home this takes over a second."""
    return base64.b64decode(bundle().packed)
