"""The paper life: a notebook executed by Papermill into a report that stands by itself.

A report links to the app with the same parameters; `WORKBENCH_APPS` names the address people
reach the apps by (default: this machine, where `workbench serve` listens).
"""

import datetime as dt
import hashlib
import json
import os
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import workbench
from workbench import paths
from workbench.files import write_whole
from workbench.kinds import Choice
from workbench.run import catalogue, folder, kernel, outputs, params, record, results
from workbench.run.catalogue import Notebook
from workbench.run.execute import Job, Outcome, Progress, execute
from workbench.run.params import Parameter
from workbench.run.record import Record

LIMIT = 600.0
APPS = "http://127.0.0.1:8866"
HIDDEN = "workbench-save"
GLOSSARY = "glossary"
Export = Callable[..., str]


@dataclass(frozen=True)
class Asked:
    """A run as asked for, every parameter checked."""

    notebook: Notebook
    values: Mapping[str, object]
    out: Path
    data_version: str | None
    timeout: float
    accept: tuple[str, ...] = ()
    memory: float | None = None


def run(
    name: str,
    given: Mapping[str, object] | None = None,
    *,
    out: Path | None = None,
    timeout: float | None = None,
    memory: float | None = None,
    data_version: str | None = None,
    accept: Iterable[str] | None = None,
    fresh: bool = True,
    progress: Progress | None = None,
    export: Export | None = None,
) -> Record:
    """Execute a notebook into its report's folder and return the record of the run.

    The record's `status` says how it ended; whatever happened, the last good report stays until
    a better one is whole. With `fresh=False` a finished report of the same notebook, package,
    parameters and `data_version` is kept and its record returned. `accept` names red checks of
    the data to go on in spite of, by default those of WORKBENCH_ACCEPT. A run that takes longer
    than `timeout` seconds, or whose kernel holds more than `memory` megabytes, is ended. Raises
    ValueError before any kernel starts for an unknown notebook, parameters not allowed or an
    unfit folder.
    """
    asked = ask(name, given or {}, out, data_version, timeout or LIMIT, accept)
    asked = replace(asked, memory=memory)
    with folder.claimed(asked.out, asked.timeout) as work:
        begun = begin(asked)
        if not fresh and (kept := up_to_date(begun, asked.out)):
            return kept
        record.write(asked.out, begun)
        try:
            return _run(asked, begun, work, progress or _silent, export)
        except BaseException as raised:
            record.write(asked.out, replace(begun, status="failed", error=_stopped(raised)))
            raise


def place(name: str, given: Mapping[str, object] | None = None, out: Path | None = None) -> Path:
    """Return the folder that `run` with the same arguments writes into."""
    return ask(name, given or {}, out).out


def folder_name(notebook: Notebook, values: Mapping[str, object]) -> str:
    """Return the name of a report's folder: one for each set of parameters."""
    changed = {p.name: values[p.name] for p in notebook.parameters if values[p.name] != p.default}
    digest = hashlib.sha256(json.dumps(changed, sort_keys=True).encode()).hexdigest()[:8]
    return f"{notebook.name}-{digest}" if changed else notebook.name


def server() -> str:
    """Return the address that people reach the apps' server by."""
    return os.environ.get("WORKBENCH_APPS", APPS).rstrip("/")


def app_link(notebook: Notebook, values: Mapping[str, object]) -> str:
    """Return the address of a notebook's app, always the latest, with these parameters."""
    query = params.to_query(values, notebook.parameters)
    name = notebook.name.partition("@")[0]
    return f"{server()}/app/{name}" + (f"?{query}" if query else "")


def up_to_date(wanted: Record, out: Path) -> Record | None:
    """Return the record of a finished report that running again would only repeat, or None."""
    found = record.read(out)
    if found is None or not found.good or wanted.data_version is None:
        return None
    same = ("notebook", "parameters", "data_version", "accepted", "source", "package_version")
    whole = all((out / name).exists() for name in ("report.html", "notebook.ipynb"))
    return found if whole and all(getattr(found, n) == getattr(wanted, n) for n in same) else None


def ask(
    name: str,
    given: Mapping[str, object],
    out: Path | None,
    version: str | None = None,
    timeout: float = LIMIT,
    accept: Iterable[str] | None = None,
) -> Asked:
    """Return a run as asked for, or raise WrongUsage for what cannot be run."""
    notebook = catalogue.find(name)
    values = params.parse(notebook.parameters, given)
    place = (out or paths.home() / "reports" / folder_name(notebook, values)).resolve()
    return Asked(notebook, values, place, version, timeout, kernel.accepted(accept))


def begin(asked: Asked) -> Record:
    """Return the record of a run that starts now, in this process."""
    return Record(
        notebook=asked.notebook.name,
        title=asked.notebook.title,
        status=record.RUNNING,
        started=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        parameters=asked.values,
        source=record.source(asked.notebook.path),
        package_version=workbench.__version__,
        git_commit=record.git_commit(),
        data_version=asked.data_version,
        passport={"accepted": list(asked.accept)},
        last_good=record.last_good(asked.out),
        **record.process(),
    )


def _run(
    asked: Asked, begun: Record, work: Path, progress: Progress, export: Export | None
) -> Record:
    node = _with_saving(asked.notebook, work / "tables")
    environment = kernel.environment(asked.data_version, asked.accept)
    job = Job(node, asked.values, environment, asked.timeout, asked.memory)
    with ThreadPoolExecutor(1) as beside:
        outcome = execute(job, progress, ready=lambda: beside.submit(_exporter, export))
    if outcome.status != record.DONE:
        return _failed(asked, begun, outcome)
    if not (work / results.FACTS).exists():
        error = "the notebook ended itself before its last cell"
        return _failed(asked, begun, replace(outcome, status="failed", error=error))
    return _finished(asked, begun, outcome, work, _exporter(export))


def _with_saving(notebook: Notebook, tables: Path) -> Any:
    import nbformat

    stretches = [p.name for p in notebook.parameters if p.kind_name == "Period"]
    module = "__import__('workbench.run.results', fromlist=['save'])"
    saving = f"{module}.save(globals(), {str(tables)!r}, {stretches!r})"
    node = notebook.node
    cell = {"id": HIDDEN, "metadata": {"tags": [HIDDEN]}}
    node.cells.append(nbformat.v4.new_code_cell(saving, **cell))
    return node


def _finished(asked: Asked, begun: Record, outcome: Outcome, work: Path, export: Export) -> Record:
    stated = json.loads((work / results.FACTS).read_text(encoding="utf-8"))
    (work / results.FACTS).unlink()
    stated["data_version"] = stated["data_version"] or asked.data_version
    stated["passport"] = {**begun.passport, **stated["passport"]}
    ended = replace(begun, status=record.DONE, last_good=None, pid=None, pid_started=None, **stated)
    _write_notebook(work / "notebook.ipynb", outcome.node)
    rendering = time.monotonic()
    page = export(
        _cleaned(outcome.node), title=asked.notebook.title, facts=_facts(asked, ended, outcome)
    )
    (work / "report.html").write_text(page, encoding="utf-8")
    seconds = {**outcome.seconds, "rendering": round(time.monotonic() - rendering, 3)}
    ended = replace(ended, seconds=seconds, memory=outcome.memory)
    record.write(work, ended)
    folder.swap(asked.out)
    return ended


def _failed(asked: Asked, begun: Record, outcome: Outcome) -> Record:
    _write_notebook(asked.out / "failed.ipynb", outcome.node)
    ended = replace(
        begun,
        status=outcome.status,
        error=outcome.error,
        seconds=outcome.seconds,
        memory=outcome.memory,
        pid=None,
        pid_started=None,
    )
    record.write(asked.out, ended)
    return ended


def _stopped(raised: BaseException) -> str:
    if isinstance(raised, KeyboardInterrupt):
        return "stopped by hand before the run was finished"
    return f"the report could not be finished: {type(raised).__name__}: {raised}"


def _write_notebook(path: Path, node: Any) -> None:
    import nbformat

    write_whole(path, f"{nbformat.writes(_cleaned(node))}\n")


def _cleaned(node: Any) -> Any:
    """Return the notebook without our own cell and without Papermill's clocks and paths."""
    node.cells = [cell for cell in node.cells if HIDDEN not in cell.metadata.get("tags", [])]
    for cell in node.cells:
        cell.metadata.pop("papermill", None)
        if not cell.metadata.get("tags", True):
            del cell.metadata["tags"]
        if "injected-parameters" in cell.metadata.get("tags", []):
            cell.id = "injected-parameters"
    node.metadata.pop("papermill", None)
    return node


def _yes(text: str) -> str:
    return "yes" if text == "true" else "no"


def _said(parameter: Parameter, text: str) -> str:
    """Return a parameter's value as people read it."""
    if isinstance(parameter.kind, Choice):
        return parameter.kind.labels.get(text, text)
    written = {"Period": outputs.days, "Date": outputs.day, "Flag": _yes}
    return written.get(parameter.kind_name, str)(text)


def _facts(asked: Asked, ended: Record, outcome: Outcome) -> dict[str, Any]:
    given = {p.name: p.text(asked.values[p.name]) for p in asked.notebook.parameters}
    shown = [(p.label, _said(p, given[p.name]), p.help) for p in asked.notebook.parameters]
    about = asdict(ended)
    kept = ("period", "data_version", "retailer", "package_version", "git_commit", "synthetic")
    return {
        **{name: about[name] for name in kept},
        "rests_on": ended.passport.get("said"),
        "accepted": ended.accepted,
        "parameters": shown,
        "given": given,
        "created": ended.started,
        "app_link": app_link(asked.notebook, asked.values),
        "glossary": f"{server()}/app/{GLOSSARY}" if GLOSSARY in catalogue.names() else None,
        "notebook": ended.notebook,
        "seconds": outcome.seconds,
    }


def _exporter(given: Export | None) -> Export:
    """Return the exporter with all it needs loaded, which takes as long as a short notebook."""
    if given:
        return given
    import nbconvert  # noqa: F401

    from workbench.run import html, still

    still.still({"data": {"values": []}, "mark": "point"}, width=1)
    return html.export


def _silent(done: int, total: int, what: str) -> None:
    """Say nothing."""
