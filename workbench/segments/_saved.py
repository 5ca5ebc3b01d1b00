"""Saved segments: a rule under a name, with its owner and its purpose.

A rule holds no data of anybody, so it is a file of the project, `reports/segments/<name>.yaml`,
beside the packs that use it: reviewed, compared and taken back like everything else there.

    name: Slipping away, and reachable
    owner: CRM
    purpose: a reminder by e-mail before they are gone
    reviewed: 2017-12-31                 # when somebody last looked whether it still serves
    what:                                # see `workbench.segments._rules`
      all:
        - rfm: [At risk, Needs attention]
        - consent: marketing
    target: {kpi: customers, value: 100, date: 2018-03-31, aim: at most}

`reviewed` and `target` may be left out.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import yaml

from workbench import paths
from workbench.data.activity import shoppers
from workbench.data.period import Latest, Period
from workbench.data.shop import Shop
from workbench.segments._labels import RESERVED, ordered
from workbench.segments._rules import Condition, Find, Moment, parse

PREFIX = "saved/"
OTHERS = "Everybody else"
_NEEDED = ("name", "owner", "purpose", "what")
_ALLOWED = (*_NEEDED, "reviewed", "target")


@dataclass(frozen=True)
class Saved:
    """A segmentation into those whom a rule names, and everybody else."""

    SEGMENTS: dict[str, str]
    DEFINITION: dict[str, str]
    TARGETS: dict[str, Any]
    rule: Condition
    file: str
    reviewed: dt.date | None

    def label(
        self,
        shop: Shop,
        period: str | Period | Latest,
        *,
        cuts_from: str | Period | Latest | None = None,
    ) -> pl.DataFrame:
        """Return one row per customer who bought, or whom a part of the rule labels.

        Columns: customer_id, segment. With `cuts_from`, the parts use the cut points of that
        period. Raises ValueError naming the file where the rule cannot be answered here.
        """
        basis = None if cuts_from is None else shop.window(cuts_from)
        moment = Moment(shop, shop.window(period), basis)
        try:
            met = self.rule.met(moment)
        except ValueError as error:
            raise ValueError(f"{self.file}: {error}") from error
        bought = shoppers(shop, period)
        asked = [part.select("customer_id") for part in (bought, *moment.found.values())]
        name, others = self.SEGMENTS
        segment = pl.when(met).then(pl.lit(name)).otherwise(pl.lit(others))
        everybody = pl.concat(asked).unique().sort("customer_id")
        return everybody.with_columns(segment=segment.cast(ordered(self.SEGMENTS)))


def names() -> list[str]:
    """Return the names of the saved segments, such as `saved/slipping-away`."""
    return sorted(PREFIX + path.stem for path in folder().glob("[!_]*.yaml"))


def reviewed() -> dict[str, dt.date]:
    """Return the day of the last review of each saved segment that has one and can be read."""
    days = {}
    for name in names():
        try:
            days[name] = _loaded(_path(name)).get("reviewed")
        except ValueError:
            continue
    return {name: day for name, day in days.items() if day}


def read(name: str, find: Find) -> Saved:
    """Return the saved segment of that name, or raise ValueError with file, key and way out.

    `find` gives the segmentations that its rule rests on.
    """
    path = _path(name)
    file, given = said(path), _loaded(path)
    title, purpose = given["name"], given["purpose"]
    rule = parse(given["what"], find, f"{file}: what")
    target = {title: given["target"]} if "target" in given else {}
    return Saved(
        {title: purpose, OTHERS: "has bought, or is known to the segmentations asked; not in it"},
        _ledger(given, file, rule),
        target,
        rule,
        file,
        given.get("reviewed"),
    )


def _ledger(given: Mapping[str, Any], file: str, rule: Condition) -> dict[str, str]:
    text = str(rule)
    return {
        "Rule": text[1:-1] if text.startswith("(") else text,
        "Owner": given["owner"],
        "Saved in": file,
        "Last reviewed": str(given.get("reviewed", "not yet")),
        "Consent": "where the rule asks for one, as it holds on the period's last day",
        "Movement": "the parts keep the cut points of the period before",
        "Whom it leaves out": "receipts without a card",
    }


def folder() -> Path:
    """Return the folder of the saved segments."""
    return paths.packs() / "segments"


def said(path: Path) -> str:
    """Return how messages and pages name a file: its folder and its name."""
    return f"{path.parent.name}/{path.name}"


def given_in(path: Path) -> Any:
    """Return what a YAML file holds, or raise ValueError naming the file that cannot be read."""
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ValueError(f"{said(path)} is not readable as YAML: {error}") from None


def _path(name: str) -> Path:
    return folder() / f"{name.removeprefix(PREFIX)}.yaml"


def _loaded(path: Path) -> dict[str, Any]:
    file, given = said(path), given_in(path)
    if not isinstance(given, dict):
        raise ValueError(f"{file} is no saved segment; it needs {', '.join(_NEEDED)}")
    problem = _problem(given)
    if problem:
        raise ValueError(f"{file}: {problem}")
    return given


def _problem(given: Mapping[str, Any]) -> str:
    """Return what is wrong with the keys of a saved segment, or nothing."""
    missing = [key for key in _NEEDED if key not in given]
    if missing:
        return f"{' and '.join(missing)} missing; it needs {', '.join(_NEEDED)}"
    strange = [str(key) for key in given if key not in _ALLOWED]
    if strange:
        return f"{strange[0]!r} is no key here; allowed: {', '.join(_ALLOWED)}"
    for key in ("name", "owner", "purpose"):
        if not isinstance(given[key], str) or not given[key].strip():
            return f"{key} {given[key]!r} is no text; write one"
    if given["name"] in (*RESERVED, OTHERS):
        return f"name {given['name']!r} has a meaning of its own here; call it otherwise"
    if "reviewed" in given and type(given["reviewed"]) is not dt.date:
        return f"reviewed {given['reviewed']!r} is no day; write one like 2017-12-31"
    target = given.get("target", {})
    if "target" in given and not (
        isinstance(target, dict) and {"kpi", "value", "date"} <= {*target}
    ):
        return f"target {target!r} needs kpi, value and date"
    return ""
