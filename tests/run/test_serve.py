"""The app server from outside: what it answers, and what it must refuse."""

import re
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from attacker import Message, link
from loops import finish
from served import Served, served

from workbench.run.kernels import clean
from workbench.run.serve import CannotServe, serve

APP = "/app/segments/tiny"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """An app server with a small project, one for all tests here."""
    with served(tmp_path_factory.mktemp("project")) as running:
        yield running


def visit(server: Served) -> tuple[str, str]:
    """Open an app; return the visitor's cookie and the id of his kernel."""
    status, text, headers = server.ask(APP)
    assert status == 200
    found = re.search(r'"kernelId": "([\w-]+)"', text)
    assert found
    return headers["Set-Cookie"].split(";")[0], found[1]


def test_an_unknown_app_is_not_found(server: Served) -> None:
    """The page says so in the house style and names the nearest."""
    status, text, _ = server.ask("/app/segments/tony")
    assert status == 404
    assert "did you mean" in text
    assert "workbench.css" in text


@pytest.mark.parametrize(
    "path",
    [
        "/voila/files/secret.png",
        "/files/secret.png",
        "/secret.png",
        "/workbench.css/../../secret.png",
        "/voila/static/../../../secret.png",
        "/voila/static/%2e%2e/%2e%2e/%2e%2e/secret.png",
        "/voila/static/etc/passwd",
        "/voila/labextensions/../../../../../etc/passwd",
        "/voila/templates/workbench/static/../index.html.j2",
        "/voila/templates/lab/static/index.css",
        "/voila/render/segments/tiny.ipynb",
        "/voila/tree",
        "/voila/api/contents",
        "/api/contents",
        "/api/kernels",
        "/app/driver.ipynb",
        "/app/../driver",
        "/login",
        "/lab",
    ],
)
def test_nothing_else_is_served(server: Served, path: str) -> None:
    """No file of the project or the machine, and no interface of Jupyter, has an address."""
    status, text, _ = server.ask(path)
    assert status in (403, 404)
    assert "secret" not in text.replace(path, "")
    assert "root:" not in text


@pytest.mark.parametrize("name", ["theme", "template"])
def test_the_look_cannot_be_chosen_by_a_link(server: Served, name: str) -> None:
    """A theme or template in the link neither runs as script nor changes the page."""
    attack = '"><script>alert(1)</script>'
    status, text, _ = server.ask(f"{APP}?{name}={quote(attack)}")
    assert status == 200
    assert attack not in text
    assert 'data-jp-theme-name="JupyterLab Light"' in text
    assert "wb-controls" in text


def test_only_this_server_may_be_asked(server: Served) -> None:
    """The policy of a page names no source but this server, and no script within the page."""
    _, _, headers = server.ask("/")
    policy = headers["Content-Security-Policy"]
    assert "default-src 'self'; script-src 'self' blob:;" in policy
    assert not re.search(r"https?:|\*|unsafe-eval", policy)


def test_a_foreign_host_name_is_refused(server: Served) -> None:
    """A name that somebody else pointed at this server gets no page."""
    for name in ("evil.example", "localhost.evil.example", "evil.example:80"):
        assert server.ask("/", Host=name)[0] == 421
    assert server.ask("/", Host=f"localhost:{server.port}")[0] == 200


def test_a_visitor_cannot_run_code(server: Served) -> None:
    """An execute request over the visitor's own websocket is dropped."""
    cookie, kernel = visit(server)
    marker = server.folder / "ran"
    code = f"open({str(marker)!r}, 'w').close()"
    finish(_send(server, cookie, kernel, code))
    assert not marker.exists()


def test_a_visitor_reaches_no_other_session(server: Served) -> None:
    """Who knows another's kernel id can neither see, use nor end it."""
    own, kernel = visit(server)
    other, _ = visit(server)
    for path, method in [
        (f"/api/kernels/{kernel}", "GET"),
        (f"/session/{kernel}", "GET"),
        (f"/voila/api/shutdown/{kernel}", "POST"),
    ]:
        assert server.ask(path, method, Cookie=other)[0] == 404
    upgrade = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec_WebSocket_Version": "13"}
    upgrade |= {"Sec_WebSocket_Key": "AAAAAAAAAAAAAAAAAAAAAA==", "Origin": server.address}
    channels = f"/api/kernels/{kernel}/channels?session_id=other"
    assert server.ask(channels, Cookie=other, **upgrade)[0] == 404
    assert server.ask(f"/session/{kernel}", Cookie=own)[0] == 204


def test_a_session_ends_when_its_page_is_left(server: Served) -> None:
    """The beacon of a closed tab ends the kernel, though it carries no XSRF token."""
    cookie, kernel = visit(server)
    assert server.ask(f"/voila/api/shutdown/{kernel}", "POST", Cookie=cookie)[0] == 204
    assert server.ask(f"/session/{kernel}", Cookie=cookie)[0] == 404


def test_state_and_figures_take_a_line_each(server: Served) -> None:
    """Jupyter's widgets, told late, ask every widget for its state and wait for all of them."""
    cookie, kernel = visit(server)

    async def look() -> tuple[Message, Message]:
        async with (
            link(server, cookie, kernel, session="page") as page,
            link(server, cookie, kernel) as widgets,
        ):
            ready = {"method": "custom", "content": {"kind": "ready"}}
            await page.send("comm_msg", {"comm_id": "page", "data": ready})
            told = await page.hear("comm_msg", '"kind": "tables"')
            asked = {"comm_id": "page", "data": {"method": "request_state"}}
            await widgets.send("comm_msg", asked)
            state = await widgets.hear("comm_msg", '"comm_id": "page"')
            return told, state

    told, state = finish(look())
    assert told["content"]["data"]["method"] == "custom"
    assert state["content"]["data"]["method"] == "update"
    assert server.ask(f"/voila/api/shutdown/{kernel}", "POST", Cookie=cookie)[0] == 204


def test_a_kernel_cannot_be_ended_from_the_interface(server: Served) -> None:
    """DELETE on a kernel is no way to end it."""
    cookie, kernel = visit(server)
    assert server.ask(f"/api/kernels/{kernel}", "DELETE", Cookie=cookie)[0] in (403, 405)
    assert server.ask(f"/session/{kernel}", Cookie=cookie)[0] == 204


def test_a_full_server_says_so_politely(tmp_path: Path) -> None:
    """When all places are taken the page says so and when it tries again."""
    with served(tmp_path, "visitors=0") as full:
        status, text, headers = full.ask(APP)
    assert status == 503
    assert headers["Retry-After"] == "30"
    assert "All places are taken" in text


def test_a_taken_port_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The error names the port and the option that chooses another."""
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path))
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(CannotServe, match=rf"{port}.*--port"):
            serve(port)


def test_notebooks_see_no_secrets() -> None:
    """Of the server's environment kernels get what they need and nothing else."""
    given = {"PATH": "/bin", "WORKBENCH_HOME": "/home", "AWS_SECRET_ACCESS_KEY": "x", "TOKEN": "x"}
    given |= {"WORKBENCH_SMTP_PASSWORD": "x", "WORKBENCH_WEBHOOK_SALES": "https://x.example/x"}
    assert clean(given) == {"PATH": "/bin", "WORKBENCH_HOME": "/home"}


async def _send(server: Served, cookie: str, kernel: str, code: str) -> None:
    """Send an execute request, then wait for the answer to an innocent one behind it."""
    async with link(server, cookie, kernel) as own:
        for channel in ("control", "shell"):
            await own.send("execute_request", {"code": code, "silent": False}, channel)
            await own.send("kernel_info_request", {}, channel)
        await own.hear("kernel_info_reply")
