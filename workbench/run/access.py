"""Who may do what in the apps: the file `access.yaml` in the workbench's home.

    roles:
      analyst: {apps: ["*"], customers: yes, export: yes, act: yes}
      category manager: {apps: ["segments/*", "customers/*"], export: yes}
    people:
      ana: {role: analyst, password: "argon2:..."}
      wall screen: {role: category manager, token: "sha256:..."}
      ben: {role: category manager}
    proxy: {header: X-Forwarded-User, from: [10.0.0.5]}

A role opens the apps that its patterns name; `customers` lets it open those that show a single
customer, `export` take tables with it, `act` freeze reports and do what an app offers. Whatever
a role does not say, it may not. A person comes with a password or by a link with a token, both
kept as hashes that `workbench password` makes, or by name in the header of a proxy that signs
people in: off unless stated, and believed from the stated addresses only. A proxy that only
brings the traffic is stated without a header, so that visitors are told apart by their address.

Without the file everybody who reaches the server may do everything: it then listens on this
machine only, or asks for the token that it prints. A file that names nobody is refused.
"""

import hashlib
import hmac
import logging
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import Any

from workbench.run import WrongUsage

FILE = "access.yaml"
VISITOR = "visitor"
KEYS = ("roles", "people", "proxy")
MAY = ("customers", "export", "act")
FLAGS = {"yes": True, "true": True, "no": False, "false": False}
# What a wrong name is checked against, so that it takes as long as a wrong password.
NOBODY = "argon2:$argon2id$v=19$m=10240,t=10,p=8$C9h2LdgUUo/SD/KkVQi18Q$I6bCbIYADGs1KSwo0Gyb3g"
log = logging.getLogger(__name__)


class AccessError(WrongUsage):
    """A file of access that cannot be used; the text names the entry and the way out."""


@dataclass(frozen=True)
class Rights:
    """What a role may open and do; by default everything."""

    apps: tuple[str, ...] = ("*",)
    customers: bool = True
    export: bool = True
    act: bool = True

    def opens(self, name: str, *, private: bool) -> bool:
        """Return whether a notebook of that name, with single customers or not, may be opened."""
        named = any(fnmatchcase(name, pattern) for pattern in self.apps)
        return named and (self.customers or not private)


@dataclass(frozen=True)
class Person:
    """What one person may do, and the hashes of how they come in."""

    rights: Rights
    password: str = ""
    token: str = ""
    role: str = ""


@dataclass(frozen=True)
class Access:
    """Who may do what; with nobody named, everybody everything."""

    people: Mapping[str, Person] = field(default_factory=dict)
    header: str = ""
    proxies: tuple[IPv4Network | IPv6Network, ...] = ()

    @property
    def asks(self) -> bool:
        """Return whether people have to say who they are."""
        return bool(self.people)

    def rights(self, name: str) -> Rights | None:
        """Return what somebody may do, or None for whom the file does not name."""
        if not self.asks:
            return Rights()
        return self.people[name].rights if name in self.people else None

    def role(self, name: str) -> str:
        """Return the name of somebody's role, empty where there are none."""
        return self.people[name].role if name in self.people else ""

    def knows(self, name: str, password: str) -> bool:
        """Return whether that is the person's password; it takes long, whoever is named."""
        from jupyter_server.auth.security import passwd_check

        person = self.people.get(name)
        kept = person.password if person else ""
        return bool(passwd_check(kept or NOBODY, password)) and bool(kept)

    def holder(self, token: str) -> str | None:
        """Return whose token that is."""
        given = hashed(token)
        held = (
            n for n, p in self.people.items() if p.token and hmac.compare_digest(p.token, given)
        )
        return next(held, None)

    def trusts(self, address: str) -> bool:
        """Return whether a proxy's headers are believed from an address."""
        try:
            return any(ip_address(address) in network for network in self.proxies)
        except ValueError:
            return False


Now = Callable[[], Access]


class Keeper:
    """The access of a home, read again when its file changes; a mistake in it changes nothing."""

    def __init__(self, file: Path, otherwise: Access) -> None:
        self.file, self.otherwise = file, otherwise
        self.stamp, self.now = self._stamp(), read(file) or otherwise

    @property
    def stated(self) -> bool:
        """Return whether the file says who may do what."""
        return self.now is not self.otherwise

    def __call__(self) -> Access:
        """Return who may do what at this moment."""
        stamp = self._stamp()
        if stamp != self.stamp:
            self.stamp = stamp
            try:
                self.now = read(self.file) or self.otherwise
            except AccessError:
                log.exception("The access from before goes on")
        return self.now

    def _stamp(self) -> int:
        return self.file.stat().st_mtime_ns if self.file.exists() else 0


def read(file: Path) -> Access | None:
    """Return the access that a file states, or None where there is no file."""
    import yaml

    try:
        text = file.read_text(encoding="utf-8")
        given = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 - builds nothing but text
    except FileNotFoundError:
        return None
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise AccessError(f"{file} is not readable YAML: {error}") from error
    try:
        return _access(given)
    except (AttributeError, TypeError, KeyError, ValueError) as error:
        raise AccessError(f"{file}: {_said(error)}") from error


def by_token(token: str) -> Access:
    """Return an access by which everybody with a token may do everything."""
    return Access({VISITOR: Person(Rights(), token=hashed(token))})


def hashed(token: str) -> str:
    """Return what is kept of a token."""
    return "sha256:" + hashlib.sha256(token.encode()).hexdigest()


def _access(given: Any) -> Access:
    _only(given, KEYS, "the file")
    roles = {name: _rights(name, said) for name, said in given["roles"].items()}
    people = {name: _person(name, said, roles) for name, said in given["people"].items()}
    if not people:
        raise ValueError(
            "people names nobody, and then everybody might do everything; name who may come in, "
            "or remove the file"
        )
    proxy = _only(given.get("proxy") or {"from": []}, ("header", "from"), "proxy")
    proxies = tuple(ip_network(place) for place in proxy["from"])
    return Access(people, proxy.get("header", ""), proxies)


def _rights(name: str, said: Any) -> Rights:
    _only(said, ("apps", *MAY), f"role {name!r}")
    if not isinstance(said["apps"], list):
        raise ValueError(f"role {name!r}: apps is a list of patterns such as segments/*")
    flags = [_known(said.get(what, "no"), FLAGS, f"role {name!r}: {what}") for what in MAY]
    return Rights(tuple(said["apps"]), *(FLAGS[flag] for flag in flags))


def _person(name: str, said: Any, roles: Mapping[str, Rights]) -> Person:
    _only(said, ("role", "password", "token"), f"person {name!r}")
    role = _known(said["role"], roles, f"person {name!r}: role")
    for what, form in (("password", "argon2:"), ("token", "sha256:")):
        if not said.get(what, form).startswith(form):
            raise ValueError(f"person {name!r}: `workbench password` makes the line for a {what}")
    return Person(roles[role], said.get("password", ""), said.get("token", ""), said["role"])


def _only(given: Any, allowed: Collection[str], where: str) -> Any:
    for name in given:
        _known(name, allowed, where)
    return given


def _known(given: str, allowed: Collection[str], where: str) -> str:
    if given not in allowed:
        raise ValueError(f"{where} {given!r} is unknown; there are: {', '.join(allowed)}")
    return given


def _said(error: Exception) -> str:
    if isinstance(error, ValueError):
        return str(error)
    if isinstance(error, KeyError):
        return f"{error} is missing"
    return f"it does not have the form that the manual shows ({error})"
