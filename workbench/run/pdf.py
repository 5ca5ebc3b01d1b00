"""A report as PDF: printed by Chromium or Chrome, which must be on the machine."""

import os
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome", "msedge")
LIMIT = 120
_QUIET = (
    *("--headless=new", "--disable-gpu", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
)


def write(report: Path) -> Path:
    """Print a folder's report.html into report.pdf beside it, whole, and return its path.

    `WORKBENCH_CHROMIUM` names the browser where it is not on the path. Raises OSError where
    there is none, or when it makes no PDF in two minutes.
    """
    path, page = report / "report.pdf", (report / "report.html").resolve()
    root = hasattr(os, "geteuid") and os.geteuid() == 0  # whose Chromium refuses its sandbox
    with TemporaryDirectory(prefix="workbench-") as profile:
        made = Path(profile) / "report.pdf"
        command = [
            _browser(),
            *_QUIET,
            *["--no-sandbox"][: int(root)],
            f"--user-data-dir={profile}",
        ]
        printed = ["--no-pdf-header-footer", f"--print-to-pdf={made}", page.as_uri()]
        said = _said([*command, *printed])
        if not made.exists():
            raise OSError(f"{command[0]} made no PDF of {page}: {said[-300:]}")
        aside = path.with_name(".report.pdf.tmp")
        shutil.move(made, aside)
        aside.replace(path)
    return path


def _said(command: list[str]) -> str:
    """Run the browser and return what it complained of; raise OSError where it takes too long."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT, check=False)
    except subprocess.TimeoutExpired:
        raise OSError(f"{command[0]} made no PDF in {LIMIT} seconds") from None
    return done.stderr


def _browser() -> str:
    named = os.environ.get("WORKBENCH_CHROMIUM")
    found = next(filter(None, map(shutil.which, [named] if named else BROWSERS)), None)
    if found is None:
        raise FileNotFoundError(
            "a PDF is printed by Chromium or Chrome, which is not on this machine; install it, "
            "name it in WORKBENCH_CHROMIUM, or take pdf out of the pack's formats"
        )
    return found
