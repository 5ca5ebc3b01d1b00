"""The command line: every command of the workbench, each loading only what it needs."""

import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.run import WrongUsage

if TYPE_CHECKING:
    from workbench.run.pack import PackResult, Result
    from workbench.run.record import Record

app = typer.Typer(
    name="workbench",
    help="Receipts in; one notebook edited, printed as a report and served as an app.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Out = Annotated[Path | None, typer.Option(help="Folder to write into; it is replaced whole.")]
Timeout = Annotated[
    float | None, typer.Option(min=1, help="Seconds a notebook may take. [default: 600]")
]
Jobs = Annotated[int | None, typer.Option(min=1, help="Reports made at a time.")]
Fresh = Annotated[bool, typer.Option("--fresh", help="Make reports again that are up to date.")]
Port = Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")]


@app.callback()
def common(
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
) -> None:
    """Receipts in; one notebook edited, printed as a report and served as an app."""


@app.command()
def demo(jobs: Jobs = None, fresh: Fresh = False) -> None:
    """Load the sample retailer, make the demo pack, and say where everything is."""
    from workbench import paths
    from workbench.door import sample

    edition = sample.load(paths.home(), progress=_say)
    print(f"{edition.retailer}: data {edition.version}, complete to {edition.last_day}")
    made = _pack("demo", None, jobs, fresh, None)
    print(f"\nOpen the apps:   {_command()} serve\nEdit a notebook: {_command()} lab")
    _end(made.good)


@app.command()
def ingest(
    source: Annotated[list[Path], typer.Argument(help="Folders with the files to load.")],
    mapping: Annotated[Path, typer.Option(help="YAML file that says which column is what.")],
) -> None:
    """Load your own receipts into the lake; the same files a second time change nothing."""
    from workbench import paths
    from workbench.door.ingest import ingest as load
    from workbench.door.mapping import Mapping

    edition = load(source, Mapping.read(mapping), paths.home(), progress=_say)
    print(f"{edition.retailer}: data {edition.version}, complete to {edition.last_day}")


@app.command("list")
def list_() -> None:
    """List the notebooks with their parameters, and the packs."""
    from workbench.run import catalogue, pack

    found = [_describe(name) for name in catalogue.names()]
    print("Packs: " + (", ".join(pack.names()) or "none"))
    _end(all(found))


@app.command()
def run(
    notebook: Annotated[str, typer.Argument(help="Name of the notebook, such as segments/rfm.")],
    parameter: Annotated[
        list[str] | None, typer.Option("-p", "--parameter", help="name=value; repeatable.")
    ] = None,
    out: Out = None,
    timeout: Timeout = None,
) -> None:
    """Run one notebook into a report."""
    from workbench.run import report
    from workbench.run.progress import shown

    given = _given(parameter or [])
    place = report.place(notebook, given, out)
    version = _data_version()
    with shown(notebook) as progress:
        made = report.run(
            notebook, given, out=out, timeout=timeout, data_version=version, progress=progress
        )
    _tell(made, place)
    _end(made.good)


@app.command()
def pack(
    name: Annotated[str, typer.Argument(help="Name of the pack, such as demo.")],
    out: Out = None,
    jobs: Jobs = None,
    fresh: Fresh = False,
    timeout: Timeout = None,
) -> None:
    """Make all reports of a pack and a page of links to them."""
    _end(_pack(name, out, jobs, fresh, timeout).good)


@app.command()
def serve(
    port: Port = 8866,
    ip: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    host: Annotated[
        list[str] | None, typer.Option(help="Name that people reach it by; repeatable.")
    ] = None,
    browser: Annotated[bool, typer.Option("--browser", help="Open a browser on it.")] = False,
) -> None:
    """Serve the notebooks as apps, with a gallery as the first page."""
    from workbench.run import serve as server

    server.serve(port, ip, open_browser=browser, hosts=tuple(host or ()))


@app.command()
def lab(
    port: Port = 8888,
    browser: Annotated[bool, typer.Option(help="Open a browser on it.")] = True,
) -> None:
    """Open the notebooks in JupyterLab, with the house settings."""
    from workbench.run import lab as editor

    _end(editor.open_lab(port, browser=browser) == 0)


def main() -> None:
    """Run the command line; any error is one readable paragraph and an exit status."""
    try:
        app(prog_name="workbench")
    except (ValueError, OSError, RuntimeError) as error:
        if "--debug" in sys.argv:
            raise
        _complain(error)
        raise SystemExit(2 if isinstance(error, WrongUsage) else 1) from None


def _pack(
    name: str, out: Path | None, jobs: int | None, fresh: bool, timeout: float | None
) -> "PackResult":
    from workbench.run import pack as packs
    from workbench.run.progress import shown

    version = _data_version()
    with shown(f"{name} pack") as progress:
        made = packs.run_pack(
            name,
            out=out,
            jobs=jobs,
            data_version=version,
            fresh=fresh,
            timeout=timeout,
            progress=progress,
        )
    for result in made.results:
        _tell_result(result)
    print(f"All reports: {made.index.as_uri()}")
    return made


def _tell_result(result: "Result") -> None:
    if result.good and result.out:
        state = "  (up to date)" if result.kept else ""
        print(f"{result.title}: {(result.out / 'report.html').as_uri()}{state}")
    else:
        _complain(f"{result.item.notebook}: {result.error}")


def _tell(record: "Record", place: Path) -> None:
    page = (place / "report.html").as_uri()
    if record.good:
        print(f"{record.title}: {page}")
        return
    _complain(f"{record.notebook} {record.status}: {record.error}")
    if record.last_good:
        _complain(f"the last good report, of {record.last_good['started']}, stays: {page}")


def _describe(name: str) -> bool:
    """Print a notebook and its parameters; return whether it could be read."""
    from workbench.run import catalogue

    try:
        notebook = catalogue.find(name)
        print(f"{notebook.name}: {notebook.title}")
        for parameter in notebook.parameters:
            stated = f"{parameter.name} = {parameter.text(parameter.default)}"
            print(f"    {stated}  ({parameter.kind_name}: {parameter.help})")
    except (ValueError, OSError) as error:
        _complain(error)
        return False
    return True


def _given(pairs: list[str]) -> dict[str, str]:
    wrong = [pair for pair in pairs if "=" not in pair]
    if wrong:
        raise WrongUsage(f"{wrong[0]!r} is not a parameter; write -p name=value")
    return {name: value for name, _, value in (pair.partition("=") for pair in pairs)}


def _data_version() -> str | None:
    """Return the version of the data that runs are pinned to, or None where there is none."""
    from workbench import paths
    from workbench.data.lake import Lake, NoLake

    try:
        return Lake(paths.home()).edition(os.environ.get("WORKBENCH_DATA_VERSION")).version
    except NoLake:
        return None


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _complain(what: object) -> None:
    _say("workbench: " + " ".join(str(what).split()))


def _command() -> str:
    """Return how this program is called from here: its name, or its path where it is not known."""
    if shutil.which("workbench"):
        return "workbench"
    return os.path.relpath(sys.argv[0])


def _end(good: bool) -> None:
    if not good:
        raise typer.Exit(1)
