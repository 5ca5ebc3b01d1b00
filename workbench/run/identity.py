"""Who is there: signing in and out of the apps, by password, token or a proxy's word."""

import asyncio
import json
import logging
import time
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit
from uuid import uuid4

from jupyter_server.auth.decorator import allow_unauthenticated
from jupyter_server.auth.identity import IdentityProvider, User
from tornado import web

from workbench.run.access import VISITOR, Now
from workbench.run.handlers import HousePage, Refusal

MINUTE = 60.0
MOST_FAILURES = 5
DAYS = 7
WRONG = "That name and password do not go together."
access_log = logging.getLogger("workbench.access")


class Failures:
    """Failures of the last minute; who, or from where, came too many has to wait."""

    def __init__(self) -> None:
        self.recent: list[tuple[float, str]] = []

    def __contains__(self, key: str) -> bool:
        """Return whether a name, or an address, has to wait."""
        since = time.monotonic() - MINUTE
        self.recent = [(at, whose) for at, whose in self.recent if at > since]
        return sum(whose == key for _, whose in self.recent) >= MOST_FAILURES

    def add(self, *keys: str) -> None:
        """Count a failure."""
        self.recent += [(time.monotonic(), key) for key in keys]

    def forget(self, *keys: str) -> None:
        """Take back the last failure of each, which was none."""
        for key in keys:
            if mine := [one for one in self.recent if one[1] == key]:
                self.recent.remove(mine[-1])


class Doorkeeper(IdentityProvider):
    """Tells visitors apart: a user is one session, of the person that its `name` says."""

    access: Now
    failures: Failures

    def get_user(self, handler: Any) -> User | None:
        """Return whose session a request is of, or None for somebody who has to sign in."""
        access = self.access()
        found = self.get_user_cookie(handler)
        known = found if isinstance(found, User) and access.rights(found.name) else None
        told = self._by_proxy(handler) or self._by_token(handler)
        name = told or ("" if known or access.asks else VISITOR)
        if not name or (known and known.name == name):
            return known
        return self.sign_in(handler, name)

    def sign_in(self, handler: Any, name: str) -> User:
        """Begin a session of a person, and return it."""
        user = User(uuid4().hex, name)
        scheme = self._told(handler, "X-Forwarded-Proto") or handler.request.protocol
        handler.set_signed_cookie(
            self.get_cookie_name(handler),
            self.user_to_cookie(user),
            expires_days=None,
            path=handler.base_url,
            httponly=True,
            samesite="Lax",
            secure=scheme == "https",
        )
        return user

    def is_token_authenticated(self, handler: Any) -> bool:  # noqa: ARG002 - for no request
        """Say no: a token spares nobody the checks of where a request comes from."""
        return False

    def address(self, handler: Any) -> str:
        """Return the address of a visitor, as a believed proxy tells it."""
        told = self._told(handler, "X-Forwarded-For").split(",")[-1].strip()
        return told or str(handler.request.remote_ip)

    def _by_proxy(self, handler: Any) -> str:
        access = self.access()
        name = self._told(handler, access.header) if access.header else ""
        return name if name in access.people else ""

    def _told(self, handler: Any, header: str) -> str:
        """Return a header of the proxy's, empty where none is believed."""
        believed = self.access().trusts(handler.request.remote_ip)
        return str(handler.request.headers.get(header, "")) if believed else ""

    def _by_token(self, handler: Any) -> str:
        given = handler.get_query_argument("token", "")
        address = self.address(handler)
        if not given or not self.access().asks or address in self.failures:
            return ""
        name = self.access().holder(given)
        if name is None:
            self.failures.add(address)
        return name or ""


class SignInHandler(HousePage):
    """The form for name and password."""

    @allow_unauthenticated
    def get(self) -> None:
        """Show the form."""
        if not self.access.asks:
            raise Refusal(404, "This server asks nobody to sign in.")
        self._form("")

    @allow_unauthenticated
    async def post(self) -> None:
        """Sign in, or say that it did not work, no matter which part was wrong."""
        name = self.get_body_argument("name", "")
        keeper = cast("Doorkeeper", self.identity_provider)
        address = keeper.address(self)
        if address in keeper.failures or name in keeper.failures:
            self.set_header("Retry-After", str(int(MINUTE)))
            return self._form("Too many wrong tries; wait a minute.", status=429)
        password = self.get_body_argument("password", "", strip=False)
        keeper.failures.add(address, name)  # before the answer is known, so that many at once count
        if not await asyncio.to_thread(self.access.knows, name, password):
            return self._form(WRONG, status=401)
        keeper.failures.forget(address, name)
        keeper.sign_in(self, name)
        return self.redirect(_inside(self.get_query_argument("next", "/")))

    def _form(self, problem: str, status: int = 200) -> None:
        self.set_status(status)
        self.finish(self.house("sign_in.html", xsrf=self.xsrf_form_html(), problem=problem))


class SignOutHandler(HousePage):
    """The end of a session; its kernels end when their pages are left."""

    def post(self) -> None:
        """Forget who it was."""
        self.identity_provider.clear_login_cookie(self)
        self.redirect(self.base_url)


def keep_log(file: Path) -> None:
    """Write who asked for what into a file, which begins anew when it is large."""
    file.parent.mkdir(parents=True, exist_ok=True)
    kept = RotatingFileHandler(file, maxBytes=5_000_000, backupCount=3, encoding="utf-8")
    kept.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    access_log.addHandler(kept)
    access_log.setLevel(logging.INFO)
    access_log.propagate = False


def log_request(handler: web.RequestHandler) -> None:
    """Note who asked for what; the query, which may hold a token or a customer, is left out."""
    user = getattr(handler, "_jupyter_current_user", None)
    asked = handler.request
    access_log.info(
        "%s %s %s %s %d %.0f ms",
        asked.remote_ip, json.dumps(user.name) if user else "-", asked.method, asked.path,
        handler.get_status(), 1000 * asked.request_time(),
    )  # fmt: skip


def _inside(address: str) -> str:
    """Return an address on this server, whatever was asked for."""
    parts = urlsplit(address.replace("\\", "/"))
    path = "/" + parts.path.lstrip("/")
    return f"{path}?{parts.query}" if parts.query else path
