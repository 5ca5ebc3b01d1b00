"""Actions: offered by a page, done only when confirmed, and only if still the same."""

from pathlib import Path

import pytest

from workbench import actions
from workbench.actions import MIME, Action, Doer, perform

WHAT = ("who", "role", "place", "label", "said")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A new home, in which nothing was done yet, and a process that is nobody's yet."""
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path))
    monkeypatch.setenv("LOGNAME", "ana")
    monkeypatch.setattr(actions, "_doer", None)
    return tmp_path


def offer(question: str, done: list[str]) -> Action:
    """Show an action that notes that it was done."""
    action = Action("Save", question, lambda: done.append(question) or f"did {question}")  # type: ignore[func-returns-value]
    action._repr_mimebundle_()
    return action


def test_showing_an_action_does_nothing_and_confirming_does_it_once() -> None:
    """The sentence of what was done comes back."""
    done: list[str] = []
    action = offer("Save it?", done)
    assert done == []
    assert perform("Save", action.mark) == "did Save it?"
    assert done == ["Save it?"]


def test_an_offer_that_has_changed_since_is_not_done() -> None:
    """Who confirmed an older question is asked to look again."""
    done: list[str] = []
    old, _ = offer("Save 10 customers?", done), offer("Save 999 customers?", done)
    with pytest.raises(ValueError, match="look at it again"):
        perform("Save", old.mark)
    with pytest.raises(ValueError, match="look at it again"):
        perform("Drop everything", old.mark)
    assert done == []


def test_on_paper_it_says_how_and_is_no_markup() -> None:
    """Labels are text, whatever is written in them."""
    shown = Action("Save <b>", "?", lambda: "", command="workbench <x>")._repr_mimebundle_()
    assert shown["text/html"].count("<b>") == 0
    assert "workbench &lt;x&gt;" in shown["text/html"]
    assert shown[MIME]["question"] == "?"


def test_what_is_done_is_written_down_with_who_did_it(home: Path) -> None:
    """In an app the signed-in person with the role, elsewhere the user of the system."""
    save = Action("Save", "?", lambda: "saved")
    save.do()
    actions.sign(Doer("ben", "analyst"))
    save._repr_mimebundle_()
    perform("Save", save.mark)
    assert actions.deeds(home).select(WHAT).rows() == [
        ("ben", "analyst", "app", "Save", "saved"),
        ("ana", "", "JupyterLab or command line", "Save", "saved"),
    ]


def test_what_could_not_be_done_is_written_down_too(home: Path) -> None:
    """With the reason; a look at the offer alone leaves nothing."""

    def fail() -> str:
        raise ValueError("no consent")

    share = Action("Share", "?", fail)
    share._repr_mimebundle_()
    assert actions.deeds(home).is_empty()
    with pytest.raises(ValueError, match="no consent"):
        share.do()
    assert actions.deeds(home)["said"].to_list() == ["Not done: no consent"]
