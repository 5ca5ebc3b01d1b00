"""How the apps bear a crowd, how quick they are beside stock Voilà, and a pack's rate.

`make bench` runs it and writes `docs/apps.md` and `docs/apps.json`; `python
tests/benchmarks/apps.py 50 5 segments` takes another number of visitors, rounds of the comparison
and another pack. The sample retailer is in WORKBENCH_HOME, or is loaded for the occasion. Each
visitor's link asks for other numbers, and what a visitor got is compared with what the notebook
gives here for the same parameters.
"""

import asyncio
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

import nbformat
import psutil
from IPython.core.interactiveshell import InteractiveShell
from playwright.sync_api import Page, sync_playwright
from timing import machine
from tornado.httpclient import AsyncHTTPClient

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS), str(TESTS / "run")]

from attacker import link  # noqa: E402
from served import Served, cells, free_port, serving  # noqa: E402

from workbench import paths  # noqa: E402
from workbench.door import sample  # noqa: E402
from workbench.run import catalogue, pack, params, results  # noqa: E402
from workbench.run.live import Live  # noqa: E402

OUT, TEMPLATE = TESTS.parent / "docs" / "apps.json", Path(__file__).with_suffix(".md")
Figures = dict[str, Any]
NAME, MB, REST, PATIENCE = "segments/rfm", 1 << 20, 3.0, 600
NOT_STARTED = b"<i data-failed>"
CHROMIUM = {
    "executable_path": shutil.which("chromium"),
    "bypass_csp": True,  # Playwright waits by eval, which our policy forbids
    "args": ["--no-sandbox", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"],
}
AGAIN = """\
import ipywidgets
period = "last 26 weeks"
@ipywidgets.interact(bands=(3, 10))
def again(bands=5):
    worth = weigh(shop, period, rfm.label(shop, period, bands=bands))
    display(show.worth_tiles(worth, "At risk"))"""
TILES = "document.querySelector('.wb-tiles')"
WATCH = """() => {
  const tiles = () => document.querySelector(".wb-tiles")?.textContent, was = tiles()
  let began
  window.moved = null
  addEventListener("keydown", () => { began = performance.now() }, { once: true, capture: true })
  new MutationObserver((_, watch) => {
    if (!tiles() || tiles() === was) return
    window.moved = (performance.now() - began) / 1000
    watch.disconnect()
  }).observe(document.body, { subtree: true, childList: true, characterData: true })
}"""
LAST = "document.body.innerText.includes('What each score means')"
OURS = "!document.querySelector('.waiting') && document.querySelector('#wb-pulse[data-state=live]')"
CHART = "document.querySelector('.plot svg, .vega-embed svg, .vega-embed canvas')"


def asked(number: int) -> dict[str, object]:
    """Return what the parameters of one visitor's link say; no two of fifty are alike."""
    return {"period": f"last {6 + number % 20} weeks", "bands": 3 + number % 7}


async def truth(values: dict[str, object]) -> dict[str, str]:
    """Return the fingerprints of the notebook's tables, run in this process."""
    node, shell = catalogue.find(NAME).node, InteractiveShell()
    code = {n: cell for n, cell in enumerate(node.cells) if cell.cell_type == "code"}
    own = next(n for n, cell in code.items() if params.TAG in cell.metadata.get("tags", []))
    given = params.parse(catalogue.find(NAME).parameters, values)
    async for _ in Live(shell, {n: c.source for n, c in code.items()}, own, given).steps():
        pass
    return {n: results.fingerprint(t) for n, t in results.tables(shell.user_ns).items()}


async def visit(server: Served, number: int, places: AsyncExitStack) -> tuple[float, Any]:
    """Open an app by its link and stay; return the seconds to the last figure, and the marks."""
    began, browser = time.perf_counter(), AsyncHTTPClient()
    query = params.to_query(asked(number), catalogue.find(NAME).parameters)
    page = await browser.fetch(
        f"{server.address}/app/{NAME}?{query}", raise_error=False, request_timeout=PATIENCE
    )
    found = re.search(r'"kernelId": "([\w-]+)"', page.body.decode())
    if not found or NOT_STARTED in page.body:
        return time.perf_counter() - began, page.code
    cookie = "; ".join(text.split(";")[0] for text in page.headers.get_list("Set-Cookie"))
    own = await places.enter_async_context(link(server, cookie, found[1]))
    for comm in await own.comms():
        ready = {"comm_id": comm, "data": {"method": "custom", "content": {"kind": "ready"}}}
        await own.send("comm_msg", ready)
    told = await own.hear("comm_msg", '"kind": "tables"', PATIENCE)
    return time.perf_counter() - began, told["content"]["data"]["content"]["tables"]


async def crowd(server: Served, visitors: int) -> Figures:
    """Let visitors come at once, and one more than there are places; return how they fared."""
    AsyncHTTPClient.configure(None, max_clients=2 * visitors)
    rest()
    before, slow, stay = held(), [0.0], True

    async def pulse() -> None:
        while stay:
            began = time.perf_counter()
            await AsyncHTTPClient().fetch(f"{server.address}/", request_timeout=PATIENCE)
            slow.append(time.perf_counter() - began)
            await asyncio.sleep(0.5)

    beating = asyncio.create_task(pulse())
    async with AsyncExitStack() as places:
        seen = await asyncio.gather(*(visit(server, n, places) for n in range(visitors)))
        each, stay = (held() - before) / visitors, False
        _, beyond = await visit(server, visitors, places)
    await beating
    right = [marks == await truth(asked(n)) for n, (_, marks) in enumerate(seen)]
    took = sorted(seconds for seconds, _ in seen)
    return {
        "visitors": visitors,
        "served": sum(isinstance(marks, dict) for _, marks in seen),
        "with their own numbers": sum(right),
        "what one more gets": beyond,
        "until the last figure, median s": round(took[visitors // 2], 1),
        "until the last figure, slowest s": round(took[-1], 1),
        "the gallery meanwhile, slowest s": round(max(slow), 2),
        "memory of the server before, MiB": round(before),
        "memory of each visitor, MiB (shared parts shared)": round(each),
    }


def held() -> float:
    """Return the megabytes that the server and all it started hold, each shared page once."""
    return sum(_pages(process) for process in started()) / MB


def _pages(process: psutil.Process) -> int:
    try:
        return int(process.memory_full_info().pss)
    except psutil.Error:
        return 0


def started() -> list[psutil.Process]:
    """Return what runs on behalf of this process."""
    return psutil.Process().children(recursive=True)


@contextmanager
def stock(folder: Path, *options: str) -> Iterator[str]:
    """Serve a folder by stock Voilà; yield its address."""
    port = free_port()
    command = [sys.executable, "-m", "voila", str(folder), f"--port={port}", "--no-browser"]
    with (folder / "voila.log").open("a") as log:
        process = subprocess.Popen([*command, *options], stdout=log, stderr=log)
    try:
        server = Served(port, folder)
        for _ in range(300):
            time.sleep(0.2)
            try:
                server.ask("/")
                break
            except OSError:
                continue
        yield f"{server.address}/voila/render"
    finally:
        process.terminate()
        process.wait()


def copies(folder: Path) -> None:
    """Write for stock Voilà the same notebook, and one whose widget asks for the same figures."""
    node = catalogue.find(NAME).node
    nbformat.write(node, folder / "same.ipynb")
    imports = next(cell.source for cell in node.cells if cell.cell_type == "code")
    again = cells(("code", imports), ("code", "shop = open_shop()\nshow.house(shop)"))
    again.cells.append(nbformat.v4.new_code_cell(AGAIN))
    nbformat.write(again, folder / "again.ipynb")


def opened(page: Page, address: str, *until: str) -> list[float]:
    """Follow a link; return the seconds until each thing is there."""
    page.goto("about:blank")
    rest()
    began = time.perf_counter()
    page.goto(address, wait_until="commit")
    return [_until(page, what, began) for what in until]


def rest() -> None:
    """Wait until the servers have nothing more to do: spare kernels are ready, old ones gone."""
    before, now, until = -1.0, 0.0, time.monotonic() + PATIENCE
    while abs(now - before) > 0.1 and time.monotonic() < until:
        time.sleep(REST)
        before, now = now, sum(_spent(process) for process in started())


def _spent(process: psutil.Process) -> float:
    """Return the seconds of work a process has done, none once it is gone."""
    try:
        return float(sum(process.cpu_times()[:2]))
    except psutil.Error:
        return 0.0


def moved(page: Page) -> list[float]:
    """Move a slider step by step; return the seconds until each changed tile."""
    found = []
    for _ in range(5):
        rest()
        page.get_by_role("slider").first.focus()
        page.evaluate(WATCH)
        page.keyboard.press("ArrowRight")
        found.append(page.wait_for_function("window.moved", timeout=120_000).json_value())
    return found


def _until(page: Page, what: str, began: float) -> float:
    page.wait_for_function(what, timeout=120_000)
    return time.perf_counter() - began


def beside(ours: str, plain: str, heated: str, rounds: int) -> Figures:
    """Measure our app and stock Voilà in turn; return the median seconds of each."""
    took: dict[str, list[list[float]]] = {"ours": [], "stock": [], "stock, heated": []}
    with (
        sync_playwright() as playwright,
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile,
    ):
        context = playwright.chromium.launch_persistent_context(profile, **CHROMIUM)
        page = context.new_page()
        for _ in range(rounds + 1):  # the first of each fills the browser's cache and is left out
            took["ours"].append(opened(page, f"{ours}/app/{NAME}", CHART, OURS))
            took["stock"].append(opened(page, f"{plain}/same.ipynb", CHART, LAST))
            took["stock, heated"].append(opened(page, f"{heated}/same.ipynb", CHART, LAST))
        opened(page, f"{ours}/app/{NAME}", OURS)
        moves = {"ours": moved(page)}
        opened(page, f"{plain}/again.ipynb", TILES)
        moves["stock"] = moved(page)
        context.close()
    found: Figures = {"first chart": {}, "last figure": {}}
    for way, all_ in took.items():
        for what, times in zip(found, zip(*all_[1:], strict=True), strict=True):
            found[what][way] = round(statistics.median(times), 2)
    moves = {way: round(statistics.median(times), 3) for way, times in moves.items()}
    return found | {"move": moves, "rounds": rounds}


def rate(name: str, folder: Path) -> Figures:
    """Make all reports of a pack anew; return how many, and how many a minute."""
    began = time.perf_counter()
    made = pack.run_pack(name, out=folder, fresh=True)
    good, seconds = sum(result.good for result in made.results), time.perf_counter() - began
    told = {"pack": name, "reports": len(made.results), "good": good}
    return told | {"reports a minute": round(60 * good / seconds, 1)}


def table(figures: Figures) -> str:
    """Return one kind of figures as a table: a row for each, or a column for each way."""
    ways = ["ours", "stock", "stock, heated"]
    head = ["seconds, medians", *ways] if "move" in figures else ["", ""]
    rows = [
        [what, *(str(found.get(way, "–")) for way in ways)]
        if isinstance(found, dict)
        else [what, str(found)]
        for what, found in figures.items()
        if what != "rounds"
    ]
    marks = ["---", *["---:"] * (len(head) - 1)]
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, marks, *rows))


def write(figures: Figures) -> None:
    """Write the figures and their page."""
    OUT.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
    told = {what: table(figures[what]) for what in ("beside", "crowd", "pack")}
    about = ", ".join(f"{name} {value}" for name, value in figures["machine"].items())
    loads, rounds = " to ".join(map(str, figures["load"])), figures["beside"]["rounds"]
    text = TEMPLATE.read_text("utf-8").format(machine=about, load=loads, rounds=rounds, **told)
    OUT.with_suffix(".md").write_text(text, "utf-8")


def load() -> float:
    """Return how many processes wanted to run in the last minute."""
    return round(os.getloadavg()[0], 1)


def main(visitors: int = 50, rounds: int = 5, name: str = "segments") -> None:
    """Measure all, print each kind of figures when it is there, and write the page."""
    figures: Figures = {"machine": machine() | {"voila": version("voila")}, "load": [load()]}
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        if "WORKBENCH_HOME" not in os.environ:
            os.environ["WORKBENCH_HOME"] = str(folder / "home")
            sample.load(paths.home(), progress=str)
        with serving(folder, paths.home(), f"visitors={visitors}") as server:
            figures["crowd"] = asyncio.run(crowd(server, visitors))
        print(table(figures["crowd"]), flush=True)
        copies(folder)
        with (
            serving(folder, paths.home()) as server,
            stock(folder) as plain,
            stock(folder, "--preheat_kernel=True") as heated,
        ):
            figures["beside"] = beside(server.address, plain, heated, rounds)
        print(table(figures["beside"]), flush=True)
        figures["pack"] = rate(name, folder / "pack")
        print(table(figures["pack"]), flush=True)
    figures["load"].append(load())
    write(figures)


if __name__ == "__main__":
    given = sys.argv[1:]
    main(*map(int, given[:2]), *given[2:3])
