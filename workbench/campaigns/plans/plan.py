"""Campaigns as files: what is offered, to whom, on which terms, and what is expected of it.

A campaign names nobody, so it is a file of the project, `reports/campaigns/<slug>.yaml`:
reviewed, compared and taken back like everything else there, written by the planner's app or by
hand.

    name: Price cut 20% on COFFEE for At risk, from 8 Jan 2018
    owner: CRM
    objective: bring them back to the shelf
    segment: "rfm: At risk"               # segmentation and segment
    period: last 26 weeks                 # the days the segment is taken from
    category: COFFEE
    products: ["1082185"]                 # the retailer's own ids
    mechanic: price cut                   # see `workbench.campaigns.plans.mechanics`
    terms: {discount: 0.2}
    days: 2018-01-08/2018-01-21
    channel: email
    control: 0.2                          # share held out, to see what the campaign changes
    budget: 500                           # for discount and messages; 0 where none is set
    pays: {retailer: 0.5, supplier: 0.5}  # shares of the discount given

What may be left out: `message` (a template's name, or one for each offer that is tried), `cap`
(messages in the four weeks before it), `exclude` (segments), `stop` (when it ends early,
announced before), `code` (the campaign's id in the retailer's data), `expects` (what the planner
forecast).
"""

import datetime as dt
import hashlib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from filelock import FileLock

from workbench import paths
from workbench.actions import Action
from workbench.campaigns.plans.keys import CHANNELS, KEYS, NEEDED, check
from workbench.data.period import Period, written
from workbench.files import write_whole

LATEST = "(latest)"
_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,79}")
_HOUSE: dict[str, Any] = {
    "owner": "CRM",
    "objective": "sell more of the category to the segment",
    "channel": "email",
    "control": 0.2,
    "budget": 0,
    "pays": {"retailer": 1},
    "stop": {"sales under": 0.5, "unsubscribed over": 0.02},
}


@dataclass(frozen=True)
class Campaign:
    """A campaign as its file states it; `slug` names the file, `seal` is what was read of it."""

    name: str
    owner: str
    objective: str
    segment: str
    period: str
    category: str
    products: tuple[str, ...]
    mechanic: str
    terms: Mapping[str, float]
    days: Period
    channel: str
    control: float
    budget: float
    pays: Mapping[str, float]
    message: str | Mapping[str, str] = "offer"
    cap: int = 4
    exclude: tuple[str, ...] = ()
    stop: Mapping[str, float] = field(default_factory=dict)
    code: str = ""
    expects: Mapping[str, Any] = field(default_factory=dict)
    slug: str = ""
    seal: str = ""

    @property
    def file(self) -> str:
        """Return the file's name as people read it."""
        return f"reports/campaigns/{self.slug}.yaml"

    @property
    def offers(self) -> tuple[str, ...]:
        """Return the offers that are tried against each other; one alone is `target`."""
        return ("target",) if isinstance(self.message, str) else tuple(self.message)

    @property
    def purpose(self) -> str:
        """Return the purpose that its channel needs consent to."""
        return CHANNELS[self.channel][0]

    def text(self) -> str:
        """Return the campaign as the text of its file, keys always in the same order."""
        text: str = yaml.safe_dump(
            _given(self), sort_keys=False, allow_unicode=True, default_flow_style=None, width=100
        )
        return text


def slug_of(name: str) -> str:
    """Return the name of a campaign's file.

    >>> slug_of("Café: 20% off, for “At risk”")
    'cafe-20-off-for-at-risk'
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:80].strip("-")


def names() -> list[str]:
    """Return the slugs of all campaigns there are, sorted."""
    return sorted(path.stem for path in _folder().glob("*.yaml") if _SLUG.fullmatch(path.stem))


def choices() -> list[str]:
    """Return what a notebook offers: the word for the one that starts last, and all slugs."""
    return [LATEST, *names()]


def read(slug: str = LATEST) -> Campaign:
    """Return a campaign, by default the one that starts last.

    Raises ValueError for one that is not there or whose file is wrong, with the way out.
    """
    if slug == LATEST:
        known = [read(name) for name in names()]
        if not known:
            raise ValueError("there is no campaign yet; plan one in campaigns/plan")
        return max(known, key=_order)
    if slug not in names():
        near = get_close_matches(slug, names(), n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ";"
        raise ValueError(f"there is no campaign {slug!r}{hint} there are: {', '.join(names())}")
    return parse(_path(slug).read_text(encoding="utf-8"), slug)


def begun(slug: str, last_day: dt.date) -> Campaign:
    """Return a campaign, by default the latest that began by a day, or raise ValueError."""
    if slug != LATEST:
        return read(slug)
    known = [found for found in map(read, names()) if found.days.first <= last_day]
    if not known:
        raise ValueError(f"no campaign has begun by {written(last_day)}; look again when one has")
    return max(known, key=_order)


@lru_cache(maxsize=256)
def parse(text: str, slug: str) -> Campaign:
    """Return the campaign that a file's text states, or raise ValueError with the way out.

    The same text is read once: a page of all campaigns asks every file for each of them.
    """
    file = f"reports/campaigns/{slug}.yaml"
    try:
        given = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError) as error:
        raise ValueError(f"{file} is not readable as YAML: {error}") from None
    if not isinstance(given, dict):
        raise ValueError(f"{file} is no campaign; it needs {', '.join(NEEDED)}")
    try:
        return Campaign(**check(given), slug=slug, seal=_sealed(text))
    except ValueError as error:
        raise ValueError(f"{file}: {error}") from None


def draft(name: str, **terms: Any) -> Campaign:
    """Return a planned campaign with these terms, checked.

    What its file has settled already, or else the house's values, hold for terms not given:
    owner, objective, channel, control, budget, payers, stop rules and so on.
    """
    slug = slug_of(name)
    known = read(slug) if slug in names() else None
    settled = _given(known) if known else {}
    return Campaign(
        **check(_HOUSE | settled | terms | {"name": name}),
        slug=slug,
        seal=known.seal if known else "",
    )


def changed(campaign: Campaign, **terms: Any) -> Campaign:
    """Return a campaign with some of its terms changed and checked, to be saved in its place."""
    return replace(campaign, **check(_given(campaign) | terms))


def save(campaign: Campaign) -> Action:
    """Offer to write a campaign's file; somebody else's change since it was read is told."""
    there = read(campaign.slug) if campaign.slug in names() else None
    news = differences(there, campaign) if there else [f"{campaign.name}, {campaign.days}"]
    what = f"{'Change' if there else 'Write'} {campaign.file}?"
    told = "; ".join(news) or "Nothing changes"
    return Action("Save this campaign", f"{what} {told}.", lambda: _write(campaign))


def differences(old: Campaign, new: Campaign) -> list[str]:
    """Return the keys whose values differ, each with the value before and the value now."""
    before, now = _given(old), _given(new)
    keys = [key for key in KEYS if before.get(key) != now.get(key)]
    return [f"{key}: {before.get(key, 'none')} → {now.get(key, 'none')}" for key in keys]


def _write(campaign: Campaign) -> str:
    """Write the file unless it is no longer what the campaign was made from."""
    path, text = _path(campaign.slug), campaign.text()
    (paths.home() / "state").mkdir(parents=True, exist_ok=True)
    with FileLock(paths.home() / "state" / "campaigns.lock"):
        present = path.read_text(encoding="utf-8") if path.exists() else ""
        if present == text:
            return f"{campaign.file} says this already"
        if present and _sealed(present) != campaign.seal:
            raise ValueError(_overtaken(campaign, parse(present, campaign.slug)))
        if campaign.seal and not present:
            raise ValueError(f"{campaign.file} was removed meanwhile; open the page again")
        write_whole(path, text)
    return f"{campaign.file} is written: it can be reviewed, run and measured under this name"


def _overtaken(campaign: Campaign, there: Campaign) -> str:
    told = "; ".join(differences(campaign, there)) or "nothing but its layout"
    return (
        f"{campaign.file} was saved by somebody else meanwhile (owner: {there.owner}), and nothing "
        f"of yours is written. What differs, yours → theirs: {told}. Open the page again"
    )


def _order(campaign: Campaign) -> tuple[Period, str]:
    return campaign.days, campaign.slug


def _given(campaign: Campaign) -> dict[str, Any]:
    """Return the plain values of the keys that say something."""
    values = {key: _plain(getattr(campaign, key)) for key in KEYS}
    return {key: value for key, value in values.items() if value not in ("", {}, [])}


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(each) for each in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return str(value) if isinstance(value, Period) else value


def _folder() -> Path:
    return paths.packs() / "campaigns"


def _path(slug: str) -> Path:
    if not _SLUG.fullmatch(slug):
        raise ValueError(f"{slug!r} is no name of a file; name the campaign with some letters")
    return _folder() / f"{slug}.yaml"


def _sealed(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
