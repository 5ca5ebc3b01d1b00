"""The planner in Chromium, from the first choice to the measured result."""

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from served import Served, serving
from test_app_page import LIVE, severe

from workbench import paths
from workbench.campaigns.plans import plan

SLUG = "coupon-30-on-cheese-for-loyal-from-13-nov-2017"
DAYS = "2017-11-13/2017-11-26"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, sample_home: Path) -> Iterator[Served]:
    """The apps of a project without campaigns, on the sample retailer, with a home of its own."""
    project = tmp_path_factory.mktemp("planner")
    for folder in (paths.notebooks(), paths.templates()):
        (project / folder.name).symlink_to(folder)
    home = project / "home"
    home.mkdir()
    (home / "lake").symlink_to(sample_home / "lake")
    with serving(project, home, WORKBENCH_PROJECT=str(project)) as running:
        yield running


def opened(page: Page, server: Served, name: str, query: str = "") -> None:
    """Leave the page before, which ends its session, and open an app until it is live."""
    page.goto("about:blank")
    page.goto(f"{server.address}/app/campaigns/{name}{query}")
    settled(page)


def settled(page: Page) -> None:
    """Wait until nothing runs any more."""
    expect(page.locator(LIVE)).to_be_visible(timeout=120_000)


def confirmed(page: Page, label: str) -> str:
    """Click an offer, confirm it, and return what was said of it."""
    button = page.get_by_role("button", name=label, exact=True).first
    button.click()
    asked = page.get_by_role("dialog")
    asked.get_by_role("button", name=label).click()
    told = page.locator(f'.offer:has([data-offer="{label}"]) .told')
    expect(told).to_have_class("told good", timeout=60_000)
    return told.inner_text()


def files(folder: Path) -> list[str]:
    """Return the names of the files below a folder."""
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_a_campaign_is_planned_saved_drawn_exported_run_and_measured(
    page: Page, server: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Choose, see, save; the second to save is told; draw, export, reload, measure."""
    home, project = server.folder / "home", server.folder
    monkeypatch.setenv("WORKBENCH_PROJECT", str(project))
    monkeypatch.setenv("WORKBENCH_HOME", str(home))

    opened(page, server, "plan", f"?days={DAYS}&worth=30")
    page.get_by_label("Segment", exact=True).select_option("RFM: Loyal")
    page.get_by_label("Category", exact=True).select_option("CHEESE")
    page.get_by_label("Kind of offer", exact=True).select_option("coupon")
    settled(page)
    expect(page.get_by_text("CHEESE for rfm: Loyal")).to_be_visible(timeout=60_000)
    expect(page.get_by_text("ROI of the retailer")).to_be_visible(timeout=60_000)
    settled(page)
    assert severe(page) == []
    assert not (project / "reports").exists()
    assert not (home / "exports").exists()

    page.get_by_role("button", name="Save this campaign").click()
    expect(page.get_by_role("dialog")).to_contain_text(f"Write reports/campaigns/{SLUG}.yaml?")
    theirs = plan.draft(
        "Coupon 30% on CHEESE for Loyal, from 13 Nov 2017",
        segment="rfm: Loyal",
        period="last 26 weeks",
        category="CHEESE",
        days=DAYS,
        products=["1"],
        mechanic="coupon",
        terms={"discount": 0.5},
        owner="Bob",
    )
    plan.save(theirs).do()
    page.get_by_role("dialog").get_by_role("button", name="Save this campaign").click()
    refused = page.locator(".offer .told.bad")
    expect(refused).to_contain_text("saved by somebody else meanwhile (owner: Bob)", timeout=60_000)
    assert plan.read(SLUG) == plan.parse(theirs.text(), SLUG)
    (project / "reports" / "campaigns" / f"{SLUG}.yaml").unlink()
    settled(page)
    assert "is written" in confirmed(page, "Save this campaign")
    saved = plan.read(SLUG)
    assert (saved.mechanic, saved.terms, saved.category) == ("coupon", {"discount": 0.3}, "CHEESE")
    assert str(saved.days) == DAYS
    assert len(saved.products) == 3
    assert saved.expects["customers"] > 50

    opened(page, server, "audience", "?supplier=50%25&budget=200")
    expect(page.get_by_text("may be addressed by email; most are lost at")).to_be_visible()
    assert "is written" in confirmed(page, "Save this campaign")
    assert dict(plan.read(SLUG).pays) == {"retailer": 0.5, "supplier": 0.5}
    settled(page)
    assert "are drawn and stored" in confirmed(page, "Draw and store the groups")
    settled(page)
    assert "customers written to exports" in confirmed(page, "Export the audience")
    assert files(home / "exports") == ["in-house-1.csv", "in-house-1.xlsx"]
    with (home / "exports" / SLUG / "in-house-1.csv").open() as exported:
        addressed = len(list(csv.DictReader(exported)))
    assert addressed == saved.expects["customers"]

    opened(page, server, "audience")
    page.get_by_role("button", name="Draw and store the groups").click()
    page.get_by_role("dialog").get_by_role("button", name="Draw and store the groups").click()
    expect(page.locator(".offer .told.bad")).to_contain_text("drawn before", timeout=60_000)

    opened(page, server, "running", f"?chosen={SLUG}")
    expect(page.get_by_text("Handed over to: in-house")).to_be_visible()
    expect(page.get_by_text("sold in 14 days")).to_be_visible()

    opened(page, server, "result", f"?campaign={SLUG}")
    expect(page.get_by_text(f"Campaign {SLUG}: its {addressed} customers")).to_be_visible(
        timeout=60_000
    )
    page.goto("about:blank")
