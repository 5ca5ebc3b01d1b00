"""What leaves an app: a report of its view, its tables, its link; and what a role keeps back."""

from collections.abc import Iterator
from pathlib import Path

import nbformat
import polars as pl
import pytest
import yaml
from playwright.sync_api import Page, expect
from served import Served, cells, served
from test_app_page import LIVE, severe

from workbench.journal import Table
from workbench.run import take
from workbench.run.access import hashed

HOSTILE = "</script><script>window.hit=1</script><img src=x onerror=window.hit=1>"
SHOP = """\
class Shop:
    version, retailer, currency, last_day = "v7", bad, "USD", "2017-12-31"

shop = Shop()
show.house(shop)"""
DRAWN = """\
names = pl.DataFrame({"name": ["=1+1", bad], "sales": [1, 2], "both": [["a", "b"], None]})
show.table(names.drop("both"))"""
CHART = """\
alt.Chart(alt.Data(values=names.drop("both").to_dicts())).mark_bar().encode(
    x="sales:Q", y="name:N", tooltip="name:N", href="name:N"
).properties(width="container", height=90, title=bad, description=bad)"""
TAKEN = [
    ("markdown", f"# Taken {HOSTILE}\n\nWhat?"),
    ("code", "import altair as alt\nimport polars as pl\nfrom workbench import show"),
    ("code", "from workbench.actions import Action\nfrom workbench.kinds import Text"),
    ("code", 'note: Text = "plain"  # yours', "parameters"),
    ("code", f"bad = {HOSTILE!r}\n{SHOP}"),
    ("code", DRAWN),
    ("code", CHART, "half"),
    ("code", "show.note(bad + note)"),
    ("code", "Action(bad, bad, lambda: bad, command=bad)"),
]
ACCESS = f"""
roles: {{looker: {{apps: ["segments/*"]}}}}
people: {{ben: {{role: looker, token: "{hashed("ben")}"}}}}
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """An app server with a notebook full of names that are markup and formulas."""
    with served(tmp_path_factory.mktemp("taken")) as running:
        nbformat.write(cells(*TAKEN), running.folder / "notebooks" / "segments" / "taken.ipynb")
        yield running


@pytest.fixture(autouse=True)
def leaving(page: Page) -> Iterator[None]:
    """Leave the page after each test, so that its kernel ends."""
    yield
    page.goto("about:blank")


@pytest.fixture
def taken(page: Page, server: Served) -> Page:
    """The page of that notebook, live."""
    page.goto(f"{server.address}/app/segments/taken?note=x%27y")
    expect(page.locator(LIVE)).to_be_visible(timeout=60_000)
    expect(page.locator("#wb-tables li")).to_have_count(1)
    return page


def test_a_view_is_frozen_into_a_report_with_the_same_numbers(taken: Page, server: Served) -> None:
    """One click and a yes: the report opens shut in, and the app says that they agree."""
    expect(taken.locator("#wb-twin")).to_be_hidden()
    taken.get_by_role("button", name="Freeze as a report").click()
    taken.get_by_role("dialog").get_by_role("button", name="Freeze as a report").click()
    expect(taken.locator("#wb-frozen")).to_contain_text("being made")
    expect(taken.locator("#wb-twin")).to_contain_text("Same numbers as the report of")
    entry = yaml.safe_load(taken.inner_text("#wb-entry"))
    assert entry == [{"notebook": "segments/taken", "parameters": {"note": "x'y"}}]
    taken.get_by_role("link", name="Open it").click()
    expect(taken.get_by_role("heading", level=1)).to_contain_text("Taken")
    expect(taken.locator("figure svg")).to_be_visible()
    assert taken.evaluate("window.hit") is None
    with pytest.raises(Exception, match="sandboxed"):
        taken.evaluate("document.cookie")
    taken.goto(server.address)
    expect(taken.get_by_role("link", name="Report of Taken")).to_be_visible()
    assert severe(taken) == []


def test_a08_no_name_in_the_data_becomes_markup(taken: Page) -> None:
    """Titles, labels, tooltips, sentences, tables, offers and questions show it as written."""
    expect(taken.locator("figure svg")).to_be_visible()
    taken.locator(".offer button").click()
    expect(taken.get_by_role("dialog")).to_contain_text(HOSTILE)
    taken.get_by_role("dialog").get_by_role("button", name="script").click()
    expect(taken.locator(".offer .told")).to_have_text(HOSTILE)
    taken.get_by_role("textbox", name="Note").fill(HOSTILE)
    taken.keyboard.press("Enter")
    expect(taken.locator('[data-cell="7"]')).to_have_text(HOSTILE * 2)
    assert taken.evaluate("window.hit") is None
    assert taken.locator("[onerror], main img").count() == 0


@pytest.mark.parametrize("form", ["CSV", "Excel"])
def test_a_table_is_taken_without_a_formula(taken: Page, server: Served, form: str) -> None:
    """The file holds the values as text and number, and the journal notes who took it."""
    with taken.expect_download() as waiting:
        taken.get_by_role("button", name=f"names as {form}").click()
    file = Path(waiting.value.path())
    read = pl.read_excel(file) if form == "Excel" else pl.read_csv(file)
    assert read["sales"].to_list() == [1, 2]
    assert read["both"].to_list() == ["a, b", None]
    assert read["name"].to_list() == ["'=1+1" if form == "CSV" else "=1+1", HOSTILE]
    suffix = {"CSV": "csv", "Excel": "xlsx"}[form]
    assert waiting.value.suggested_filename == f"segments-taken-names.{suffix}"
    noted = Table.read(take.TAKEN, server.folder / "home", "form = ?", [suffix])
    assert noted.select("who", "notebook", "name", "rows").row(0) == (
        *("visitor", "segments/taken", "names", 2),
    )


def test_a_role_keeps_back_what_it_does_not_allow(page: Page, server: Served) -> None:
    """Who may only look finds no freezing, no tables, and an offer that says why it waits."""
    access = server.folder / "home" / "access.yaml"
    access.write_text(ACCESS)
    page.goto(f"{server.address}/app/segments/taken")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    assert severe(page) == []
    page.goto(f"{server.address}/app/segments/taken?token=ben")
    expect(page.locator(LIVE)).to_be_visible(timeout=60_000)
    assert page.url.endswith("/app/segments/taken")
    expect(page.locator(".offer .told")).to_contain_text("Your role may look")
    for name in ("Freeze as a report", "names as CSV"):
        expect(page.get_by_role("button", name=name)).to_have_count(0)
    assert severe(page) == []
    page.goto(server.address)
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    access.unlink()
