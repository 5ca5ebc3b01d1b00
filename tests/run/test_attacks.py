"""Attacks on the app server, each refused, with the apps still working.

The labels a01 to a12 are those of the attacks that were tried on the bare stack.
"""

import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote, urlencode

import argon2
import nbformat
import pytest
from attacker import V1, link
from loops import finish
from served import Served, cells, served
from tornado.httpclient import HTTPClientError

from workbench.actions import Action, deeds
from workbench.run.access import hashed

APP = "/app/segments/tiny"
HASH = "argon2:" + argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(
    "pass word"
)
TOKEN = "k" * 32
ACCESS = f"""
roles:
  analyst: {{apps: ["*"], customers: yes, export: yes, act: yes}}
  manager: {{apps: ["segments/*", "person"]}}
people:
  ana: {{role: analyst, password: "{HASH}"}}
  ben: {{role: manager, password: "{HASH}"}}
  slow: {{role: manager, password: "{HASH}"}}
  screen: {{role: manager, token: "{hashed(TOKEN)}"}}
proxy: {{header: X-Forwarded-User, from: [127.0.0.2]}}
"""
OFFER = [
    ("markdown", "# Offer\n\nWhat?"),
    ("code", "from workbench.actions import Action\nfrom workbench.kinds import Int, Text"),
    ("code", "from workbench.paths import home\nimport polars as pl"),
    ("code", 'bands: Int[3, 10] = 5  # scores\nnote: Text = "n"  # yours', "parameters"),
    ("code", "bands"),
    ("code", "table = pl.DataFrame({'note': [note]})"),
    ("code", "Action('Keep', 'Keep?', lambda: str((home() / 'kept').write_text('x')))"),
    ("code", "100 // (bands - 5)"),
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server that names its people, with an app that acts and one of a single customer."""
    with served(tmp_path_factory.mktemp("attacked")) as running:
        (running.folder / "home").mkdir(exist_ok=True)
        (running.folder / "home" / "access.yaml").write_text(ACCESS)
        notebooks = running.folder / "notebooks"
        nbformat.write(cells(*OFFER), notebooks / "segments" / "offer.ipynb")
        person = cells(("markdown", "# Person\n\nWho?"), ("code", "1"))
        person.metadata["workbench"] = {"private": True}
        nbformat.write(person, notebooks / "person.ipynb")
        yield running


@pytest.fixture(scope="module")
def ana(server: Served) -> str:
    """The cookie of a person who may do everything."""
    return signed_in(server, "ana")


@pytest.fixture(scope="module")
def ben(server: Served) -> str:
    """The cookie of a person who may look at segments."""
    return signed_in(server, "ben")


def signing_in(
    server: Served, name: str, word: str, path: str = "/login", source: str = "", **more: str
) -> tuple[int, str, str]:
    """Fill in the form; return the status, the session's cookie and where it leads."""
    _, page, headers = server.ask("/login")
    mark = re.search(r'name="_xsrf" value="([^"]+)"', page)
    assert mark
    body = urlencode({"name": name, "password": word, "_xsrf": mark[1], **more})
    form = {"Cookie": headers["Set-Cookie"], "Content_Type": "application/x-www-form-urlencoded"}
    status, _, answer = server.ask(path, "POST", body, source, **form)
    return status, (answer["Set-Cookie"] or "").partition(";")[0], answer["Location"] or ""


def signed_in(server: Served, name: str) -> str:
    """Return the cookie of a person's session."""
    status, cookie, _ = signing_in(server, name, "pass word")
    assert status == 302
    return cookie


def visit(server: Served, cookie: str, path: str = "/app/segments/offer") -> str:
    """Open an app and return the id of its kernel."""
    status, text, _ = server.ask(path, Cookie=cookie)
    found = re.search(r'"kernelId": "([\w-]+)"', text)
    assert status == 200
    assert found
    return found[1]


def leave(server: Served, cookie: str, kernel: str) -> None:
    """Leave an app as a closed tab does."""
    assert server.ask(f"/voila/api/shutdown/{kernel}", "POST", Cookie=cookie)[0] == 204


KINDS = (
    "execute",
    "debug",
    "complete",
    "inspect",
    "history",
    "is_complete",
    "shutdown",
    "interrupt",
)


def test_a01_no_message_runs_code(server: Served, ben: str) -> None:
    """Thirty-two ways of asking are dropped, over both protocols; the app's own still work."""
    kernel, marker = visit(server, ben), server.folder / "ran"
    content = {"code": f"open({str(marker)!r}, 'w')", "silent": False, "restart": False}
    content |= {"cursor_pos": 5, "hist_access_type": "tail", "command": "evaluate", "n": 9}

    async def attack(*protocols: str) -> None:
        async with link(server, ben, kernel, protocols) as own:
            for kind in KINDS:
                for channel in ("shell", "control"):
                    await own.send(f"{kind}_request", content, channel)
            await own.send("kernel_info_request", {})
            await own.hear("kernel_info_reply")
            answered = {message["header"]["msg_type"] for message in own.heard}
            assert not answered & {f"{kind}_reply" for kind in KINDS}

    finish(attack())
    finish(attack(V1))
    assert not marker.exists()
    assert server.ask(f"/session/{kernel}", Cookie=ben)[0] == 204
    leave(server, ben, kernel)


def test_a02_no_widget_can_be_made_to_do_more(server: Served, ben: str) -> None:
    """Forced values, other limits, forged widgets and messages not in a role change nothing."""
    kernel = visit(server, ben)
    forged = {"_model_name": "FileUploadModel", "_model_module": "@jupyter-widgets/controls"}
    state = {
        "value": 99,
        "min": 0,
        "max": 99,
        "disabled": False,
        "_dom_classes": ["x"],
        "name": "../x",
    }
    wanted = [{"kind": "act", "label": "Keep", "mark": "x"}]
    wanted += [{"kind": "take", "name": "table", "form": form} for form in ("csv", "../x", "xlsx")]

    async def attack() -> list[str]:
        async with link(server, ben, kernel) as own:
            comms = await own.comms()
            for comm in comms:
                update = {"method": "update", "state": state, "buffer_paths": []}
                await own.send("comm_msg", {"comm_id": comm, "data": update})
                for content in wanted:
                    sent = {"method": "custom", "content": content}
                    await own.send("comm_msg", {"comm_id": comm, "data": sent})
            for target in ("jupyter.widget", "nowhere"):
                opened = {"comm_id": "f" * 32, "target_name": target, "data": {"state": forged}}
                await own.send("comm_open", opened)
            await own.hear("comm_msg", "allowed")
            ready = {"method": "custom", "content": {"kind": "ready"}}
            for comm in comms:
                await own.send("comm_msg", {"comm_id": comm, "data": ready})
            await own.hear("comm_msg", '"kind": "cell", "position": 4')
            return [json.dumps(message) for message in own.heard]

    heard = finish(attack())
    shown = [text for text in heard if '"kind": "cell", "position": 4' in text]
    assert shown
    assert all('"text/plain": "5"' in text for text in shown)
    assert not any('"kind": "file"' in text or '"kind": "done"' in text for text in heard)
    assert not (server.folder / "home" / "kept").exists()
    leave(server, ben, kernel)


SECRETS = [
    *("/", APP, "/app/segments/offer", "/app/person", "/reports/segments/tiny/report.html"),
    *("/freeze/segments/tiny", "/packs/demo/index.html", "/api/kernels", "/api/contents"),
    *(
        "/voila/files/secret.png",
        "/files/secret.png",
        "/secret.png",
        "/access.yaml",
        "/logs/access.log",
    ),
    *("/reports/../access.yaml", "/reports/%2e%2e/access.yaml", "/packs/../access.yaml"),
    *("/reports//etc/passwd", "/reports/..%2f..%2fsecret.png", "/static/../../secret.png"),
    *("/voila/static/%2e%2e/%2e%2e/secret.png", "/voila/static//etc/passwd", "/workbench.css/../x"),
    *("/voila/render/segments/tiny.ipynb", "/voila/tree", "/lab", "/tree", "/terminals/1"),
    *("/api/status", "/api/me", "/metrics", "/nbconvert/html/segments/tiny.ipynb", "/view/x"),
]


@pytest.mark.parametrize("path", SECRETS)
def test_a03_nothing_is_served_to_a_stranger(server: Served, path: str) -> None:
    """Neither pages nor files; a forged cookie, a wrong token or a header changes nothing."""
    forged = "username-127-0-0-1=2|1:0|10:1|8:username|4:eHg=|abc"
    for headers in (
        {},
        {"Cookie": forged},
        {"Authorization": "token x"},
        {"X_Forwarded_User": "ana"},
    ):
        status, text, _ = server.ask(path, **headers)
        assert status in (302, 403, 404, 405)
        assert not re.search("secret(?!.png)|root:|argon2|kernelId", text)


def test_a04_no_text_of_a_link_becomes_markup(server: Served, ben: str) -> None:
    """Scripts in paths, in the way back, in a theme or a template are text, or not shown."""
    attack = '"><script>alert(1)</script>'
    for path in (f"/app/{attack}", f"/reports/{attack}", f"/{attack}", f"/login?next={attack}"):
        assert attack not in server.ask(quote(path, safe="/?="), Cookie=ben)[1]
    paths = [f"?{name}={quote(attack)}" for name in ("theme", "template", "note", attack)]
    for query in paths[:2]:
        status, text, _ = server.ask("/app/segments/nosuch" + query, Cookie=ben)
        assert (status, attack in text) == (404, False)


@pytest.mark.parametrize(
    "to", ["//evil.example", "https://evil.example/", r"\\evil.example", "/\\evil"]
)
def test_a04_signing_in_leads_nowhere_else(server: Served, to: str) -> None:
    """The way back after signing in stays on this server."""
    status, _, leads = signing_in(
        server, "ana", "pass word", path=f"/login?next={quote(to, safe='')}"
    )
    assert status == 302
    assert re.fullmatch(r"/(evil|evil\.example)?/?", leads)


def test_a05_only_as_many_kernels_as_there_are_places(tmp_path: Path) -> None:
    """Six visits at once to two places: two apps, four polite refusals, none without a person."""
    with served(tmp_path, "visitors=2") as small, ThreadPoolExecutor(6) as pool:
        for told in ({"Sec_Fetch_Dest": "image"}, {"Sec_Purpose": "prefetch"}):
            assert small.ask(APP, **told)[0] == 403
        answers = list(pool.map(lambda _: small.ask(APP), range(6)))
    assert sorted(status for status, _, _ in answers) == [200, 200, 503, 503, 503, 503]


def test_a06_no_traceback_leaves_the_kernel(server: Served, ana: str) -> None:
    """Neither a failing cell nor nonsense sent to every widget tells a line of code."""
    kernel = visit(server, ana)
    nonsense = [{"method": "update", "state": {"value": {"a": [1]}}}, {"method": "custom"}, {}]
    nonsense += [{"method": "custom", "content": {"kind": "act", "label": 1}}]

    async def attack() -> str:
        async with link(server, ana, kernel) as own:
            comms = await own.comms()
            for comm in comms:
                for data in nonsense:
                    await own.send("comm_msg", {"comm_id": comm, "data": data})
                ready = {"method": "custom", "content": {"kind": "ready"}}
                await own.send("comm_msg", {"comm_id": comm, "data": ready})
            await own.hear("comm_msg", "division or modulo by zero")
            await own.send("kernel_info_request", {})
            await own.hear("kernel_info_reply")
            return json.dumps(own.heard[:-1])

    heard = finish(attack())
    found = re.search(r'.{0,300}(Traceback|File \\"|line \d+, in |\.py\b).{0,500}', heard)
    assert not found, found[0] if found else ""
    leave(server, ana, kernel)


CODE = "__import__('pathlib').Path({!r}).touch()"


def test_a07_neither_names_nor_values_of_a_link_are_code(server: Served, ana: str) -> None:
    """Hostile values arrive as text, hostile names are told to be none, by app and by freezing."""
    marker = str(server.folder / "ran")
    code = CODE.format(marker)
    values = [f"{q}){q};{code}#" for q in ("'", '"', "'''", '"""', "\\", "\n", "{{", "%s")]
    names = [f"x=1;{code}#", f"note={code}", "__class__", "note;import os", "\0", "_"]
    for value in values:
        body = json.dumps({"query": urlencode({"bands": value})})
        assert frozen(server, ana, body)[0] == 400
    asked = dict.fromkeys(names, "1") | {"note": values[0]}
    kernel = visit(server, ana, f"/app/segments/offer?{urlencode(asked)}")

    async def look() -> None:
        async with link(server, ana, kernel) as own:
            for comm in await own.comms():
                ready = {"method": "custom", "content": {"kind": "ready"}}
                await own.send("comm_msg", {"comm_id": comm, "data": ready})
            await own.hear("comm_msg", "is not a parameter")
            await own.hear("comm_msg", '"kind": "tables"')

    finish(look())
    assert not Path(marker).exists()
    leave(server, ana, kernel)


def test_a_link_cannot_act_in_the_name_of_another(server: Served, ana: str, ben: str) -> None:
    """What is done is written down as done by who signed in; who may not act does not see it."""
    asked = urlencode({"who": "ben", "role": "manager", "note": "', who='ben"})
    kernel = visit(server, ana, f"/app/segments/offer?{asked}")
    confirmed = {"kind": "act", "label": "Keep", "mark": Action("Keep", "Keep?", str).mark}

    async def act() -> None:
        async with link(server, ana, kernel) as own:
            comms = await own.comms()
            for content in ({"kind": "ready"}, confirmed):
                for comm in comms:
                    data = {"method": "custom", "content": content}
                    await own.send("comm_msg", {"comm_id": comm, "data": data})
                if content != confirmed:
                    await own.hear("comm_msg", '"kind": "tables"')
            await own.hear("comm_msg", '"kind": "done"')

    finish(act())
    leave(server, ana, kernel)
    (server.folder / "home" / "kept").unlink()
    done = deeds(server.folder / "home").row(0, named=True)
    assert (done["who"], done["role"], done["label"]) == ("ana", "analyst", "Keep")
    assert "ana (analyst)" in server.ask("/packs/index.html", Cookie=ana)[1]
    assert "ana (analyst)" not in server.ask("/packs/index.html", Cookie=ben)[1]


def frozen(server: Served, cookie: str, body: str, name: str = "segments/offer") -> tuple[int, str]:
    """Ask for a report with a visitor's mark against forged requests."""
    _, _, headers = server.ask("/login", Cookie=cookie)
    mark = headers["Set-Cookie"].split(";")[0]
    sent = {"Cookie": f"{cookie}; {mark}", "X_XSRFToken": mark.partition("=")[2]}
    status, text, _ = server.ask(f"/freeze/{name}", "POST", body, **sent)
    return status, text


def test_a10_nobody_sets_a_password_over_the_net(server: Served) -> None:
    """The form of the bare stack for a new password is no way in."""
    status, _, _ = server.ask("/login", "POST", "new_password=x&password=")
    assert status == 403
    assert signing_in(server, "ana", "", new_password="x")[0] == 401  # noqa: S106 - not one of ours


def test_a11_a_wrong_password_is_told_and_soon_has_to_wait(server: Served) -> None:
    """Neither a wrong word nor an unknown name comes in; the sixth try in a minute waits."""
    tries = [("slow", ""), ("slow", "x"), ("slow", HASH), ("nobody", "x"), ("ben", "pass word ")]
    assert [signing_in(server, *words, source="127.0.0.3")[0] for words in tries] == [401] * 5
    assert signing_in(server, "ana", "pass word", source="127.0.0.3")[0] == 429
    assert signing_in(server, "ana", "pass word")[0] == 302
    with ThreadPoolExecutor(12) as pool:
        hurried = pool.map(lambda _: signing_in(server, "x", "x", source="127.0.0.5")[0], range(12))
    assert sorted(hurried) == [401] * 5 + [429] * 7


def test_a11_a_role_opens_does_and_takes_what_it_says(server: Served, ana: str, ben: str) -> None:
    """Who may look at segments sees no other card, no customer, and leaves no report."""
    opened = {path: server.ask(path, Cookie=ben)[0] for path in ("/app/lakeless", "/app/person")}
    assert set(opened.values()) == {403}
    assert "lakeless" not in server.ask("/", Cookie=ben)[1]
    assert "app/lakeless" in server.ask("/", Cookie=ana)[1]
    assert "app/person" in server.ask("/", Cookie=ana)[1]
    assert frozen(server, ben, "{}")[0] == 403
    assert frozen(server, ana, "{}", "person")[0] == 403


def leave_report(server: Served, place: str, notebook: str) -> None:
    """Leave what a run of a notebook leaves, in a folder of the home."""
    out = server.folder / "home" / place
    out.mkdir(parents=True)
    (out / "report.html").write_text("<p>figures</p>")
    run = {"notebook": notebook, "title": "", "status": "done", "started": "2026-01-02"}
    run |= {"parameters": {}, "source": {}, "package_version": ""}
    (out / "run.json").write_text(json.dumps(run))


def test_a11_a_report_opens_to_whom_its_notebook_does(server: Served, ana: str, ben: str) -> None:
    """A report is shut in by its policy; without a notebook it may be of a single customer."""
    notebooks, pinned = server.folder / "notebooks", server.folder / "reports" / "pinned"
    (pinned / "segments").mkdir(parents=True)
    tiny = (notebooks / "segments" / "tiny.ipynb").read_bytes()
    (pinned / "segments" / "tiny@0f3b9c12.ipynb").write_bytes(tiny)
    opened = {"segments/tiny": 200, "segments/tiny@0f3b9c12": 200}
    opened |= {"lakeless": 403, "segments/gone": 403, "segments/gone@0f3b9c12": 403}
    for name, status in opened.items():
        leave_report(server, f"reports/{name}", name)
        address = f"/reports/{name}/report.html"
        assert server.ask(address, Cookie=ben)[0] == status
        sent = server.ask(address, Cookie=ana)
        assert sent[:2] == (200, "<p>figures</p>")
        assert sent[2]["Content-Security-Policy"].startswith("sandbox allow-scripts allow-popups")
        assert server.ask(f"/reports/{name}/run.json", Cookie=ana)[0] == 404


def test_a11_a_packs_page_opens_to_whom_all_its_reports_do(
    server: Served, ana: str, ben: str
) -> None:
    """It tells what all of them found; what has no record opens to whom everything is open."""
    inside = {"open": ["segments/tiny"], "mixed": ["segments/tiny", "lakeless"], "copied": []}
    for pack, notebooks in inside.items():
        folder = server.folder / "home" / "packs" / pack
        folder.mkdir(parents=True)
        for page in ("index.html", "report.html"):
            (folder / page).write_text("<p>findings</p>")
        for name in notebooks:
            leave_report(server, f"packs/{pack}/{name}", name)
    asked = [f"/packs/{pack}/index.html" for pack in inside] + ["/packs/copied/report.html"]
    assert [server.ask(path, Cookie=ben)[0] for path in asked] == [200, 403, 403, 403]
    assert [server.ask(path, Cookie=ana)[0] for path in asked] == [200, 200, 200, 200]


def test_a11_a_token_opens_and_does_not_stay_in_the_address(server: Served) -> None:
    """The link of a screen signs it in, and leads to the same page without the token."""
    status, _, headers = server.ask(f"{APP}?note=a%26b&token={TOKEN}")
    assert (status, headers["Location"]) == (302, f"{APP}?note=a%26b")
    cookie = headers["Set-Cookie"].partition(";")[0]
    assert "segments/tiny" in server.ask("/", Cookie=cookie)[1]
    assert server.ask("/?token=wrong", source="127.0.0.4")[0] == 302
    assert "HttpOnly" in headers["Set-Cookie"]


def test_a11_a_proxy_is_believed_from_its_address_only(server: Served) -> None:
    """The header of somebody else is worth nothing, and a stranger's name neither."""
    assert server.ask("/", source="127.0.0.2", X_Forwarded_User="ben")[0] == 200
    assert server.ask("/", source="127.0.0.2", X_Forwarded_User="eve")[0] == 302
    assert server.ask("/", X_Forwarded_User="ben")[0] == 302


def test_a11_signing_out_ends_the_session_and_needs_its_mark(server: Served) -> None:
    """The browser forgets the session; another page's form cannot do it."""
    cookie = signed_in(server, "ana")
    assert server.ask("/logout", "POST", Cookie=cookie)[0] == 403
    _, page, headers = server.ask("/", Cookie=cookie)
    mark = re.search(r'name="_xsrf" value="([^"]+)"', page)
    assert mark
    both = f"{cookie}; {headers['Set-Cookie'].partition(';')[0]}"
    sent = {"Cookie": both, "Content_Type": "application/x-www-form-urlencoded"}
    status, _, answer = server.ask("/logout", "POST", urlencode({"_xsrf": mark[1]}), **sent)
    assert status == 302
    assert cookie.partition("=")[0] + '=""' in answer["Set-Cookie"]


def test_a11_a_session_is_not_shared(server: Served, ben: str) -> None:
    """Another session of the very same person reaches no kernel of this one."""
    kernel = visit(server, ben)
    other = signed_in(server, "ben")
    assert server.ask(f"/session/{kernel}", Cookie=other)[0] == 404
    with pytest.raises(HTTPClientError, match="404"):
        finish(_attach(server, other, kernel))
    with pytest.raises(HTTPClientError, match="403"):
        finish(_attach(server, ben, kernel, "http://evil.example"))
    leave(server, ben, kernel)


async def _attach(server: Served, cookie: str, kernel: str, origin: str = "") -> None:
    async with link(server, cookie, kernel, origin=origin):
        pass


ODD = [
    *("/%00", "/app/%00", "/app/" + "a" * 3000, "/app/..", "/app/%ff", "/app/segments//tiny"),
    *("/reports/%00/report.html", "/app/segments/tiny.ipynb", "//evil.example/", "/?token=%ff"),
    *("/app/segments/../segments/tiny", "/session/x", "/app/ segments/tiny"),
]


@pytest.mark.parametrize("path", ODD)
def test_a12_no_odd_address_breaks_the_server(server: Served, ana: str, path: str) -> None:
    """It is not found, or refused, and never an error of the server."""
    status, text, _ = server.ask(path.replace(" ", "%20"), Cookie=ana)
    assert status in (302, 400, 404)
    assert "Traceback" not in text


def test_a_mistake_in_the_file_leaves_the_access_as_it_was(server: Served, ana: str) -> None:
    """Who was in stays in, and the log says what is wrong; a good file counts at once."""
    file = server.folder / "home" / "access.yaml"
    file.write_text(ACCESS.replace("role: analyst", "role: boss"))
    assert server.ask("/", Cookie=ana)[0] == 200
    assert "'boss'" in (server.folder / "server.log").read_text()
    file.write_text(ACCESS.replace("ana:", "anna:"))
    assert server.ask("/", Cookie=ana)[0] == 302
    file.write_text(ACCESS)
    assert server.ask("/", Cookie=ana)[0] == 200


def test_what_was_asked_is_logged_without_secrets(server: Served, ana: str) -> None:
    """Who, what and how it ended; no token, no password, no parameter."""
    server.ask(f"/?token={TOKEN}&customer=4711")
    server.ask("/", Cookie=ana)
    log = (server.folder / "home" / "logs" / "access.log").read_text()
    assert '127.0.0.1 "ana" GET / 200' in log
    said = log + (server.folder / "server.log").read_text()
    assert not any(word in said for word in (TOKEN, "4711", "pass word", ana.partition("=")[2]))
