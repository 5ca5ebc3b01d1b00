"""A report in Chromium, without a network."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from looks import (
    HOSTILE,
    Dollars,
    cells,
    checks,
    days,
    moves,
    notebook,
    profile,
    prose,
    shown,
    worth,
)
from nbformat import v4
from playwright.sync_api import Browser, BrowserContext, Page, Request

from workbench import show
from workbench.run import html

Open = Callable[..., list[str]]


def full(name: str = "Champions") -> Any:
    """Return a notebook with every kind of chart, a table, tiles and notes."""
    return notebook(
        shown(show.worth_tiles(worth(name), name)),
        shown(show.note(f"Costs of {name} are declared")),
        prose("## Worth"),
        shown(show.weight(worth(name)), "half"),
        shown(show.grid(cells()), "half"),
        shown(show.table(worth(name), title=name, bars=["sales_share"])),
        prose("## Moves"),
        shown(show.flow(moves())),
        prose("## Buys\n\n### By department"),
        shown(show.index(profile(name), "At risk")),
        shown(show.bars(profile(name), x="department", y="sales")),
        prose("## Data"),
        shown(show.trend(days(), x="day", y="sales")),
        shown(show.checks(checks())),
        shown(show.ledger({name: name})),
    )


@pytest.fixture
def report(
    page: Page,
    context: BrowserContext,
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> Open:
    """A function that opens a notebook's report offline and returns the requests it made."""
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path_factory.getbasetemp() / "charts-home"))
    show.house(Dollars())

    def opened(node: Any, **facts: Any) -> list[str]:
        asked: list[str] = []
        path = write(tmp_path, node, **facts)
        context.set_offline(True)
        page.on("request", lambda request: asked.append(address(request)))
        page.goto(path.as_uri())
        page.wait_for_selector("html[data-charts]", state="attached")
        return asked

    return opened


def write(folder: Path, node: Any, **facts: Any) -> Path:
    """Write a notebook's report and return where it is."""
    path = folder / "report.html"
    given = {"parameters": [("Segment", "At risk", "whom to look at")], "data_version": "v3"}
    path.write_text(html.export(node, title="Who is leaving", facts=given | facts), "utf-8")
    return path


def address(request: Request) -> str:
    """Return a request's address; of data that the page itself holds, the beginning."""
    return request.url[:80] if request.url.startswith("data:") else request.url


def test_report_draws_without_a_request(page: Page, report: Open) -> None:
    """The file is all the page asks for, and every chart is drawn live."""
    asked = report(full())
    assert [one for one in asked if not one.startswith("data:")] == [page.url]
    assert page.evaluate("document.documentElement.dataset.charts") == "drawn"
    drawn = page.locator(".plot.drawn svg")
    assert drawn.count() == 6
    assert all(box and box["width"] > 300 for box in (one.bounding_box() for one in drawn.all()))


def test_charts_speak(page: Page, report: Open) -> None:
    """A live chart carries its text alternative, and its tooltip the figures in words."""
    report(full())
    finding = "Champions are 20% of customers and 50% of sales"
    assert page.locator(f'[role="graphics-document"][aria-label^="{finding}"]').count() == 1
    page.locator("#chart-1 .mark-rect path").nth(1).hover()
    said = page.locator("#vg-tooltip-element.visible").inner_text()
    assert " ".join(said.split()) == "Segment At risk Measure Customers Share 80% Amount 80"


@pytest.mark.parametrize("width", [1280, 420])
def test_accessible(page: Page, report: Open, width: int) -> None:
    """Axe finds nothing serious, on a wide page and on a narrow one."""
    page.set_viewport_size({"width": width, "height": 900})
    report(full(), app_link="http://127.0.0.1:8866/app/x", synthetic=["costs"])
    found = Axe().run(page).response["violations"]
    assert [(one["id"], one["impact"]) for one in found] == []


def test_narrow_page_does_not_scroll_sideways(page: Page, report: Open) -> None:
    """On a phone wide tables and charts scroll within their card, never the page."""
    page.set_viewport_size({"width": 420, "height": 900})
    report(full())
    assert page.evaluate("document.documentElement.scrollWidth") == 420


def test_keyboard(page: Page, report: Open) -> None:
    """The first stop skips to the content, every stop is visible, contents lead to their part."""
    report(full())
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Worth"
    page.keyboard.press("Enter")
    assert page.evaluate("document.querySelector(':target').textContent") == "Worth"


def test_hostile_labels_do_not_run(page: Page, report: Open) -> None:
    """Markup in labels stays text in charts, tooltips, tables, tiles, notes and facts."""
    report(full(HOSTILE), retailer=HOSTILE, parameters=[(HOSTILE, HOSTILE, HOSTILE)])
    page.locator("#chart-1 .mark-rect path").nth(1).hover()
    page.locator("#vg-tooltip-element.visible").wait_for()
    assert page.evaluate("window.hit") is None
    assert page.locator("text=</script>").count() > 5
    assert page.evaluate("document.documentElement.dataset.charts") == "drawn"


def test_policy_stops_foreign_scripts(page: Page, report: Open, faults: list[str]) -> None:
    """Even HTML that an analysis made by hand can neither run a script nor load a thing."""
    raw = HOSTILE + "<script>window.hit=1</script><img src='https://example.com/x.png' alt=''>"
    output = v4.new_output("display_data", data={"text/html": raw})
    report(notebook(v4.new_code_cell("x", outputs=[output]), shown(show.weight(worth()))))
    assert page.evaluate("window.hit") is None
    assert page.evaluate("document.documentElement.dataset.charts") == "drawn"
    assert all("Content Security Policy" in fault for fault in faults)
    assert len(faults) >= 3
    faults.clear()


def test_report_without_scripts(
    browser: Browser,
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With scripts switched off every chart is a picture, as large as the chart."""
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path_factory.getbasetemp() / "charts-home"))
    show.house(Dollars())
    path = write(tmp_path, full())
    context = browser.new_context(java_script_enabled=False, offline=True)
    page = context.new_page()
    page.goto(path.as_uri())
    pictures = page.locator(".plot > img")
    assert pictures.count() == 6
    assert all(one.bounding_box()["width"] > 300 for one in pictures.all())
    context.close()
