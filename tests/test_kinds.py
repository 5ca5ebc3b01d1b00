"""Kinds of parameters: what each accepts, and what a refusal says."""

from typing import Any

import pytest

from workbench.kinds import Choice, Date, Flag, Int, Many, Number, Text

SIZES = {"small": "one", "large": "many"}


@pytest.mark.parametrize(
    ("kind", "given", "parsed"),
    [
        (Int(), "-7", -7),
        (Int[3, 10], "3", 3),
        (Int[3, 10], 10, 10),
        (Int[3, 10], 5.0, 5),
        (Int(), "9007199254740993", 9007199254740993),
        (Number(), "2.5", 2.5),
        (Number[0, 1], 1, 1.0),
        (Number[0, 1], "1e-3", 0.001),
        (Flag(), True, True),
        (Flag(), " YES ", True),
        (Flag(), "0", False),
        (Flag(), False, False),
        (Date(), "2024-02-29", "2024-02-29"),
        (Text(), "", ""),
        (Text[5], "crème", "crème"),
        (Choice[SIZES], "large", "large"),
        (Choice[lambda: ["now", "then"]], "then", "then"),
        (Many[SIZES], "", []),
        (Many[SIZES], "large", ["large"]),
        (Many[SIZES], " small , large ", ["small", "large"]),
        (Many[SIZES], '["large", "small"]', ["large", "small"]),
        (Many[SIZES], ("small",), ["small"]),
        (Many[["a, b", "c"]], '["a, b"]', ["a, b"]),
    ],
)
def test_a_kind_turns_text_and_plain_values_into_one_plain_value(
    kind: Any, given: object, parsed: object
) -> None:
    """Text of a link and a value of a schedule file give the same checked plain value."""
    found = kind.parse(given)
    assert found == parsed
    assert type(found) is type(parsed)


@pytest.mark.parametrize(
    ("kind", "given", "message"),
    [
        (Int[3, 10], "2", "2 is out of range; allowed: 3 to 10"),
        (Int[3, 10], 11, "11 is out of range; allowed: 3 to 10"),
        (Int[3, 10], "five", "'five' is not a whole number; allowed: 3 to 10"),
        (Int[3, 10], "5.5", "'5.5' is not a whole number; allowed: 3 to 10"),
        (Int[3, 10], True, "True is not a whole number; allowed: 3 to 10"),
        (Int[3, 10], None, "None is not a whole number; allowed: 3 to 10"),
        (Int(), float("inf"), "inf is not a whole number; allowed: any"),
        (Int(), "", "'' is not a whole number; allowed: any"),
        (Number[0, 1], "1.01", "1.01 is out of range; allowed: 0 to 1"),
        (Number[0, 1], "nan", "'nan' is not a number; allowed: 0 to 1"),
        (Number[0, 1], "-inf", "'-inf' is not a number; allowed: 0 to 1"),
        (Number(), True, "True is not a number; allowed: any"),
        (Number(), [1], "[1] is not a number; allowed: any"),
        (Flag(), "perhaps", "'perhaps' is neither yes nor no; allowed: true, false"),
        (Flag(), 2, "2 is neither yes nor no; allowed: true, false"),
        (Flag(), None, "None is neither yes nor no; allowed: true, false"),
        (Date(), "2017-02-29", "'2017-02-29' is not a day; allowed: a date like 2017-12-31"),
        (Date(), "31/12/2017", "'31/12/2017' is not a day; allowed: a date like 2017-12-31"),
        (Text[5], "abcdef", "'abcdef' is not one line of at most 5 characters"),
        (Text(), "two\nlines", "'two\\nlines' is not one line of at most 200 characters"),
        (Text(), "nul\0", "'nul\\x00' is not one line of at most 200 characters"),
        (Text(), "\u202egnp.exe", "is not one line of at most 200 characters"),
        (Choice[SIZES], "lrage", "'lrage' is not one of: small, large; did you mean 'large'?"),
        (Choice[SIZES], "x" * 5000, "...' is not one of: small, large"),
        (Choice[SIZES], "", "'' is not one of: small, large"),
        (Choice[list(map(str, range(45)))], "x", "38, 39, and 5 more"),
        (Many[SIZES], "small,huge", "'huge' is not one of: small, large"),
        (Many[SIZES], '["small", 7]', "'7' is not one of: small, large"),
        (Many[SIZES], None, "'None' is not one of: small, large"),
    ],
)
def test_a_refusal_names_the_value_and_what_is_allowed(
    kind: Any, given: object, message: str
) -> None:
    """A value that is not allowed is a ValueError with the value and what is allowed."""
    with pytest.raises(ValueError) as refusal:  # noqa: PT011 - the text is compared below
        kind.parse(given)
    assert message in str(refusal.value)


HOSTILE = ["[" * 100_000, '["small"', "{}", "9" * 5000, "\ud800", "__import__('os')", 10**400, b"1"]


@pytest.mark.parametrize("given", HOSTILE, ids=lambda value: repr(value)[:20])
@pytest.mark.parametrize(
    "kind",
    [Int[3, 10], Number[0, 1], Flag(), Date(), Text[1], Choice[SIZES], Many[SIZES]],
    ids=lambda kind: type(kind).__name__,
)
def test_whatever_comes_in_is_refused_in_one_short_paragraph(kind: Any, given: object) -> None:
    """No value, however odd or long, gets through, crashes, or fills the page it is told on."""
    with pytest.raises(ValueError) as refusal:  # noqa: PT011 - the text is looked at below
        kind.parse(given)
    message = str(refusal.value)
    assert len(message) < 300
    assert message.isprintable()


def test_options_of_a_choice_are_those_of_the_module_that_owns_them() -> None:
    """Options given as a function are asked for each time, so they cannot go stale."""
    names = ["first"]
    choice = Choice[lambda: names]
    names.append("second")
    assert choice.options == ["first", "second"]
    assert choice.labels == {"first": "first", "second": "second"}


def test_a_function_may_say_what_people_read_for_each_option() -> None:
    """The value stays the name; a dictionary of meanings, given as it is, is none of labels."""
    titled = Choice[lambda: {"rfm": "RFM"}]
    assert titled.labels == {"rfm": "RFM"}
    assert titled.parse("rfm") == "rfm"
    assert Choice[{"rfm": "what it means"}].labels == {"rfm": "rfm"}
