"""Where the workspace's files speak of a person, and taking the person out of them.

A report is one thing: if a file of it names the person, or a result table has a row of theirs,
all of it goes, to be made again. Tables and logs lose the lines; other files that the workbench
writes go whole. What it did not write is left alone and told.
"""

import html
import json
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from urllib.parse import quote
from zipfile import BadZipFile, ZipFile

import polars as pl

REPORT = "run.json"
NOT_HERE = ("lake", "private", "erasures", "cache")
OURS = ("reports", "packs", "apps", "segments", "campaigns", "exports", "schedules", "logs")
BY_LINE = (".csv", ".tsv", ".txt", ".log", ".jsonl", ".ndjson")
PAGES = (".html", ".htm")
JSON = (".json", ".ipynb")
PACKED = (".xlsx", ".zip")
LIBRARY = 200_000
_SCRIPT = re.compile(
    r"<(script|style)(?: type=\"(?:module|text/javascript)\")?>(.*?)</\1>", re.DOTALL
)


@dataclass(frozen=True)
class Person:
    """Whom to look for: the customer id, its surrogate, and what else names the person."""

    customer: str
    number: int
    words: tuple[str, ...]

    @cached_property
    def forms(self) -> str:
        """Return the part of a pattern that stands for any of the words, the longest first."""
        forms = {form for word in (self.customer, *self.words) for form in _escaped(word)}
        return "|".join(map(re.escape, sorted(forms, key=len, reverse=True)))

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Return what finds the person's id or words, whole and however they are escaped."""
        return re.compile(rf"(?<!\w)(?:{self.forms})(?!\w)", re.IGNORECASE)

    def named_in(self, text: str) -> bool:
        """Return whether a text names the person."""
        return self.pattern.search(text) is not None


@dataclass
class Cleared:
    """What was done to the files of a workspace, as paths inside it."""

    dropped: list[str] = field(default_factory=list)
    shortened: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)

    def unnamed(self, person: Person) -> "Cleared":
        """Return the same with a file's name told without the person in it."""
        lists = (self.dropped, self.shortened, self.left)
        return Cleared(
            *([person.pattern.sub("(the person)", name) for name in names] for names in lists)
        )


def clear(home: Path, person: Person, sources: Callable[[Path], bool]) -> Cleared:
    """Take a person out of the files of a workspace, beside the lake.

    `sources` tells the retailer's own files, which are left as they are and told.
    """
    done = Cleared()
    reports = {path.parent for path in _files(home) if _is_record(path, home)}
    for report in sorted(reports):
        if any(_mentions(path, person) for path in report.rglob("*") if path.is_file()):
            shutil.rmtree(report)
            done.dropped.append(str(report.relative_to(home)))
    for path in sorted(_files(home)):
        name = path.relative_to(home)
        if not reports.isdisjoint(path.parents) or not _mentions(path, person):
            continue
        if sources(path) or not _ours(name):
            done.left.append(str(name))
        elif path.suffix in (*BY_LINE, ".parquet"):
            _shorten(path, person)
            done.shortened.append(str(name))
        else:
            path.unlink()
            done.dropped.append(str(name))
    return done


def _files(home: Path) -> Iterator[Path]:
    for top in home.iterdir():
        if top.name in NOT_HERE:
            continue
        yield from (path for path in (top.rglob("*") if top.is_dir() else [top]) if path.is_file())


def _is_record(path: Path, home: Path) -> bool:
    """Return whether a file is what a run leaves in its report's folder, not just called so."""
    if path.name != REPORT or path.parent == home:
        return False
    try:
        record = json.loads(path.read_bytes())
    except ValueError:
        return False
    return isinstance(record, dict) and "notebook" in record


def _ours(name: Path) -> bool:
    return name.parts[0] in OURS or name.suffix == ".log"


def _mentions(path: Path, person: Person) -> bool:
    suffix = path.suffix.lower()
    if suffix == ".parquet":
        return _in_table(path, person)
    if suffix in PACKED:
        return _in_archive(path, person)
    text = path.read_bytes().decode("utf-8", "replace")
    if suffix in PAGES:
        text = _SCRIPT.sub(_without_library, text)
    if suffix in JSON:
        text = _strings(text)
    return person.named_in(text)


def _in_table(path: Path, person: Person) -> bool:
    frame = pl.scan_parquet(path)
    theirs = _theirs(frame.collect_schema(), person)
    return theirs is not None and bool(frame.select(theirs.any()).collect().item())


def _theirs(schema: pl.Schema, person: Person) -> pl.Expr | None:
    """Return whether a row is about the person, or None where no column can tell."""
    texts = [
        pl.col(name).cast(pl.String).str.contains(rf"(?i)(?:^|\W)(?:{person.forms})(?:\W|$)")
        for name, dtype in schema.items()
        if dtype in (pl.String, pl.Categorical, pl.Enum)
        or (name == "customer" and dtype.is_integer())
    ]
    numbers = [
        pl.col(name) == person.number
        for name, dtype in schema.items()
        if name == "customer_id" and dtype.is_integer()
    ]
    tests = [test.fill_null(False) for test in (*texts, *numbers)]
    return pl.any_horizontal(tests) if tests else None


def _in_archive(path: Path, person: Person) -> bool:
    try:
        with ZipFile(path) as archive:
            texts = (archive.read(name).decode("utf-8", "replace") for name in archive.namelist())
            return any(person.named_in(text) for text in texts)
    except BadZipFile:
        return person.named_in(path.read_bytes().decode("utf-8", "replace"))


def _without_library(script: re.Match[str]) -> str:
    """Return a page's script, unless it is so long that it is a library's code."""
    return "" if len(script[2]) > LIBRARY else script[0]


def _strings(text: str) -> str:
    """Return the texts in JSON, one per line; the numbers in it name nobody."""
    try:
        return "\n".join(_leaves(json.loads(text)))
    except ValueError:
        return text


def _leaves(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for key, each in value.items():
            yield str(key)
            yield from _leaves(each)
    elif isinstance(value, list):
        for each in value:
            yield from _leaves(each)
    elif isinstance(value, str):
        yield value


def _shorten(path: Path, person: Person) -> None:
    """Take the lines or rows that name the person out of a file."""
    aside = path.with_name(f".{path.name}.erasing")
    if path.suffix == ".parquet":
        frame = pl.scan_parquet(path)
        theirs = _theirs(frame.collect_schema(), person)
        (frame if theirs is None else frame.filter(~theirs)).collect().write_parquet(aside)
    else:
        with path.open(encoding="utf-8", errors="surrogateescape", newline="") as lines:
            kept = [line for line in lines if not person.named_in(line)]
        aside.write_text("".join(kept), encoding="utf-8", errors="surrogateescape", newline="")
    aside.replace(path)


def _escaped(word: str) -> set[str]:
    """Return a word as it stands in text, in pages, in JSON and in links."""
    return {word, html.escape(word), json.dumps(word)[1:-1], quote(word), quote(word, safe="")}
