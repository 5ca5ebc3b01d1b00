"""A report's page: what it shows, what it leaves out, and what it forbids."""

import json
import re
from typing import Any
from urllib.parse import unquote

import pytest
from looks import HOSTILE, Dollars, notebook, profile, prose, shown, worth
from nbformat import v4

from workbench import paths, show
from workbench.run import html, still
from workbench.run.outputs import island

FACTS = {
    "parameters": [("Period", "last 26 weeks", "days to look at"), ("Segment", "At risk", "")],
    "period": "2017-07-03/2017-12-31",
    "data_version": "v3",
    "retailer": "Corner shop",
    "package_version": "0.1.0",
    "git_commit": "0123456789abcdef0123",
    "created": "2026-11-21T21:41:07+00:00",
    "app_link": "http://127.0.0.1:8866/app/segments/rfm?segment=At+risk",
    "notebook": "segments/rfm",
    "synthetic": ["costs"],
    "seconds": {"kernel": 1.25, "compute": 2.0},
}


@pytest.fixture(autouse=True)
def _dollars(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path_factory.getbasetemp() / "charts-home"))
    show.house(Dollars())


def export(*cells: Any, **facts: Any) -> str:
    """Return the page of a notebook with these cells."""
    return html.export(notebook(*cells), title="Who is leaving", facts={**FACTS, **facts})


def text(page: str) -> str:
    """Return the words of the page's body, without scripts and styles."""
    body = re.sub(r"<(script|style)\b.*?</\1>", " ", page.split("<body", 1)[1], flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())


def output(**fields: Any) -> Any:
    """Return a code cell with one raw output."""
    return v4.new_code_cell("x", outputs=[v4.new_output(**fields)])


def test_page_opens_with_title_question_and_source() -> None:
    """Title, the question of the first cell, period, retailer, version, parameters come first."""
    said = text(export())
    assert "Who is leaving The question . Period 3 Jul 2017 – 31 Dec 2017" in said
    assert "Retailer Corner shop Rests on data v3" in said
    assert "Period last 26 weeks days to look at Segment At risk" in said
    assert "Rests on declared data: costs." in said
    assert "21 Nov 2026, 21:41 UTC" in said


def test_page_names_the_passport_it_rests_on() -> None:
    """Colour, counts and what was accepted stand at the head, and in the command at the foot."""
    sentence = "data v3, passport red (2 amber, 1 red), accepted: unknown products"
    said = text(export(rests_on=sentence, accepted=["unknown products"]))
    assert said.count(f"Rests on {sentence}") == 2
    assert "--accept &#39;unknown products&#39;" in said


def test_page_tells_how_to_make_it_again() -> None:
    """The foot holds the command with version and parameters, and what it was made with."""
    said = text(export())
    assert (
        "WORKBENCH_DATA_VERSION=v3 workbench run segments/rfm "
        "-p &#39;period=last 26 weeks&#39; -p &#39;segment=At risk&#39;" in said
    )
    assert "Commit 0123456789ab Made" in said
    assert "Took 3.2 s" in said


def test_page_of_changed_code_says_so() -> None:
    """A commit that does not hold all of the code is not named as if it did."""
    said = text(export(git_commit="0123456789abcdef-dirty"))
    assert "Commit 0123456789ab, with changes since" in said


def test_page_without_facts() -> None:
    """Facts that are not there leave no empty labels."""
    said = text(html.export(notebook(), title="T", facts={}))
    for label in ("Period", "Retailer", "Commit", "Open as an app", "synthetic"):
        assert label not in said


def test_no_code_no_warnings() -> None:
    """Neither code nor prompts nor what went to stderr is on the page; stdout is."""
    page = export(
        shown(show.finding("Seen")),
        output(output_type="stream", name="stderr", text="a warning"),
        output(output_type="stream", name="stdout", text="1 < 2"),
    )
    assert "secret_code" not in page
    assert "a warning" not in page
    assert "<pre>1 &lt; 2</pre>" in page


@pytest.mark.parametrize("tag", ["parameters", "injected-parameters", "hide"])
def test_hidden_cells(tag: str) -> None:
    """The parameters' cells and those tagged hide show nothing."""
    assert "Seen" not in text(export(shown(show.finding("Seen"), tag)))


def test_layout_follows_tags() -> None:
    """A cell's tag is its width, full without one."""
    finding = show.finding("Seen")
    page = export(shown(finding), shown(finding, "half"), shown(finding, "third"))
    assert re.findall(r'<div class="card (\w+)">', page) == ["full", "half", "third"]


def test_headings_step_down_one_at_a_time() -> None:
    """The title is the only first heading, and no level is skipped."""
    page = export(prose("# Again\n\n#### Deep\n\n## Next"))
    assert re.findall(r"<h(\d)", page.split("<footer")[0]) == ["1", "2", "3", "2"]


def test_contents_of_a_long_page() -> None:
    """From three parts on the page lists them, with links that lead somewhere."""
    parts = [prose(f"## Part *{name}* & more") for name in "abc"]
    page = export(*parts)
    links = re.findall(r'<li><a href="#(.*?)">(.*?)</a>', page)
    assert [said for _, said in links] == [f"Part {name} &amp; more" for name in "abc"]
    assert all(f'id="{name}"' in page for name, _ in links)
    assert "On this page" not in export(*parts[:2])


def test_failed_part_says_so() -> None:
    """An error is named on the page, without its traceback, its text escaped."""
    page = export(
        output(output_type="error", ename="ValueError", evalue="<b>no</b>", traceback=["line 1"])
    )
    assert "This part failed.</strong> ValueError: &lt;b&gt;no&lt;/b&gt;" in page
    assert "line 1" not in page


def test_chart_has_caption_picture_and_data() -> None:
    """A chart is a figure: its finding as caption, a still picture, its data for the library."""
    page = export(shown(show.weight(worth())))
    assert "<strong>Champions are 20% of customers and 50% of sales</strong>" in page
    assert re.search(r'<img alt="Champions are 20%[^"]*" src="data:image/svg\+xml,', page)
    spec = re.search(r'id="chart-1-spec">(.*?)</script>', page)
    assert spec is not None
    assert "title" not in json.loads(spec[1])


def test_numbers_in_a_picture_keep_their_decimals() -> None:
    """Its measures have one decimal at most, what is written in it has all of them."""
    mark = {"type": "text", "text": "$12.99", "x": 20.125}
    spec = {"data": {"values": [{}]}, "mark": mark, "title": "1.25 a day"}
    drawn = unquote(str(still.still(spec, width=100)))
    assert sorted(re.findall(r">([^<>]*\d[^<>]*)<", drawn)) == ["$12.99", "1.25 a day"]
    assert not re.search(r"\d\.\d\d", re.sub(r">[^<>]*<", "><", drawn))


def test_page_without_charts_carries_no_library() -> None:
    """The chart library is there only for charts, and once for all of them."""
    charts = [shown(show.weight(worth())) for _ in "ab"]
    assert 'id="chart-library"' not in export()
    assert export(*charts).count('id="chart-library"') == 1


def test_size() -> None:
    """Ten charts with their library stay below 0.9 MB."""
    assert len(export(*[shown(show.weight(worth())) for _ in range(10)]).encode()) < 900_000


def test_page_is_the_same_again() -> None:
    """The same notebook and facts give the same page."""
    cells = [shown(show.weight(worth())), shown(show.table(worth()))]
    assert export(*cells) == export(*cells)


def test_broken_cache_is_made_again() -> None:
    """A chart library cut short on disk is not used."""
    chart = shown(show.weight(worth()))
    whole = export(chart)
    (kept,) = (paths.home() / "cache").glob("charts-*.js.gz")
    kept.write_bytes(kept.read_bytes()[:1000])
    assert export(chart) == whole


def test_policy_forbids_requests_and_foreign_scripts() -> None:
    """The page's own policy lets only its two scripts run, and nothing be requested."""
    page = export(shown(show.weight(worth())))
    policy = re.search(r'Content-Security-Policy" content="(.*?)"', page)
    assert policy is not None
    rules = dict(rule.split(" ", 1) for rule in policy[1].replace("&#39;", "'").split("; "))
    assert rules["default-src"] == "'none'"
    assert rules["img-src"] == "data:"
    assert len(re.findall(r"'sha256-[\w+/]{43}='", rules["script-src"])) == 2
    assert "unsafe" not in rules["script-src"]


def test_page_names_no_foreign_address() -> None:
    """No element of the page loads anything from elsewhere."""
    page = export(shown(show.weight(worth())), shown(show.table(worth())))
    markup = re.sub(r"<script\b.*?</script>", "", page, flags=re.DOTALL)
    assert re.findall(r"<link\b|<iframe\b|@import|url\((?!%23)", markup) == []
    assert {source[:5] for source in re.findall(r'\ssrc="([^"]*)"', markup)} == {"data:"}


def test_app_link_must_be_a_page() -> None:
    """An address that is no web page makes no link."""
    assert "Open as an app" not in export(app_link="javascript:alert(1)")
    assert ">glossary</a>" not in export(glossary="javascript:alert(1)")
    address = "https://a.example/app/glossary"
    assert f'href="{address}"' in export(glossary=address)


def test_facts_and_labels_are_escaped() -> None:
    """Markup in parameters, retailer, chart or plain output stays text."""
    page = export(
        shown(show.weight(worth(HOSTILE))),
        shown(show.index(profile(HOSTILE), "At risk")),
        output(output_type="display_data", data={"text/plain": HOSTILE}),
        output(output_type="display_data", data={"text/markdown": HOSTILE}),
        retailer=HOSTILE,
        parameters=[(HOSTILE, HOSTILE, HOSTILE)],
        synthetic=HOSTILE,
    )
    assert "<script>window" not in page
    assert "<img src=x" not in page
    assert page.count("</script>") == page.count("<script")


def test_island_is_json_that_cannot_end_its_element() -> None:
    """Data for the charts survives as it was, and holds no sign that HTML reads."""
    value = {"name": HOSTILE, "n": [1, None]}
    assert json.loads(island(value)) == value
    assert not set("<>&") & set(island(value))


def test_picture_of_another_library() -> None:
    """A picture in the notebook is shown from within the page."""
    page = export(output(output_type="display_data", data={"image/png": "aGk=\n"}))
    assert '<img alt="picture" src="data:image/png;base64,aGk=">' in page
