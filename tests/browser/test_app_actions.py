"""What a notebook offers to do, in its app: asked first, done once, told beside the button."""

from collections.abc import Iterator

import nbformat
import pytest
from playwright.sync_api import Page, expect
from served import Served, cells, served
from test_app_page import LIVE, cell, severe

COUNT = """\
book = home() / "book"
kept = book.read_text() if book.exists() else ""
len(kept)"""
KEEP = """\
def keep():
    book.write_text(kept + note)
    return f"Kept {len(kept + note)} letters."

Action("Keep it", f"Add {note!r} to {len(kept)} letters?", keep)"""
ACTING = [
    ("markdown", "# Acting\n\nWhat is kept?"),
    ("code", "from workbench.actions import Action\nfrom workbench.kinds import Text"),
    ("code", "from workbench.paths import home"),
    ("code", 'note: Text = "ab"  # what to keep', "parameters"),
    ("code", COUNT),
    ("code", KEEP),
]
KEPT, OFFER = 4, 5


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """An app server with a notebook that offers to keep something."""
    with served(tmp_path_factory.mktemp("acting")) as running:
        nbformat.write(cells(*ACTING), running.folder / "notebooks" / "acting.ipynb")
        yield running


@pytest.fixture
def acting(page: Page, server: Served) -> Iterator[Page]:
    """The page of that notebook, live, with nothing kept yet."""
    (server.folder / "home" / "book").unlink(missing_ok=True)
    page.goto(f"{server.address}/app/acting")
    expect(page.locator(LIVE)).to_be_visible(timeout=60_000)
    yield page
    page.goto("about:blank")


def test_an_action_asks_and_can_be_cancelled_by_keyboard(acting: Page, server: Served) -> None:
    """Enter asks the question, Escape does nothing and returns to the button."""
    button = acting.get_by_role("button", name="Keep it")
    button.focus()
    acting.keyboard.press("Enter")
    asked = acting.get_by_role("dialog")
    expect(asked).to_contain_text("Add 'ab' to 0 letters?")
    expect(asked.get_by_role("button", name="Cancel")).to_be_focused()
    assert severe(acting) == []
    acting.keyboard.press("Escape")
    expect(asked).to_be_hidden()
    expect(button).to_be_focused()
    assert not (server.folder / "home" / "book").exists()


def test_confirming_does_it_once_and_shows_what_changed(acting: Page, server: Served) -> None:
    """What was done stands beside the button, is read out, and the page looks again."""
    button = acting.get_by_role("button", name="Keep it")
    button.focus()
    acting.keyboard.press("Enter")
    acting.keyboard.press("Tab")
    acting.keyboard.press("Enter")
    expect(acting.locator(cell(OFFER))).to_contain_text("Kept 2 letters.")
    expect(acting.locator("#wb-spoken")).to_have_text("Kept 2 letters.")
    expect(acting.locator(cell(KEPT))).to_have_text("2")
    expect(button).to_be_focused()
    assert (server.folder / "home" / "book").read_text() == "ab"
    expect(acting.locator(LIVE)).to_be_visible()
    button.click()
    expect(acting.get_by_role("dialog")).to_contain_text("Add 'ab' to 2 letters?")


def test_clicks_in_a_hurry_do_it_once(acting: Page, server: Served) -> None:
    """A double click confirms once, and clicks while it is done are not counted."""
    button = acting.get_by_role("button", name="Keep it")
    button.click()
    acting.get_by_role("dialog").get_by_role("button", name="Keep it").dblclick()
    button.dispatch_event("click")
    expect(acting.locator(cell(OFFER))).to_contain_text("Kept 2 letters.")
    assert (server.folder / "home" / "book").read_text() == "ab"
