"""The apps in Chromium: the gallery, an app, its controls, its link, and what may go wrong."""

import json
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect
from served import Served, served

LIVE = "#wb-pulse[data-state=live]"
CHART, TABLE, BROKEN, NEEDS_BROKEN, NOTE = 5, 6, 7, 8, 9


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """An app server with a small project, one for all tests here."""
    with served(tmp_path_factory.mktemp("project")) as running:
        yield running


@pytest.fixture(autouse=True)
def leaving(page: Page) -> Iterator[None]:
    """Leave the page after each test, so that its kernel ends."""
    yield
    page.goto("about:blank")


def opened(page: Page, server: Served, query: str = "") -> Page:
    """Open the tiny app and wait until it is live."""
    page.goto(f"{server.address}/app/segments/tiny{query}")
    expect(page.locator(LIVE)).to_be_visible(timeout=60_000)
    return page


def cell(position: int) -> str:
    """Return the selector of the card of a cell."""
    return f'[data-cell="{position}"]'


def severe(page: Page) -> list[str]:
    """Return the serious and critical accessibility violations of a page."""
    found = Axe().run(page).response["violations"]
    return [f"{v['id']}: {v['nodes'][0]['html']}" for v in found if v["impact"] in SEVERE]


SEVERE = ("serious", "critical")


def test_gallery_lists_the_notebooks(page: Page, server: Served) -> None:
    """Each notebook is a card with its question and parameters, found by any of its words."""
    page.goto(server.address)
    expect(page.get_by_role("link", name="Tiny & <b>worth</b>")).to_be_visible()
    assert "Bands" in page.inner_text(".cards >> nth=1")
    page.get_by_role("searchbox").fill("segment worth")
    expect(page.locator("[data-search]:visible")).to_have_count(1)
    assert severe(page) == []


def test_gallery_needs_no_mouse(page: Page, server: Served) -> None:
    """A slash alone does nothing; in the search box Enter opens the first card found."""
    page.goto(server.address)
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).not_to_be_focused()
    page.get_by_role("searchbox").focus()
    page.keyboard.type("tiny")
    page.keyboard.press("Enter")
    page.wait_for_url("**/app/segments/tiny")


def test_app_draws_charts_and_moves_only_what_depends(page: Page, server: Served) -> None:
    """A control redraws the cells that read it; all other cards keep their very elements."""
    opened(page, server)
    expect(page.locator(f"{cell(CHART)} svg")).to_be_visible()
    page.evaluate("document.querySelectorAll('.out').forEach((out) => (out.dataset.old = 1))")
    page.get_by_label("Segment", exact=True).select_option("Loyal")
    expect(page.locator(cell(TABLE))).to_contain_text("Loyal")
    expect(page.locator(LIVE)).to_be_visible()
    fresh = page.locator("[data-cell]:visible:has(> .out:not([data-old]))")
    assert [card.get_attribute("data-cell") for card in fresh.all()] == [str(TABLE)]
    assert severe(page) == []


def test_link_carries_the_parameters(page: Page, server: Served) -> None:
    """The address follows the controls, and opening it again shows the same view."""
    opened(page, server, "?bands=6")
    page.get_by_role("slider", name="Bands").press("ArrowRight")
    page.get_by_label("Segment", exact=True).select_option("Loyal")
    page.get_by_role("button", name="13 weeks").click()
    page.get_by_role("checkbox", name="Champions").check()
    page.get_by_label("Since").fill("2017-03-01")
    page.get_by_label("Sober").uncheck()
    page.get_by_label("Note").fill("a&b=c")
    page.keyboard.press("Enter")
    expect(page.locator("#wb-command")).to_contain_text("note=a&b=c")
    asked = {name: value[0] for name, value in parse_qs(urlsplit(page.url).query).items()}
    assert asked == {
        "bands": "7",
        "segment": "Loyal",
        "period": "last 13 weeks",
        "groups": '["Champions", "Loyal", "Asleep"]',
        "since": "2017-03-01",
        "sober": "false",
        "note": "a&b=c",
    }
    page.reload()
    expect(page.locator(LIVE)).to_be_visible(timeout=60_000)
    expect(page.locator(cell(NOTE))).to_have_text("Noted: a&b=c")
    expect(page.get_by_label("Sober")).not_to_be_checked()


def test_a_bad_link_says_what_is_allowed(page: Page, server: Served) -> None:
    """Unknown names and values out of range are told, and the defaults shown."""
    opened(page, server, "?bands=99&sgment=Lost&note=kept")
    notice = page.get_by_role("alert")
    expect(notice).to_contain_text("3 to 10")
    expect(notice).to_contain_text("did you mean 'segment'")
    expect(page.get_by_role("slider", name="Bands")).to_have_attribute("aria-valuetext", "5")
    expect(page.locator(cell(NOTE))).to_have_text("Noted: kept")


def test_a_bad_value_is_told_and_forgotten(page: Page, server: Served) -> None:
    """Free text that is no period leaves the view as it was and says what is allowed."""
    opened(page, server)
    period = page.get_by_role("textbox", name="Period")
    period.fill("the other day")
    period.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("last 26 weeks")
    period.fill("last 8 weeks")
    period.press("Enter")
    expect(page.get_by_role("alert")).to_be_hidden()
    page.wait_for_url("**last%208%20weeks*")


def test_a_failing_cell_says_so_in_its_place(page: Page, server: Served) -> None:
    """The message is readable, cells that need the failed one wait, the others are shown."""
    opened(page, server, "?bands=7")
    expect(page.locator(cell(BROKEN))).to_have_text("Integer division or modulo by zero")
    expect(page.locator(cell(NEEDS_BROKEN))).to_contain_text("Not shown")
    expect(page.locator(cell(NOTE))).to_be_visible()
    assert "Traceback" not in page.content()
    page.get_by_role("slider", name="Bands").press("ArrowRight")
    expect(page.locator(cell(NEEDS_BROKEN))).to_have_text("101")


def test_a_missing_lake_names_the_command(page: Page, server: Served) -> None:
    """A page without data says which command makes some."""
    page.goto(f"{server.address}/app/lakeless")
    expect(page.locator(".fault")).to_contain_text("workbench demo", timeout=60_000)


def test_footer_names_data_and_fingerprints(page: Page, server: Served) -> None:
    """Version, retailer and last day are told, and each result table has its fingerprint."""
    opened(page, server, "?segment=Loyal")
    for fact in (
        "v7",
        "Corner shop",
        "31 Dec 2017",
        "workbench run segments/tiny -p segment=Loyal",
    ):
        expect(page.get_by_role("contentinfo")).to_contain_text(fact)
    expect(page.locator("#wb-fingerprints[data-tables]")).to_have_count(1)
    marks = json.loads(page.locator("#wb-fingerprints").get_attribute("data-tables") or "")
    assert set(marks) == {"worth", "chosen"}
    assert all(len(mark) == 64 for mark in marks.values())


def test_hostile_values_stay_text(page: Page, server: Served) -> None:
    """Scripts in a value or a title are shown as written and never run."""
    opened(page, server, "?note=</script><script>window.hit=1</script><img src=x onerror=hit=1>")
    expect(page.locator(cell(NOTE))).to_contain_text("<script>window.hit=1")
    expect(page.get_by_role("heading", level=1)).to_have_text("Tiny & <b>worth</b>")
    assert page.evaluate("window.hit") is None


def test_a_narrow_page_does_not_scroll_sideways(page: Page, server: Served) -> None:
    """On a phone everything fits, one below the other."""
    page.set_viewport_size({"width": 420, "height": 900})
    opened(page, server)
    assert page.evaluate("document.documentElement.scrollWidth") <= 420


def test_what_no_longer_scrolls_is_no_stop_for_the_keyboard(page: Page, server: Served) -> None:
    """A box is reached while it scrolls sideways, and passed over in a wider window."""
    opened(page, server)
    page.locator(f"{cell(NOTE)} .out").evaluate(WIDE)
    page.set_viewport_size({"width": 420, "height": 900})
    expect(page.locator("#wide")).to_have_attribute("tabindex", "0")
    page.set_viewport_size({"width": 1300, "height": 900})
    expect(page.locator("#wide")).not_to_have_attribute("tabindex", "0")
    expect(page.locator("#wide")).not_to_have_attribute("role", "group")


WIDE = """(out) => {
  const box = out.appendChild(document.createElement("pre"))
  Object.assign(box, { id: "wide", textContent: "x".repeat(60) })
  Object.assign(box.style, { overflowX: "auto", whiteSpace: "pre" })
}"""


def test_a_lost_session_offers_to_continue(browser: Browser, server: Served) -> None:
    """When the kernel is gone the page says so, and reloading keeps the parameters."""
    context: BrowserContext = browser.new_context()
    page = opened(context.new_page(), server, "?segment=Loyal")
    gone = page.evaluate("JSON.parse(document.getElementById('jupyter-config-data').text).kernelId")
    page.evaluate(f"fetch('/voila/api/shutdown/{gone}', {{method: 'POST'}})")
    page.evaluate("window.dispatchEvent(new Event('online'))")
    page.get_by_role("button", name="Continue where you were").click()
    expect(page.locator(LIVE)).to_be_visible(timeout=60_000)
    assert page.url.endswith("?segment=Loyal")
    context.close()


def test_a_page_without_network_says_so_and_recovers(browser: Browser, server: Served) -> None:
    """Offline is shown while it lasts, and what was changed meanwhile arrives afterwards."""
    context: BrowserContext = browser.new_context()
    page = opened(context.new_page(), server)
    context.set_offline(True)
    expect(page.locator("#wb-pulse")).to_have_text("Offline")
    context.set_offline(False)
    expect(page.locator(LIVE)).to_be_visible()
    context.close()
