"""One notebook, three lives: the same parameters and data give the same numbers in each."""

import asyncio
import json
import multiprocessing
import os
import tempfile
from collections.abc import Iterator, Mapping
from multiprocessing.pool import Pool
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from playwright.sync_api import Page, expect
from served import Served, serving
from traitlets.config import Config

from workbench.data import Period
from workbench.kinds import Choice, Flag, Int
from workbench.run import catalogue, forks, params, report
from workbench.run.catalogue import Notebook

PATIENCE = 180
LIVE = "#wb-pulse[data-state=live]"
FINGERPRINTS = """\
import json
from workbench.run import results
print(json.dumps({name: results.fingerprint(t) for name, t in results.tables(globals()).items()}))
"""


@pytest.fixture(scope="session")
def apps(tmp_path_factory: pytest.TempPathFactory, sample_home: Path) -> Iterator[Served]:
    """The apps of the project's own notebooks, on the sample retailer."""
    with serving(tmp_path_factory.mktemp("served"), sample_home) as running:
        yield running


@pytest.fixture(scope="session")
def analyst() -> Iterator[Pool]:
    """A process in which notebooks are run as an analyst does, beside that of the tests."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        yield pool


def unusual(notebook: Notebook) -> dict[str, object]:
    """Return a value other than the default for every parameter that has an obvious one."""
    return {p.name: _other(p.kind, p.default) for p in notebook.parameters}


def _other(kind: Any, default: object) -> object:
    match kind:
        case Choice():
            return kind.options[-1]
        case Int() if kind.low is not None:
            return kind.low + 1
        case Flag():
            return not default
    return "last 8 weeks" if kind is Period else default


def edited(name: str, given: dict[str, object], environment: Mapping[str, str]) -> dict[str, str]:
    """Run a notebook as an analyst does: parameters typed in, all cells, in Jupyter's kernel."""
    os.environ.update(environment)
    forks.use()
    node = catalogue.find(name).node
    position = next(
        n for n, cell in enumerate(node.cells) if params.TAG in cell.metadata.get("tags", [])
    )
    typed = "\n".join(f"{name} = {value!r}" for name, value in given.items())
    node.cells.insert(position + 1, nbformat.v4.new_code_cell(typed))
    node.cells.append(nbformat.v4.new_code_cell(FINGERPRINTS))
    with tempfile.TemporaryDirectory() as folder:  # sockets are files: ports may be taken at once
        sockets = {"transport": "ipc", "connection_file": f"{folder}/kernel.json"}
        config = Config({"KernelManager": sockets})
        client = NotebookClient(node, timeout=120, kernel_name="python3", config=config)
        asyncio.run(client.async_execute())
    told: dict[str, str] = json.loads(node.cells[-1].outputs[0]["text"])
    return told


def shown(page: Page) -> Any:
    """Return the fingerprints that an app's page states when all is there, its controls too."""
    expect(page.locator(LIVE)).to_be_visible(timeout=60_000)
    page.wait_for_selector("html[data-controls=ready]", state="attached", timeout=60_000)
    page.wait_for_selector("#wb-fingerprints[data-tables]", state="attached", timeout=60_000)
    return json.loads(page.get_attribute("#wb-fingerprints", "data-tables") or "{}")


@pytest.mark.usefixtures("forks")
@pytest.mark.parametrize("name", catalogue.names())
def test_three_lives_give_the_same_numbers(
    next_page: Page,
    apps: Served,
    analyst: Pool,
    sample_home: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    """Asked for something unusual, notebook, report and app have the same result tables."""
    monkeypatch.setenv("WORKBENCH_HOME", str(sample_home))
    notebook = catalogue.find(name)
    given = unusual(notebook)

    query = params.to_query(params.parse(notebook.parameters, given), notebook.parameters)
    next_page.goto(f"{apps.address}/app/{name}?{query}", wait_until="commit")
    # No life waits for another.
    typed = analyst.apply_async(edited, (name, given, dict(os.environ)))
    record = report.run(name, given, out=tmp_path / "report")
    on_screen = shown(next_page)
    on_paper = {table: found["sha256"] for table, found in record.tables.items()}

    assert record.good
    assert on_paper != {}
    assert on_screen == on_paper
    assert typed.get(PATIENCE) == on_paper
