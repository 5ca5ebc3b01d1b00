"""The glossary: what every word on the pages means, read from the definitions the code uses."""

import importlib
import pkgutil
from collections.abc import Iterator
from types import ModuleType

import polars as pl

_SPELT = {"rfm": "RFM", "kpi": "KPI"}
_SCHEMA = {"subject": pl.String, "term": pl.String, "meaning": pl.String}


def glossary(*packages: ModuleType) -> pl.DataFrame:
    """Return one row per subject and term: subject, term, meaning.

    The subjects are the modules of the packages with a `DEFINITION` (term to meaning), named by
    their docstrings; the labels of a segmentation (`SEGMENTS`) are terms too, after the others.
    """
    rows = [row for package in packages for row in _defined(package)]
    return pl.DataFrame(rows, _SCHEMA, orient="row").unique(maintain_order=True)


def called(name: str) -> str:
    """Return the name of a column, a parameter or a segmentation as people read it.

    >>> called("basket_variation"), called("rfm")
    ('Basket variation', 'RFM')
    """
    plain = name.replace("_", " ").strip()
    return _SPELT.get(name) or plain[:1].upper() + plain[1:]


def mentioning(terms: pl.DataFrame, word: str) -> pl.DataFrame:
    """Return the rows of a glossary in which a word stands, in any letters; all for none."""
    wanted = word.strip().lower()
    text = pl.concat_str("subject", "term", "meaning", separator=" ").str.to_lowercase()
    return terms.filter(text.str.contains(wanted, literal=True))


def say_found(found: pl.DataFrame, word: str) -> str:
    """Return the sentence that says how many terms are shown."""
    if not word.strip():
        return f"{found.height} terms of {found['subject'].n_unique()} subjects are explained"
    return f"{word.strip()!r} stands in {found.height} of the terms and their meanings"


def _defined(package: ModuleType) -> Iterator[tuple[str, str, str]]:
    found = pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    for name in sorted(module.name for module in found):
        if "._" in name:
            continue  # what several modules share, each of which defines it
        module = importlib.import_module(name)
        terms = {**getattr(module, "DEFINITION", {}), **getattr(module, "SEGMENTS", {})}
        subject = (module.__doc__ or name).splitlines()[0].partition(":")[0].rstrip(".")
        yield from ((subject, term, meaning) for term, meaning in terms.items())
