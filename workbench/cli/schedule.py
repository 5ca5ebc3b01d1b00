"""Commands about what runs by itself: the schedule of packs, pinned notebooks, and verifying."""

import datetime as dt
import os
import shlex
import sys
import time
from pathlib import Path
from subprocess import list2cmdline
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli.common import complain, end, say
from workbench.run import WrongUsage

if TYPE_CHECKING:
    from workbench.run.pack import Pack
    from workbench.run.schedule import Ended

PAUSE = 60  # seconds between two looks at the clock
LONGEST = 262  # letters of a task's command that schtasks takes
TIMERS = {
    "systemd": """# ~/.config/systemd/user/workbench.service
[Service]
Type=oneshot
ExecStart={line}

# ~/.config/systemd/user/workbench.timer
[Timer]
OnCalendar=*:0/15
Persistent=true

[Install]
WantedBy=timers.target

# systemctl --user enable --now workbench.timer
# loginctl enable-linger                 so that it also runs while nobody is logged in""",
    "cron": "*/15 * * * * {line}",
    "windows": "{settings}schtasks /Create /TN Workbench /SC MINUTE /MO 15 /TR {task}",
}

# How signs that mean something there are written where they do not.
MEANT = {"systemd": [("%", "%%"), ("$", "$$")], "cron": [("%", "\\%")], "windows": []}


def schedule(
    once: Annotated[
        bool, typer.Option("--once", help="Run what is due and end, as a timer wants it.")
    ] = False,
    listed: Annotated[
        bool, typer.Option("--list", help="Show when packs are due and how they last ended.")
    ] = False,
    history: Annotated[
        bool, typer.Option("--history", help="Show what became of every date, the newest first.")
    ] = False,
    install: Annotated[
        str | None,
        typer.Option(help="Print what systemd, cron or windows needs to call this by itself."),
    ] = None,
    hold: Annotated[
        str | None, typer.Option(help="Keep a run's files for good: weekly-2026-03-02.")
    ] = None,
    jobs: Annotated[int | None, typer.Option(min=1, help="Reports made at a time.")] = None,
) -> None:
    """Make and deliver packs when they are due, each date once; keep running until stopped."""
    if install:
        print(timer(install))
    elif hold:
        _hold(hold)
    elif listed:
        end(_list())
    elif history:
        _history()
    elif once:
        end(_run_due(jobs))
    else:
        say("Packs run when they are due; stop with Ctrl-C.")
        while True:
            _run_due(jobs)
            time.sleep(PAUSE)


def verify(
    run: Annotated[Path, typer.Argument(help="Folder of a report, or of a whole pack.")],
) -> None:
    """Make a past run again on the data it had, and compare every table with its record."""
    from workbench.run import verify as verifying

    same = [_verified(folder) for folder in verifying.runs(run)]
    end(all(same))


def _verified(folder: Path) -> bool:
    """Print how a run comes out when made again; return whether it is the same."""
    from workbench.run import verify as verifying

    try:
        found = verifying.verify(folder)
    except (ValueError, OSError) as error:
        complain(f"{folder} could not be verified: {error}")
        return False
    print(f"{found.record.notebook}, data {found.record.data_version}:")
    for name, same in found.tables.items():
        print(f"    {name}: {'the same' if same else 'NOT the same'}")
    if found.changed:
        print(f"    changed since: {', '.join(found.changed)}")
    if found.error:
        complain(f"{found.record.notebook} could not be made again: {found.error}")
    return found.good


def pin(
    notebook: Annotated[str, typer.Argument(help="Name of the notebook, such as segments/rfm.")],
) -> None:
    """Keep a notebook as it is now under a name of its own, for packs that must not change."""
    from workbench.run import catalogue

    print(f"{catalogue.pin(notebook)} is in reports/pinned; name it in a pack instead")


def _run_due(jobs: int | None) -> bool:
    from workbench import paths
    from workbench.run import deliver, index, pack
    from workbench.run.schedule import Schedule, Work

    packs, good = _packs()
    work = Work(
        lambda name, folder, before: _make(name, folder, before, jobs),
        deliver.deliver,
        lambda name, due, ended: deliver.tell(pack.find(name), due, ended.said, good=ended.good),
    )
    ended = Schedule(paths.home(), _now, work).run_due(packs)
    for name, result in ended.items():
        (print if result.good else complain)(f"{name}: {result.said}")
    _tidy([each for each in packs if each.keep and each.name in ended and ended[each.name].good])
    if ended:
        print(f"All runs: {index.write_history(paths.home()).as_uri()}")
    return good and all(result.good for result in ended.values())


def _tidy(packs: "list[Pack]") -> None:
    """Remove the files of runs that the packs no longer keep; a run stays good if it cannot be."""
    from workbench import paths
    from workbench.run import keep

    for pack in packs:
        try:
            gone = pack.keep and keep.tidy(paths.home(), pack.name, pack.keep, _now().date())
        except OSError as error:
            complain(f"{pack.name}: the files of an old run could not be removed: {error}")
            continue
        if gone:
            print(f"{pack.name}: removed the files of {gone} old runs")


def _hold(run: str) -> None:
    from workbench import paths
    from workbench.run import keep

    keep.hold(paths.home(), run)
    print(f"{run} keeps its files")


def _make(name: str, folder: Path, before: Path | None, jobs: int | None) -> "Ended":
    from workbench.cli.reports import data_version
    from workbench.run import pack
    from workbench.run.progress import shown
    from workbench.run.schedule import Ended

    version, rules = data_version(), pack.find(name).alerts
    silent = _fire(rules) if rules else []
    with shown(f"{name} pack") as progress:
        made = pack.run_pack(
            name, out=folder, before=before, jobs=jobs, data_version=version, progress=progress
        )
    said = [str(made), *(f"The alerts of {rule} could not be fired" for rule in silent)]
    return Ended(made.good and not silent, version, ". ".join(said), made)


def _fire(rules: tuple[str, ...]) -> list[str]:
    """Fire and close the alerts of rules, or of all; return the rules that could not be."""
    from workbench.campaigns.alerts.rules import names, read_rule
    from workbench.cli.alerts import _fired
    from workbench.data import open_shop

    shop = open_shop()
    asked = [read_rule(name) for name in (names() if rules == ("all",) else rules)]
    return [each.key for each in asked if not _fired(shop, each, None)]


def _packs() -> "tuple[list[Pack], bool]":
    """Return the packs whose files can be read, and whether all can."""
    from workbench.run import pack

    found, good = [], True
    for name in pack.names():
        try:
            found.append(pack.find(name))
        except WrongUsage as error:
            complain(error)
            good = False
    return found, good


def _list() -> bool:
    from workbench import paths
    from workbench.run import history

    packs, good = _packs()
    for pack in packs:
        due = f"{pack.when}; next {pack.when.next(_now())}" if pack.when else "by hand"
        print(f"{pack.name}: {pack.title}\n    {due}")
        for row in history.runs(paths.home(), pack.name).head(1).rows(named=True):
            print(f"    {row['due']}: {row['state']} {row['said'] or ''}".rstrip())
    return good


def _history() -> None:
    from workbench import paths
    from workbench.run import history

    for row in history.runs(paths.home()).rows(named=True):
        print(f"{row['due']}  {row['pack']}: {row['state']} {row['said'] or ''}".rstrip())


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def timer(system: str) -> str:
    """Return what a system needs to call the schedule, with this home and project."""
    if system not in TIMERS:
        raise WrongUsage(f"--install {system!r} is unknown; allowed: {', '.join(TIMERS)}")
    command = [str(Path(sys.argv[0]).resolve()), "schedule", "--once"]
    named = ("WORKBENCH_HOME", "WORKBENCH_PROJECT")
    places = {name: os.environ[name] for name in named if name in os.environ}
    given = [f"{name}={value}" for name, value in places.items()]
    line = shlex.join([*(["/usr/bin/env", *given] if given else []), *command])
    for sign, written in MEANT[system]:
        line = line.replace(sign, written)
    settings = "".join(f'setx {name} "{value}"\n' for name, value in places.items())
    if system == "windows" and len(list2cmdline(command)) > LONGEST:
        raise WrongUsage(
            f"the command {list2cmdline(command)} is longer than the {LONGEST} letters that "
            "schtasks takes; install the workbench in a folder with a shorter path"
        )
    task = list2cmdline([list2cmdline(command)])
    return TIMERS[system].format(line=line, settings=settings, task=task)
