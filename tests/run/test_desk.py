"""The analyst's desk: JupyterLab's first page, on its own server."""

import html
import http.client
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlencode

import nbformat
import pytest
from served import free_port
from tiny import notebook

from workbench import paths

BASE = "/user/workbench"
TOKEN = "a-token-for-this-test"  # noqa: S105 - it opens nothing else
LAB = (
    "import sys; from workbench.run.lab import open_lab; open_lab(int(sys.argv[1]), browser=False)"
)


class Desk:
    """The running server, asked as a browser with its token and cookies would."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.cookies: dict[str, str] = {}

    def ask(
        self, path: str, form: dict[str, str] | None = None, token: str = TOKEN
    ) -> tuple[int, str, dict[str, str]]:
        """Return status, text and headers of an answer."""
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())}
        headers |= {"Authorization": f"token {token}"} if token else {}
        body = None
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            body = urlencode(form)
        link.request("GET" if form is None else "POST", BASE + path, body, headers)
        answer = link.getresponse()
        text = answer.read().decode()
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        link.close()
        return answer.status, text, dict(answer.headers.items())

    def post(self, path: str, **form: str) -> tuple[int, str, dict[str, str]]:
        """Fill in a form of the page."""
        _, page, _ = self.ask("/workbench")
        mark = re.search(r'name="_xsrf" value="([^"]+)"', page)
        assert mark
        return self.ask(path, {"_xsrf": mark[1], **form})


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a good notebook, one that fails and one with a parameter of no kind."""
    folder = tmp_path_factory.mktemp("desk")
    (folder / "templates").symlink_to(paths.templates())
    (folder / "reports").mkdir()
    (folder / "notebooks" / "segments").mkdir(parents=True)
    nodes = {"good": notebook("2 + 2"), "bad": notebook("raise ValueError('50 % of nothing')")}
    nodes["odd"] = notebook("2 + 2", parameters="bands = 5")
    settings = {"ServerApp": {"base_url": BASE}}
    (folder / "jupyter_server_config.json").write_text(json.dumps(settings), encoding="utf-8")
    for name, node in nodes.items():
        nbformat.write(node, folder / "notebooks" / "segments" / f"{name}.ipynb")
    return folder


@pytest.fixture(scope="module")
def desk(project: Path) -> Iterator[Desk]:
    """JupyterLab as `workbench lab` starts it."""
    port = free_port()
    ours = {"WORKBENCH_PROJECT": str(project), "WORKBENCH_HOME": str(project / "home")}
    ours["JUPYTER_CONFIG_PATH"] = str(project)
    process = subprocess.Popen(
        [sys.executable, "-c", LAB, str(port)],
        env=os.environ | ours | {"JUPYTER_TOKEN": TOKEN},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    found = Desk(port)
    try:
        for _ in range(300):
            with suppress(OSError):
                if found.ask("/workbench")[0] == 200:
                    break
            time.sleep(0.1)
        yield found
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=30)


def test_the_desk_offers_to_edit_to_report_and_to_open(desk: Desk) -> None:
    """Every notebook stands there with its three lives; a stranger sees none."""
    status, page, _ = desk.ask("/workbench")
    assert status == 200
    assert "/lab/tree/segments/good.ipynb" in page
    assert 'value="segments/good"' in page
    assert "/app/segments/good" in page
    assert f'<a href="{BASE}/lab">Lab</a>' in page
    assert Desk(desk.port).ask("/workbench", token="")[0] in {302, 403}


def test_a_report_is_made_and_shown_shut_in(desk: Desk) -> None:
    """The form leads to the report; nothing else of the home is shown."""
    status, _, headers = desk.post("/workbench/report", notebook="segments/good")
    made = "/workbench/reports/segments/good/report.html"
    assert (status, headers["Location"]) == (302, BASE + made)
    status, page, headers = desk.ask(made)
    assert status == 200
    assert "Tiny baskets" in page
    assert headers["Content-Security-Policy"].startswith("sandbox")
    assert desk.ask("/workbench/reports/segments/good/run.json")[0] == 404
    assert desk.ask("/workbench/reports/../../notebooks/segments/good.ipynb")[0] == 404


def test_what_cannot_be_reported_says_why_on_the_page(desk: Desk) -> None:
    """In words, without the progress until then: one that fails, an odd one, an unknown one."""
    _, page, _ = desk.post("/workbench/report", notebook="segments/bad")
    why = "ValueError at 'Tiny baskets': 50 % of nothing; the full traceback is in failed.ipynb"
    assert f"segments/bad: segments/bad failed: {why}<" in html.unescape(page)
    status, page, _ = desk.post("/workbench/report", notebook="segments/odd")
    assert (status, "parameters cell, line 1" in page) == (200, True)
    _, page, _ = desk.post("/workbench/report", notebook="segments/god")
    assert "segments/good" in page


def test_an_analysis_is_begun_and_opened(desk: Desk, project: Path) -> None:
    """The form writes the notebook and leads to it; a name that is taken or none is told."""
    status, _, headers = desk.post("/workbench", name="store_loyalty", kind="analysis")
    assert (status, headers["Location"]) == (302, f"{BASE}/lab/tree/analyses/store_loyalty.ipynb")
    begun = project / "notebooks" / "analyses" / "store_loyalty.ipynb"
    assert "# Store loyalty" in begun.read_text(encoding="utf-8")
    assert "is there already" in desk.post("/workbench", name="store_loyalty", kind="analysis")[1]
    assert "small letters" in desk.post("/workbench", name="../<b>", kind="analysis")[1]


def test_another_page_cannot_fill_in_the_form(desk: Desk, project: Path) -> None:
    """Without the page's own mark nothing is begun."""
    signed_in = Desk(desk.port)
    assert signed_in.ask(f"/workbench?token={TOKEN}", token="")[0] == 200
    asked = {"name": "stolen", "kind": "analysis"}
    assert signed_in.ask("/workbench", asked, token="")[0] == 403
    assert not (project / "notebooks" / "analyses" / "stolen.ipynb").exists()
