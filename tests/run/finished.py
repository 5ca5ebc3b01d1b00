"""A finished report made by hand, for the tests of what is done with one."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
from nbformat import v4, write

from workbench.run import record, results
from workbench.run.outputs import CHART
from workbench.run.record import Record

BARS = {
    "title": {"text": "Ann buys most", "subtitle": "Sales by customer"},
    "description": "Bars compare Ann and Bob",
    "data": {"values": [{"who": "Ann", "sales": 2}, {"who": "Bob", "sales": 1}]},
    "mark": "bar",
    "width": "container",
    "encoding": {"x": {"field": "sales", "type": "quantitative"}, "y": {"field": "who"}},
}


def finding(text: str) -> dict[str, str]:
    """Return a computed sentence as a notebook shows it."""
    return {"text/html": f'<p class="wb-finding" style="">{text}</p>', "text/plain": text}


def report(
    folder: Path,
    tables: Mapping[str, pl.DataFrame] | None = None,
    shown: tuple[Mapping[str, Any], ...] = (finding("Sales rose"), {CHART: BARS}),
    **facts: Any,
) -> Record:
    """Write a finished report with these tables and outputs into a folder."""
    (folder / "tables").mkdir(parents=True)
    for name, frame in (tables or {}).items():
        frame.write_parquet(folder / "tables" / f"{name}.parquet")
    node = v4.new_notebook()
    node.cells = [v4.new_code_cell(outputs=[v4.new_output("display_data", d)]) for d in shown]
    write(node, folder / "notebook.ipynb")
    (folder / "report.html").write_text("<!doctype html><h1>Tiny</h1>", encoding="utf-8")
    marks = {n: {"sha256": results.fingerprint(f), "rows": 1} for n, f in (tables or {}).items()}
    stated = {"retailer": "Corner shop", "currency": "EUR", "data_version": "v1", **facts}
    made = Record(
        **{"notebook": "tiny", "title": "Tiny baskets", "status": record.DONE, **stated},
        started="2026-03-02T11:30:00+00:00",
        parameters={"bands": 5},
        source={},
        package_version="0.1.0",
        period="2026-02-23/2026-03-01",
        tables=marks,
    )
    record.write(folder, made)
    return made
