"""The widget of each kind of parameter."""

import ipywidgets as w
import pytest

from workbench.data.period import Period
from workbench.kinds import Choice, Date, Flag, Int, Many, Number, Text
from workbench.run.params import Parameter
from workbench.run.widgets import ChipsField, Control, PeriodField, control

SEGMENTS = ["Champions", "At risk", "Lost"]


def made(kind: object, value: object) -> Control:
    """Return the control of a parameter of a kind, showing a value."""
    return control(Parameter("first_day", kind, value, "why it matters"), value)


@pytest.mark.parametrize(
    ("kind", "value", "widget"),
    [
        (Int(3, 10), 5, w.IntSlider),
        (Int(), 5, w.IntText),
        (Number(0, 1), 0.5, w.FloatSlider),
        (Number(), 0.5, w.FloatText),
        (Flag(), True, w.Checkbox),
        (Date(), "2017-12-31", w.DatePicker),
        (Period, "last 26 weeks", PeriodField),
        (Choice(SEGMENTS), "Lost", w.Dropdown),
        (Many(SEGMENTS), ["Lost"], ChipsField),
        (Text(), "milk", w.Text),
    ],
)
def test_each_kind_has_its_widget_and_keeps_its_value(
    kind: object, value: object, widget: type
) -> None:
    """A control shows the value it was given and reads the same plain value back."""
    shown = made(kind, value)
    assert isinstance(shown.field, widget)
    assert shown.read() == value


def test_slider_offers_the_allowed_range() -> None:
    """The bounds of the kind are the ends of the slider."""
    field = made(Int(3, 10), 5).field
    assert (field.min, field.max) == (3, 10)


def test_label_and_help_are_shown() -> None:
    """People see the name as words and the comment as help."""
    shown = made(Int(3, 10), 5)
    assert shown.field.description == "First day"
    assert shown.view.children[1].value == "why it matters"


def test_a_value_forced_into_a_widget_is_refused() -> None:
    """The parameter checks the value, whatever the browser made of the widget."""
    shown = made(Int(3, 10), 5)
    shown.field.max = 99
    shown.field.value = 99
    with pytest.raises(ValueError, match="3 to 10"):
        shown.read()


def test_an_emptied_date_is_refused() -> None:
    """A date field without a date says what is allowed."""
    shown = made(Date(), "2017-12-31")
    shown.field.value = None
    with pytest.raises(ValueError, match="a date like"):
        shown.read()


def test_a_preset_fills_in_the_period() -> None:
    """A click on a usual period writes it into the text."""
    shown = made(Period, "last 26 weeks")
    buttons = shown.field.children[1].children
    buttons[0].click()
    assert shown.read() == "last 4 weeks"


def test_a_typed_period_is_read() -> None:
    """Free text is as good as a preset."""
    shown = made(Period, "last 26 weeks")
    shown.field.children[0].value = "2017-07-01/2017-12-31"
    assert shown.read() == "2017-07-01/2017-12-31"


def test_ticking_an_option_adds_it() -> None:
    """Ticked options are the value, in the order of the options, told once per click."""
    shown = made(Many(SEGMENTS), ["Lost"])
    told: list[object] = []
    shown.watch(lambda control: told.append(control.read()))
    shown.field.boxes["Champions"].value = True
    assert told == [["Champions", "Lost"]]


def test_writing_several_options_tells_once() -> None:
    """A value written from outside ticks its boxes without intermediate values."""
    shown = made(Many(SEGMENTS), ["Lost"])
    told: list[object] = []
    shown.watch(lambda control: told.append(control.read()))
    shown.write(["Champions", "At risk"])
    assert told == [["Champions", "At risk"]]
    assert [box.value for box in shown.field.boxes.values()] == [True, True, False]


@pytest.mark.parametrize(
    ("low", "high", "value"), [(0, 100, 0.5), (0.1, 1, 0.25), (0, 1, 0.5), (0, 10_000, 1234.0)]
)
def test_a_slider_can_stand_where_its_value_is(low: float, high: float, value: float) -> None:
    """A step that leaves the value between two places would move it, and the figures with it."""
    field = made(Number(low, high), value).field
    assert (value - low) / field.step == pytest.approx(round((value - low) / field.step))
    assert field.step <= (high - low) / 100
