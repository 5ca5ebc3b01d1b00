"""How much the questions to the receipt lines cost, at ten and a hundred million lines and more.

`make bench` runs it at 10, 50 and 100, the two large ones without pandas, which mostly runs out of
memory there; `lake.py 10 500 --rounds 3 --drop` takes other sizes, in millions of lines. Every
question runs in processes of its own, in turn with the scan of the columns it reads,
with openretailscience and with pandas where they have it; figures that they define alike are
compared first, on a million lines. The raw figures go to `docs/benchmarks.json`, to which a
further run adds its sizes; the page and its chart are drawn from them.
"""

import argparse
import ast
import datetime as dt
import json
import os
import re
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

import page
import polars as pl
import retailer
import same
import timing
import with_pandas
from figures import line
from verbs import OURS, VERBS, child, opened

HERE = Path(__file__).parent
PEER = HERE.parents[1] / ".venv-bench" / "peer" / "bin" / "python"
PEERS = {"peer": (PEER, "peer.py"), "pandas": (sys.executable, "with_pandas.py")}
SMALL = 1
MOST = int(0.9 * os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / timing.MIB)
Figures = dict[str, Any]


def verbs_in(script: Path) -> set[str]:
    """Return the keys of a script's `VERBS`, read without running what it imports."""
    for part in ast.parse(script.read_text("utf-8")).body:
        match part:
            case ast.Assign(targets=[ast.Name(id="VERBS")], value=ast.Dict(keys=names)):
                return {ast.literal_eval(name) for name in names}
    raise ValueError(f"{script} has no VERBS")


ANSWERED = {"peer": verbs_in(HERE / "peer.py"), "pandas": {*with_pandas.VERBS}}


def compared(folder: Path, verbs: list[str]) -> Figures:
    """Ask peers on a small retailer what they have of the verbs, and compare it with ours.

    Returns the rows found equal by verb and way, 0 where nothing is defined alike.
    """
    home = retailer.made(SMALL, folder)
    told: Figures = {}
    with tempfile.TemporaryDirectory() as name:
        for verb in verbs:
            for way, (python, script) in PEERS.items():
                if verb not in ANSWERED[way]:
                    continue
                file = Path(name) / f"{way}.parquet"
                done = timing.run([python, HERE / script, home, verb, "--result", file])
                if "error" in done:
                    raise RuntimeError(f"{way} cannot answer {verb}: {done['error']}")
                told.setdefault(verb, {})[way] = same.compare(verb, way, home, file)
    return told


def measured(verb: str, home: Path, given: argparse.Namespace) -> Figures:
    """Run a question every way in turn, as often as asked; return every report, by way."""
    keep = ["--keep"] if verb == "move" else []
    commands = {
        way: (child(verb, home, "--repeats", given.repeats, *keep, *own), 0)
        for way, own in OURS.items()
    }
    for way, (python, script) in PEERS.items():
        if verb in ANSWERED[way]:
            commands[way] = ([python, HERE / script, home, verb, "--repeats", 1], given.most)
    asked = {way: command for way, command in commands.items() if way in given.ways}
    return timing.in_turn(asked, given.rounds, drop=given.drop)


def main(given: argparse.Namespace) -> None:
    """Compare, measure every size, and write figures, page and chart."""
    figures: Figures = json.loads(given.out.read_text("utf-8")) if given.out.exists() else {}
    if given.millions:
        figures["machine"] = timing.machine() | _versions()
    if {*PEERS} & {*given.ways} and given.millions:
        verbs = given.verbs or list(VERBS)
        figures["same"] = figures.get("same", {}) | compared(given.folder, verbs)
    for millions in given.millions:
        home = retailer.made(millions, given.folder)
        size = figures.setdefault("sizes", {}).setdefault(f"{millions:g}", {})
        size |= json.loads((home / "made.json").read_text("utf-8"))
        size |= {"held": _held(home), "plain": _plain(home), "dropped": given.drop}
        size["day"] = dt.datetime.now(dt.UTC).date().isoformat()
        for verb in given.verbs or VERBS:
            size.setdefault("verbs", {})[verb] = measured(verb, home, given)
            print(line(verb, size["verbs"][verb]), flush=True)
            given.out.write_text(json.dumps(figures, indent=1), "utf-8")
    page.write(figures, given.out)


def _versions() -> dict[str, str]:
    """Return the versions of what is measured, those of the peer as they are locked."""
    locked = (HERE.parents[1] / "requirements" / "bench.txt").read_text("utf-8")
    theirs = re.findall(r"^(openretailscience|duckdb)==([\w.]+)", locked, re.MULTILINE)
    return {name: version(name) for name in ("polars", "narwhals", "pandas")} | dict(theirs)


def _plain(home: Path) -> int:
    """Return the bytes that all lines with all their columns would take in memory."""
    lines = opened(home, lines=True).tables["lines"].to_native()
    some = lines.head(1_000_000).collect()
    count = lines.select(pl.len()).collect().item()
    return int(some.estimated_size() / some.height * count)


def _held(home: Path) -> dict[str, int]:
    """Return the bytes of each table of receipts, and of the plain copy."""
    folders = [*home.glob("lake/*/*/"), home / "plain"]
    sizes = {
        folder.name: sum(f.stat().st_size for f in folder.rglob("*.parquet")) for folder in folders
    }
    return {
        name: size for name, size in sizes.items() if name in ("plain", *retailer.receipts.MADE)
    }


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    asked.add_argument("millions", type=float, nargs="*", help="none: only draw the page again")
    asked.add_argument("--verbs", nargs="*", choices=VERBS)
    asked.add_argument("--ways", nargs="*", choices=[*OURS, *PEERS], default=[*OURS, *PEERS])
    asked.add_argument("--rounds", type=int, default=1, help="processes of each way, in turn")
    asked.add_argument("--repeats", type=int, default=3, help="warm calls in each process")
    asked.add_argument("--most", type=int, default=MOST, help="MiB that the others may hold")
    asked.add_argument("--drop", action="store_true", help="drop the system's cache of files")
    asked.add_argument("--folder", type=Path, default=retailer.FOLDER)
    asked.add_argument("--out", type=Path, default=HERE.parents[1] / "docs" / "benchmarks.json")
    main(asked.parse_args())
