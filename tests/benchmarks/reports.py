"""Every notebook as a report at a hundred million lines, under a limit of memory.

`python tests/benchmarks/reports.py 100` runs each notebook with its own parameters, as the
scheduler does, in a kernel that may hold `--limit` MiB, and writes seconds and the peak of memory
from each run's record to `docs/benchmarks.json`.
"""

import argparse
import datetime as dt
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import page
import retailer

from workbench.run import catalogue

HERE = Path(__file__).parent
COMMAND = Path(sys.executable).with_name("workbench")


def made(home: Path, name: str, limit: int) -> dict[str, Any]:
    """Make one report; return its seconds and MiB, or what went wrong."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "report"
        command = [COMMAND, "run", name, "--out", out, "--memory", limit]
        subprocess.run(
            [str(part) for part in command],
            env=os.environ | {"WORKBENCH_HOME": str(home)}, capture_output=True, check=False,
        )  # fmt: skip
        run = json.loads((out / "run.json").read_text("utf-8"))
    if run["status"] != "done":
        return {"error": run["error"]}
    return {"s": sum(run["seconds"].values()), "mib": run["memory"]}


def main(given: argparse.Namespace) -> None:
    """Make all reports, or those named, and write the page."""
    home = retailer.made(given.millions, given.folder)
    figures = json.loads(given.out.read_text("utf-8"))
    size = figures.setdefault("sizes", {}).setdefault(f"{given.millions:g}", {})
    reports = size.setdefault("reports", {"made": {}})
    reports |= {"limit": given.limit, "day": dt.datetime.now(dt.UTC).date().isoformat()}
    for name in given.notebooks or catalogue.names():
        found = reports["made"][name] = made(home, name, given.limit)
        print(f"{name:32}", found.get("error") or f"{found['s']:6.1f} s {found['mib']:6,.0f} MiB")
        given.out.write_text(json.dumps(figures, indent=1), "utf-8")
    page.write(figures, given.out)


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    asked.add_argument("millions", type=float)
    asked.add_argument("notebooks", nargs="*")
    asked.add_argument("--limit", type=int, default=2048, help="MiB that a kernel may hold")
    asked.add_argument("--folder", type=Path, default=retailer.FOLDER)
    asked.add_argument("--out", type=Path, default=HERE.parents[1] / "docs" / "benchmarks.json")
    main(asked.parse_args())
