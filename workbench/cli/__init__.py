"""The command line: every command of the workbench, each loading only what it needs."""

import sys
from typing import Annotated

import typer

from workbench.cli import alerts, campaigns, data, reports, schedule
from workbench.cli.common import complain
from workbench.run import WrongUsage

app = typer.Typer(
    name="workbench",
    help="Receipts in; one notebook edited, printed as a report and served as an app.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for command in (
    *(reports.demo, data.ingest, data.data, data.copy, data.erase, alerts.alerts),
    *(schedule.schedule, schedule.verify, schedule.pin),
    *(reports.run, reports.pack, reports.new, reports.serve, reports.password, reports.lab),
):
    app.command()(command)
app.command("list")(reports.list_)
app.add_typer(campaigns.app, name="campaign")


@app.callback()
def common(
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
) -> None:
    """Receipts in; one notebook edited, printed as a report and served as an app."""


def main() -> None:
    """Run the command line; any error is one readable paragraph and an exit status."""
    try:
        app(prog_name="workbench")
    except Exception as error:
        if "--debug" in sys.argv:
            raise
        complain(error)
        raise SystemExit(2 if isinstance(error, WrongUsage) else 1) from None
