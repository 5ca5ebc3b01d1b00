"""The app of a notebook, in its visitor's kernel: controls, cells that follow them, the link.

`workbench serve` opens a page per visitor, whose kernel calls `open_app`. The page is drawn by
the template; this module tells it, message by message, what each cell shows.
"""

import asyncio
import datetime as dt
import logging
import os
import shlex
import sys
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import anywidget
import ipywidgets as w
import polars as pl
import yaml
from IPython.core.getipython import get_ipython

from workbench import actions
from workbench.run import capture, catalogue, kernel, made, marks, params, results, take
from workbench.run.capture import Bundle
from workbench.run.catalogue import Notebook
from workbench.run.live import Live, Step
from workbench.run.outputs import day, markdown
from workbench.run.params import ParameterError
from workbench.run.widgets import Control, control
from workbench.sheets import WRITERS

log = logging.getLogger(__name__)

# Python lets another of its threads go on after so many seconds: messages leave while cells run.
SWITCH = 0.0005
POLITE = 10  # of 19: who has his controls gives way to who has none yet
NO_DAY = "2000-01-01"  # of a workbook whose notebook has no data
# What may go wrong while an app works; Polars tells of its own faults by what is no Exception.
FAULTS = (Exception, pl.exceptions.PanicException)

USED = "In place of these the defaults are shown."

# The page listens before Jupyter's widgets are there, by this name; it shows those of the other
# name as soon as it is lent the widgets' manager.
PAGE = "page"
CONTROLS = "controls"
LEND_MANAGER = """
export default {
  async initialize({ model }) {
    const base = location.origin + document.body.dataset.baseUrl
    const page = await import(base + "templates/workbench/static/page.js")
    page.manage(model.widget_manager)
  }
}
"""


class Page(anywidget.AnyWidget):
    """The invisible widget through which kernel and page talk."""

    _esm = LEND_MANAGER


class App:
    """One visitor's app: a notebook, its controls and the page they are on.

    A kernel has one, as its page and controls go by fixed names: a new one closes all widgets.
    `may` says whether the visitor may `act` and `export`, and `who` he is, in which `role`.
    """

    def __init__(self, notebook: Notebook, query: str, shell: Any, **may: Any) -> None:
        self.notebook = notebook
        self.may: dict[str, Any] = {"act": True, "export": True, "who": "", "role": ""} | may
        if self.may["who"]:
            actions.sign(actions.Doer(str(self.may["who"]), str(self.may["role"])))
        self.tables: dict[str, pl.DataFrame] = {}
        self.parameters = notebook.parameters
        self.said: dict[str, dict[str, object]] = {}
        w.Widget.close_all()
        self.page = Page(model_id=PAGE)
        values = self._asked(query)
        self.live = _live(notebook, values, shell)
        self.controls = [control(p, values[p.name]) for p in self.parameters]
        self.changed = asyncio.Event()
        self.confirmed: dict[str, str] = {}
        self.marks = marks.Marks()

    def open(self) -> None:
        """Make the controls and start the cells."""
        self.page.on_msg(lambda _, content, __: self._hear(content))
        for shown in self.controls:
            shown.watch(self._guarded(self._follow))
        views = [shown.view for shown in self.controls]
        self.drawn = w.Box(views, model_id=CONTROLS).add_class("wb-controls")
        self.changed.set()
        self.work = asyncio.get_running_loop().create_task(self._work())

    def _asked(self, query: str) -> dict[str, object]:
        """Return the values of a link; what is wrong in it is said, and the default used."""
        given = params.from_query(query)
        try:
            return params.parse(self.parameters, given)
        except ParameterError as error:
            self._say("notice", text=f"The link could not be followed in full. {error} {USED}")
            fine = {name: text for name, text in given.items() if name not in error.problems}
            return params.parse(self.parameters, fine)

    def _hear(self, content: dict[str, Any]) -> None:
        """Tell a page that has just opened everything said so far; note what was confirmed."""
        match content:
            case {"kind": "ready"}:
                for message in [*self.said.values(), {"kind": "told"}]:
                    self.page.send(message)
            case {"kind": "act", "label": str(label), "mark": str(mark)} if self.may["act"]:
                self.confirmed.setdefault(label, mark)
                self.changed.set()
            case {"kind": "take", "name": str(name), "form": str(form)} if self.may["export"]:
                if name in self.tables and form in WRITERS:
                    self._hand_out(name, form)
            case {"kind": "frozen"}:
                self.changed.set()

    def _hand_out(self, name: str, form: str) -> None:
        """Send a result table as a file, and note that it was taken; or say why not."""
        shop = results.shop(self.live.shell.user_ns)
        until = dt.date.fromisoformat(str(getattr(shop, "last_day", NO_DAY)))
        about = {"who": self.may["who"], "notebook": self.notebook.name, "name": name, "form": form}
        try:
            content = take.file(self.tables[name], form, until)
            take.note(self.tables[name], data=str(getattr(shop, "version", "")), **about)
        except Exception as error:
            log.exception("%s cannot be taken", name)
            self._say("notice", text=f"The table {name[:60]} cannot be taken: {error}")
        else:
            called = f"{self.notebook.name.replace('/', '-')}-{name}.{form}"
            self.page.send({"kind": "file", "name": called}, buffers=[content])

    def _follow(self, changed: Control) -> None:
        """Take the new value of a control and wake the work, or say what is allowed."""
        name = changed.parameter.name
        try:
            value = changed.read()
        except ValueError as error:
            self._say("notice", text=f"{changed.parameter.label}: {error}", name=name)
            return
        if "notice" in self.said:
            self._say("notice", text="")
        touched = self.live.change({name: value})
        self._say("link", query=params.to_query(self.live.values, self.parameters))
        if touched:
            self._say("busy", positions=touched)
            self.changed.set()

    async def _work(self) -> None:
        """Run what waits, again and again, for as long as the page lives, whatever fails."""
        while True:
            await self.changed.wait()
            self.changed.clear()
            try:
                await self._turn()
            except FAULTS as error:
                log.exception("The app of %s could not go on", self.notebook.name)
                self._say("notice", text=f"Not everything is up to date: {capture.message(error)}")
                if self.live.waiting:
                    self.changed.set()

    async def _turn(self) -> None:
        """Run what waits, then do what was confirmed, or tell what there is at the end of it."""
        async for step in self.live.steps():
            self._show(step)
        if self.confirmed:
            await self._act()
            return
        self._say("busy", positions=[])
        await self._say_facts()

    async def _act(self) -> None:
        """Do what was confirmed, once however often it was, and look at everything again."""
        for label, mark in list(self.confirmed.items()):
            try:
                good, text = await asyncio.to_thread(_done, label, mark)
                self._say("busy", positions=self.live.again())
                self._say(f"done {label}", label=label, good=good, text=text)
            finally:
                del self.confirmed[label]
        self.changed.set()

    def _show(self, step: Step) -> None:
        """Tell what a cell shows now, in short when it is what it showed before."""
        key, content = f"cell {step.position}", asdict(step)
        content["outputs"] = [_drawable(output) for output in step.outputs]
        before = self.said.get(key, {})
        if all(before.get(name) == value for name, value in content.items()):
            self.page.send({"kind": "same", "position": step.position})
            return
        done, of = self.live.progress
        self._say(key, **content, done=done, of=of)

    async def _say_facts(self) -> None:
        """Tell what the numbers are of, and their fingerprints, once nothing else is to do."""
        shop = results.shop(self.live.shell.user_ns)
        facts = ("retailer", "version", "last_day")
        told = {name: day(getattr(shop, name)) for name in facts} if shop else {}
        declared = ", ".join(getattr(shop, "synthetic", ())).replace("_", " ")
        rests_on = results.passport(shop).get("said", "")
        words = {"command": self._command(), "entry": self._entry()}
        self._say("facts", **words, declared=declared, rests_on=rests_on, **told)
        if not self.changed.is_set():
            self.tables = results.tables(self.live.shell.user_ns)
            found = await asyncio.to_thread(self.marks.of, self.tables)
            rows = {name: table.height for name, table in self.tables.items()}
            about = (self.notebook.name, self.live.values, found)
            self._say("twin", **await asyncio.to_thread(made.twin, *about))
            self._say("tables", tables=found, rows=rows)

    def _entry(self) -> str:
        """Return what a pack's file says to make this report; a single customer is in no pack."""
        given = params.texts(self.live.values, self.parameters)
        entry = {"notebook": self.notebook.name} | ({"parameters": given} if given else {})
        if self.notebook.private:
            return ""
        return str(yaml.safe_dump([entry], sort_keys=False, allow_unicode=True, width=100))

    def _command(self) -> str:
        words = ["workbench", "run", self.notebook.name]
        for name, text in params.texts(self.live.values, self.parameters).items():
            words += ["-p", f"{name}={text}"]
        words += [word for name in kernel.accepted() for word in ("--accept", name)]
        return shlex.join(words)

    def _say(self, key: str, **content: object) -> None:
        """Send a message to the page, and keep the last of each key for a page not yet there."""
        self.said[key] = {"kind": key.split()[0], **content}
        self.page.send(self.said[key])

    def _guarded(self, follow: Callable[[Control], None]) -> Callable[[Control], None]:
        """Return a callback whose errors the visitor sees, where Jupyter shows them nowhere."""

        def guarded(changed: Control) -> None:
            try:
                follow(changed)
            except Exception as error:  # noqa: BLE001 - the page is where errors are read
                self._say("notice", text=f"{changed.parameter.label} cannot be changed: {error}")

        return guarded


def open_app(name: str, query: str = "", **may: Any) -> None:
    """Open the app of a notebook in this kernel, with the parameters of a link's query."""
    sys.setswitchinterval(SWITCH)
    App(catalogue.find(name), query, get_ipython(), **may).open()
    if sys.platform == "linux":
        os.nice(POLITE)


def _done(label: str, mark: str) -> tuple[bool, str]:
    """Do what a notebook offers; return whether it was done, and what to say of it."""
    try:
        return True, actions.perform(label, mark)
    except FAULTS as error:
        log.exception("%s failed", label)
        return False, f"Not done: {capture.message(error)}"


def _drawable(output: Bundle) -> Bundle:
    """Return an output with its Markdown as HTML, which is what a page can draw."""
    text = output.get("text/markdown")
    if text is None or "text/html" in output:
        return output
    return output | {"text/html": markdown(str(text), trusted=False)}


def _live(notebook: Notebook, values: dict[str, object], shell: Any) -> Live:
    cells = enumerate(notebook.node.cells)
    code = {position: cell for position, cell in cells if cell.cell_type == "code"}
    tagged = [p for p, cell in code.items() if params.TAG in cell.metadata.get("tags", [])]
    sources = {position: cell.source for position, cell in code.items()}
    return Live(shell, sources, tagged[0] if tagged else -1, values)
