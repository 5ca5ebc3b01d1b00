"""Actions: offered by a page, done only when confirmed, and only if still the same."""

import pytest

from workbench.actions import MIME, Action, perform


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
