"""Where things are: the project's folders, and the home of one retailer's data and runs.

`WORKBENCH_HOME` names the folder that holds the lake and the runs (default: `.workbench` in
the project). `WORKBENCH_PROJECT` names the folder that holds `notebooks/`, `reports/` and
`templates/` (default: the checkout this package lies in).
"""

import os
from pathlib import Path

ANSWERS = "WORKBENCH_ANSWERS"


def project() -> Path:
    """Return the folder that holds notebooks/, reports/ and templates/."""
    named = os.environ.get("WORKBENCH_PROJECT")
    return Path(named).resolve() if named else Path(__file__).resolve().parents[1]


def home() -> Path:
    """Return the folder that holds the lake, the runs and the workbench's state."""
    named = os.environ.get("WORKBENCH_HOME")
    return Path(named).resolve() if named else project() / ".workbench"


def notebooks() -> Path:
    """Return the folder of the analyses."""
    return project() / "notebooks"


def packs() -> Path:
    """Return the folder of the packs and their schedules."""
    return project() / "reports"


def templates() -> Path:
    """Return the folder of the report and app templates."""
    return project() / "templates"


def answers() -> Path | None:
    """Return the folder in which the reports of a running pack share answers, or None."""
    named = os.environ.get(ANSWERS)
    return Path(named) if named else None
