"""What a finished report says: its computed sentences and its charts, read from its notebook."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.run import outputs

FINDING = 'class="wb-finding"'


@dataclass(frozen=True)
class Chart:
    """A chart of a report: its title, which says what it shows, the line below, and the chart."""

    title: str
    subtitle: str
    spec: dict[str, Any]


def sentences(report: Path, most: int | None = None) -> list[str]:
    """Return the computed sentences of a report's folder in order, each once."""
    return list(dict.fromkeys(filter(None, _sentences(report))))[:most]


def charts(report: Path) -> list[Chart]:
    """Return the charts of a report's folder, in order."""
    return [_chart(data[outputs.CHART]) for data in _shown(report) if outputs.CHART in data]


def _sentences(report: Path) -> Iterator[str]:
    for data in _shown(report):
        if outputs.CHART in data:
            yield _chart(data[outputs.CHART]).title
        elif FINDING in str(data.get("text/html", "")):
            yield str(data.get("text/plain", ""))


def _chart(spec: dict[str, Any]) -> Chart:
    return Chart(*outputs.titles(spec.get("title")), spec)


def _shown(report: Path) -> Iterator[dict[str, Any]]:
    import nbformat

    path = report / "notebook.ipynb"
    if path.exists():
        for cell in nbformat.read(path, as_version=4).cells:
            if not set(cell.metadata.get("tags", [])) & outputs.SILENT:
                yield from (shown.data for shown in cell.get("outputs", []) if "data" in shown)
