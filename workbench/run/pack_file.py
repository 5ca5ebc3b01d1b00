"""Packs: the reports that belong together, as a file `reports/<name>.yaml`.

    title: Monday pack
    question: How did last week go?
    for: category managers
    notebooks:
      - data_health
      - notebook: segments/rfm
        parameters: {period: last 26 weeks}
      - notebook: segments/wallet
        each: {category: all}              # one report for each option, or for those of a list
      - segments/value@0f3b9c12            # as it was when it was pinned: workbench pin
    when: {at: 06:30, zone: Europe/Paris, weekdays: Monday}
    formats: [html, xlsx]
    to: {mail: [ann@shop.example]}
    keep: 12 runs
    alerts: [churn]                        # rules to fire first when the schedule runs; or all

Every value in the file is read as text, so that 007 and 12:30 reach the notebook as written.
`when` is told in `workbench.run.due`, `keep` in `workbench.run.keep`, formats and targets in
`workbench.run.deliver`. A pack that is made by hand fires no alerts. A pack is
shared, so a notebook that shows a single customer is never in one: such a notebook says
`"workbench": {"private": true}` in its metadata, and a pack that names it is refused.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from workbench import paths
from workbench.run import WrongUsage, catalogue, deliver
from workbench.run.deliver import Delivery
from workbench.run.due import When
from workbench.run.keep import Keep

KEYS = {"title", "question", "for", "notebooks", "when", "keep", "alerts"} | deliver.KEYS
ALL = "all"


class PackError(WrongUsage):
    """A pack that does not exist or whose file cannot be used."""


@dataclass(frozen=True)
class Item:
    """One report of a pack: a notebook's name and the parameters given, as text.

    `each` names a parameter and the values to make a report of each for, or "all". `label` says
    for which of them a report is.
    """

    notebook: str
    parameters: Mapping[str, object]
    each: Mapping[str, Any] = field(default_factory=dict)
    label: str = ""


@dataclass(frozen=True)
class Pack:
    """What a pack's file says."""

    name: str
    title: str
    question: str
    audience: str
    items: tuple[Item, ...]
    when: When | None = None
    delivery: Delivery = field(default_factory=Delivery)
    keep: Keep | None = None
    alerts: tuple[str, ...] = ()

    def reports(self) -> tuple[Item, ...]:
        """Return the reports to make; raise PackError for one each of what has no options."""
        entries = Counter(item.notebook for item in self.items if item.each)
        several = {name for name, count in entries.items() if count > 1}
        return tuple(report for item in self.items for report in _reports(item, several))


def names() -> list[str]:
    """Return the names of all packs, sorted."""
    return sorted(path.stem for path in paths.packs().glob("*.yaml"))


def find(name: str) -> Pack:
    """Return the pack of that name; raise PackError saying what there is or what is wrong."""
    asked = name.removesuffix(".yaml")
    if asked not in names():
        near = get_close_matches(asked, names(), n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ";"
        raise PackError(f"there is no pack {asked[:60]!r}{hint} there are: {', '.join(names())}")
    path = paths.packs() / f"{asked}.yaml"
    try:
        pack = _pack(asked, path, _read(path))
    except PackError:
        raise
    except WrongUsage as error:
        raise PackError(f"{path}: {error}") from error
    _refuse_private(path, pack)
    return pack


def _read(path: Path) -> Any:
    import yaml

    try:
        text = path.read_text(encoding="utf-8")
        return yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 - builds nothing but text
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise PackError(f"{path} is not readable YAML: {error}") from error


def _pack(name: str, path: Path, given: Any) -> Pack:
    if not isinstance(given, dict) or not given.get("notebooks"):
        raise PackError(f"{path} is not a pack: it needs a title and a list of notebooks")
    if unknown := sorted(set(given) - KEYS):
        raise PackError(f"{path}: {unknown[0]!r} is unknown; allowed: {', '.join(sorted(KEYS))}")
    return Pack(
        name,
        str(given.get("title") or name),
        str(given.get("question", "")),
        str(given.get("for", "")),
        tuple(_item(path, entry) for entry in given["notebooks"]),
        When.parse(given["when"]) if "when" in given else None,
        Delivery.parse(given),
        Keep.parse(given["keep"]) if "keep" in given else None,
        deliver.several(given.get("alerts", [])),
    )


def _item(path: Path, entry: Any) -> Item:
    if isinstance(entry, str):
        return Item(entry, {})
    match entry:
        case {"notebook": str(name), **rest} if set(rest) <= {"parameters", "each"}:
            given, each = rest.get("parameters") or {}, rest.get("each") or {}
            if isinstance(given, dict) and isinstance(each, dict) and len(each) < 2:
                return Item(name, given, each)
    raise PackError(
        f"{path}: {entry!r} is neither a notebook's name nor `notebook:` with `parameters:` "
        "and `each:` one parameter"
    )


def _reports(item: Item, several: set[str]) -> Iterator[Item]:
    """Yield an entry's reports; with several of a notebook, each says what sets it apart."""
    if not item.each:
        yield item
    apart = item.parameters.values() if item.notebook in several else ()
    for name, asked in item.each.items():
        for value in asked if isinstance(asked, list) else _options(item, name):
            label = ", ".join(map(str, [*apart, value]))
            yield replace(item, parameters={**item.parameters, name: value}, label=label)


def _options(item: Item, name: str) -> list[str]:
    """Return the options of a parameter; where there are none, running the report says why."""
    asked = str(item.each[name])
    try:
        parameters = {each.name: each.kind for each in catalogue.find(item.notebook).parameters}
    except ValueError:
        return [asked]
    if asked == ALL and name in parameters and not hasattr(parameters[name], "options"):
        raise PackError(f"{item.notebook}: {name} has no options; list its values instead of all")
    return list(parameters[name].options) if asked == ALL and name in parameters else [asked]


def _refuse_private(path: Path, pack: Pack) -> None:
    for item in pack.items:
        try:
            notebook = catalogue.find(item.notebook)
            private = notebook.private
        except ValueError:
            continue  # the report itself says what is wrong with its notebook
        if private:
            raise PackError(
                f"{path}: {notebook.name} shows a single customer and is never in a shared pack; "
                f"remove it, and make it by itself: workbench run {notebook.name}"
            )
