"""One widget for each declared parameter, by its kind.

A `Control` holds the field with the value and the view to lay out. Fields give raw values that
the parameter itself checks: what a widget offers is a help, never a boundary.
"""

import datetime as dt
import math
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import ipywidgets as w
import traitlets

from workbench.run.params import Parameter

PRESETS = ("last 4 weeks", "last 13 weeks", "last 26 weeks", "last 52 weeks")
PERIOD_HINT = "last 26 weeks, or 2017-07-01/2017-12-31"


@dataclass(frozen=True)
class Control:
    """A parameter on the page: `field` has the trait `value`, `view` is what is laid out."""

    parameter: Parameter
    field: Any
    view: Any

    def read(self) -> object:
        """Return the checked plain value, or raise ValueError saying what is allowed."""
        value = self.field.value
        return self.parameter.parse("" if value is None else value)

    def write(self, value: object) -> None:
        """Show a plain value."""
        self.field.value = _shown(self.parameter, value)

    def watch(self, changed: Callable[["Control"], None]) -> None:
        """Call `changed` with this control whenever its value changes."""
        self.field.observe(lambda _: changed(self), names="value")


class PeriodField(w.VBox):
    """A text for any period, with buttons for the usual ones."""

    value = traitlets.Unicode()

    def __init__(self, value: str, description: str) -> None:
        text = w.Text(description=description, placeholder=PERIOD_HINT, continuous_update=False)
        buttons = [self._preset(preset) for preset in PRESETS]
        super().__init__([text, w.HBox(buttons).add_class("wb-presets")], value=value)
        traitlets.link((self, "value"), (text, "value"))

    def _preset(self, preset: str) -> Any:
        button = w.Button(description=preset.removeprefix("last "), tooltip=preset.capitalize())
        button.on_click(lambda _: self.set_trait("value", preset))
        return button


class ChipsField(w.VBox):
    """Several of some options, each a box to tick."""

    value = traitlets.List(traitlets.Unicode())

    def __init__(self, value: list[str], options: list[str], description: str) -> None:
        self.boxes = {o: w.Checkbox(description=o, indent=False) for o in options}
        chips = w.Box(list(self.boxes.values())).add_class("wb-chips")
        super().__init__([w.Label(description), chips], value=value)
        self._tick()
        self.observe(lambda _: self._tick(), names="value")
        for box in self.boxes.values():
            box.observe(lambda _: self._gather(), names="value")

    def _tick(self) -> None:
        self._ticking = True
        for option, box in self.boxes.items():
            box.value = option in self.value
        self._ticking = False

    def _gather(self) -> None:
        if not self._ticking:
            self.value = [option for option, box in self.boxes.items() if box.value]


def control(parameter: Parameter, value: object) -> Control:
    """Return the control of a parameter, showing a plain value."""
    make = FIELDS.get(parameter.kind_name, _text)
    field = make(parameter, _shown(parameter, value))
    parts = [field, w.Label(parameter.help).add_class("wb-help")] if parameter.help else [field]
    view = w.VBox(parts).add_class("wb-control").add_class(f"wb-{parameter.kind_name.lower()}")
    return Control(parameter, field, view)


def _shown(parameter: Parameter, value: object) -> object:
    """Return a plain value as the field of its kind wants it."""
    return dt.date.fromisoformat(str(value)) if parameter.kind_name == "Date" else value


def _int(parameter: Parameter, value: object) -> Any:
    low, high = parameter.kind.low, parameter.kind.high
    if low is None or high is None:
        return w.IntText(value=value, description=parameter.label, continuous_update=False)
    return w.IntSlider(value=value, min=low, max=high, description=parameter.label)


def _number(parameter: Parameter, value: object) -> Any:
    low, high = parameter.kind.low, parameter.kind.high
    if low is None or high is None:
        return w.FloatText(value=value, description=parameter.label, continuous_update=False)
    return w.FloatSlider(
        value=value,
        min=low,
        max=high,
        step=_step(low, high, parameter.default, value),
        description=parameter.label,
        readout_format=".3g",
    )


def _step(low: float, high: float, *values: object) -> float:
    """Return a power of ten, at most a hundredth of the range, on whose steps the values lie."""
    away = [(Decimal(str(value)) - Decimal(str(low))).normalize() for value in values]
    decimals = max(-int(distance.as_tuple().exponent) for distance in away)
    return float(10.0 ** min(math.floor(math.log10((high - low) / 100)), -decimals))


def _text(parameter: Parameter, value: object) -> Any:
    return w.Text(value=str(value), description=parameter.label, continuous_update=False)


FIELDS: dict[str, Callable[[Parameter, Any], Any]] = {
    "Int": _int,
    "Number": _number,
    "Flag": lambda p, value: w.Checkbox(value=value, description=p.label, indent=False),
    "Date": lambda p, value: w.DatePicker(value=value, description=p.label),
    "Period": lambda p, value: PeriodField(str(value), p.label),
    "Choice": lambda p, value: w.Dropdown(
        options=[(label, name) for name, label in p.kind.labels.items()],
        value=value,
        description=p.label,
    ),
    "Many": lambda p, value: ChipsField(list(value), p.kind.options, p.label),
}
