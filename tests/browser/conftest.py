"""Chromium for the tests: pages that may not leave this machine and may not report errors."""

import re
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    BrowserType,
    Page,
    Request,
    Route,
    expect,
    sync_playwright,
)

expect.set_options(timeout=30_000)
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
PATIENCE = 60_000  # a busy machine is slow, not broken
HERE = re.compile(r"(https?|wss?)://(127\.0\.0\.1|localhost)[:/]|(file|data|blob|about):")


@pytest.fixture(scope="session")
def chromium() -> Iterator[tuple[BrowserType, str]]:
    """Return what starts Chromium, and the path of the system's."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        pytest.fail("Chromium is not installed; `make test` installs it with the system's packages")
    with sync_playwright() as playwright:
        yield playwright.chromium, found


@pytest.fixture(scope="session")
def browser(chromium: tuple[BrowserType, str]) -> Iterator[Browser]:
    """Return the system's Chromium, one for all tests of a process."""
    kind, path = chromium
    with kind.launch(executable_path=path, args=ARGUMENTS) as running:
        yield running


@pytest.fixture
def faults() -> list[str]:
    """Return what went wrong on the pages of this test; it must be empty in the end."""
    return []


@pytest.fixture
def context(browser: Browser, faults: list[str]) -> Iterator[BrowserContext]:
    """Return a fresh browser profile whose pages are watched."""
    fresh = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    fresh.set_default_timeout(PATIENCE)
    fresh.route(lambda address: not HERE.match(address), lambda route: _refuse(route, faults))
    fresh.on("page", lambda page: _watch(page, faults))
    yield fresh
    fresh.close()
    assert faults == []


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """Return a page; the test fails if it asks elsewhere or reports an error."""
    return context.new_page()


@pytest.fixture(scope="session")
def profile(
    chromium: tuple[BrowserType, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BrowserContext]:
    """Return the profile of somebody who comes again and has kept the pages' scripts."""
    kind, path = chromium
    folder = tmp_path_factory.mktemp("profile")
    arguments = [*ARGUMENTS, "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]
    with kind.launch_persistent_context(
        folder, executable_path=path, args=arguments, reduced_motion="reduce"
    ) as kept:
        kept.set_default_timeout(PATIENCE)
        yield kept


@pytest.fixture
def next_page(profile: BrowserContext, faults: list[str]) -> Iterator[Page]:
    """Return a page of somebody who comes again; it is watched as any other, and left."""
    page = profile.new_page()
    _watch(page, faults)
    page.on("request", lambda request: _note(request, faults))
    yield page
    page.goto("about:blank")  # leaving a page is what ends its session
    page.close()
    assert faults == []


def _note(request: Request, faults: list[str]) -> None:
    if not HERE.match(request.url):
        faults.append(f"asked elsewhere: {request.url}")


def _refuse(route: Route, faults: list[str]) -> None:
    faults.append(f"asked elsewhere: {route.request.url}")
    route.abort()


def _watch(page: Page, faults: list[str]) -> None:
    page.on("pageerror", lambda error: faults.append(f"error on the page: {error}"))
    page.on(
        "console",
        lambda said: faults.append(f"console: {said.text}") if said.type == "error" else None,
    )
