"""The chart library of a report: one compressed script that needs no network.

Bundling takes over a second, so the result is kept in the home, named by its version.
"""

import base64
import gzip
import hashlib
import importlib.metadata
import os
import zlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from workbench import paths


@dataclass(frozen=True)
class Bundle:
    """The chart library: compressed, as base64 text, and the hash of its source for a policy."""

    packed: str
    digest: str


def bundle() -> Bundle:
    """Return the chart library, from the home's cache when it is there and whole."""
    version = importlib.metadata.version("vl-convert-python")
    return _bundle(paths.home() / "cache" / f"charts-{version}.js.gz")


@lru_cache(1)
def _bundle(kept: Path) -> Bundle:
    packed = _read(kept) or _make(kept)
    digest = hashlib.sha256(gzip.decompress(packed)).digest()
    return Bundle(_text(packed), _text(digest))


def _read(kept: Path) -> bytes | None:
    try:
        packed = kept.read_bytes()
        gzip.decompress(packed)
    except (OSError, EOFError, zlib.error):
        return None
    return packed


def _make(kept: Path) -> bytes:
    import vl_convert

    source = vl_convert.javascript_bundle("window.drawChart = vegaEmbed;")
    packed = gzip.compress(source.encode(), 9, mtime=0)
    kept.parent.mkdir(parents=True, exist_ok=True)
    aside = kept.with_name(f"{kept.name}.{os.getpid()}")
    aside.write_bytes(packed)
    aside.replace(kept)
    return packed


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
