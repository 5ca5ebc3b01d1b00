"""Commands about notebooks: list them, run them into reports, serve them, edit them."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from workbench.cli.common import command, complain, end, say
from workbench.run import WrongUsage

if TYPE_CHECKING:
    from workbench.data.lake import Edition
    from workbench.run.pack import PackResult, Result
    from workbench.run.record import Record

Out = Annotated[Path | None, typer.Option(help="Folder to write into; it is replaced whole.")]
Timeout = Annotated[
    float | None, typer.Option(min=1, help="Seconds a notebook may take. [default: 600]")
]
Memory = Annotated[
    float | None,
    typer.Option(min=1, help="Megabytes a notebook's kernel may take. [default: no limit]"),
]
Jobs = Annotated[int | None, typer.Option(min=1, help="Reports made at a time.")]
Fresh = Annotated[bool, typer.Option("--fresh", help="Make reports again that are up to date.")]
Accept = Annotated[
    list[str] | None,
    typer.Option(help="Name of a red check to go on in spite of; repeatable."),
]
Port = Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")]


def demo(jobs: Jobs = None, fresh: Fresh = False) -> None:
    """Load the sample retailer, make the demo pack, and say where everything is."""
    from workbench import paths
    from workbench.door import sample

    edition = sample.load(paths.home(), progress=say)
    print(f"{edition.retailer}: data {edition.version}, complete to {edition.last_day}")
    made = _pack("demo", None, jobs, fresh, None)
    print(f"\nOpen the apps:   {command()} serve\nEdit a notebook: {command()} lab")
    end(made.good)


def list_() -> None:
    """List the notebooks with their parameters, and the packs."""
    from workbench.run import catalogue, pack

    found = [_describe(name) for name in catalogue.names()]
    print("Packs: " + (", ".join(pack.names()) or "none"))
    end(all(found))


def run(
    notebook: Annotated[str, typer.Argument(help="Name of the notebook, such as segments/rfm.")],
    parameter: Annotated[
        list[str] | None, typer.Option("-p", "--parameter", help="name=value; repeatable.")
    ] = None,
    out: Out = None,
    timeout: Timeout = None,
    memory: Memory = None,
    accept: Accept = None,
) -> None:
    """Run one notebook into a report."""
    from workbench.run import report
    from workbench.run.progress import shown

    given = _given(parameter or [])
    place = report.place(notebook, given, out)
    version, accepted = data_version(), _accepted(accept)
    with shown(notebook) as progress:
        made = report.run(
            notebook,
            given,
            out=out,
            timeout=timeout,
            memory=memory,
            data_version=version,
            accept=accepted,
            progress=progress,
        )
    _tell(made, place)
    end(made.good)


def pack(
    name: Annotated[str, typer.Argument(help="Name of the pack, such as demo.")],
    out: Out = None,
    jobs: Jobs = None,
    fresh: Fresh = False,
    timeout: Timeout = None,
    memory: Memory = None,
    accept: Accept = None,
) -> None:
    """Make all reports of a pack and a page of links to them."""
    limits = {"timeout": timeout, "memory": memory}
    end(_pack(name, out, jobs, fresh, accept, **limits).good)


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

    server.serve(port, ip, open_browser=browser, hosts=tuple(host or ()), data=_newest)


def password(
    token: Annotated[
        bool, typer.Option("--token", help="Make a link's token instead of a password.")
    ] = False,
) -> None:
    """Make the line of access.yaml that lets a person into the apps."""
    import secrets

    from jupyter_server.auth.security import passwd

    from workbench.run.access import hashed

    if token:
        made = secrets.token_urlsafe(24)
        say(f"The link of this person ends in ?token={made} and is not shown again.")
        print(f"token: {hashed(made)}")
        return
    said = typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    print(f"password: {passwd(said)}")


def lab(
    port: Port = 8888,
    browser: Annotated[bool, typer.Option(help="Open a browser on it.")] = True,
) -> None:
    """Open the notebooks in JupyterLab, with the house settings."""
    from workbench.run import lab as editor

    end(editor.open_lab(port, browser=browser) == 0)


def new(
    name: Annotated[str, typer.Argument(help="Its name, such as store_loyalty.")],
    analysis: Annotated[
        bool, typer.Option("--analysis", help="A notebook only, no segmentation.")
    ] = False,
) -> None:
    """Begin a segmentation or an analysis of your own, which runs as it is, to be changed."""
    from workbench.run import new as begin

    made = begin.new(name, analysis=analysis)
    for path in made:
        print(path)
    print(f"Try it: {command()} run {made[-1].parent.name}/{name}")


def _pack(
    name: str,
    out: Path | None,
    jobs: int | None,
    fresh: bool,
    accept: list[str] | None = None,
    **limits: Any,
) -> "PackResult":
    from workbench.run import pack as packs
    from workbench.run.progress import shown

    version, accepted = data_version(), _accepted(accept)
    with shown(f"{name} pack") as progress:
        made = packs.run_pack(
            name,
            out=out,
            jobs=jobs,
            data_version=version,
            accept=accepted,
            fresh=fresh,
            progress=progress,
            **limits,
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
        complain(f"{result.item.notebook}: {result.error}")


def _tell(record: "Record", place: Path) -> None:
    page = (place / "report.html").as_uri()
    if record.good:
        print(f"{record.title}: {page}")
        return
    complain(f"{record.notebook} {record.status}: {record.error}")
    if record.last_good:
        complain(f"the last good report, of {record.last_good['started']}, stays: {page}")


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
        complain(error)
        return False
    return True


def _given(pairs: list[str]) -> dict[str, str]:
    wrong = [pair for pair in pairs if "=" not in pair]
    if wrong:
        raise WrongUsage(f"{wrong[0]!r} is not a parameter; write -p name=value")
    return {name: value for name, _, value in (pair.partition("=") for pair in pairs)}


def _accepted(given: list[str] | None) -> list[str]:
    """Return the red checks accepted by name: those given, or else those of the environment."""
    from workbench.data.verdict import accepted

    return sorted(accepted(given or None))


def data_version() -> str | None:
    """Return the version of the data that runs are pinned to, or None where there is none."""
    edition = _newest()
    return edition.version if edition else None


def _newest() -> "Edition | None":
    """Return the newest state of the data, or the one pinned, or None where there is none."""
    from workbench import paths
    from workbench.data.lake import Lake, NoLake

    try:
        return Lake(paths.home()).edition(os.environ.get("WORKBENCH_DATA_VERSION"))
    except NoLake:
        return None
