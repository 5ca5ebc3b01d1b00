"""The parameters cell: one declaration, read as text, that every life understands."""

import contextlib
from pathlib import Path
from urllib.parse import quote

import papermill
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny import Write, notebook

from workbench.run import params
from workbench.run.params import ParameterError

CELL = """bands: Int[3, 10] = 5  # scores per "dimension"
segment: Choice[SEGMENTS] = "At risk"  # whom to look at, closely
wide: Flag = False  # more columns
groups: Many[SEGMENTS] = ["Best"]  # none means all
note_to_reader: Text = ""
period: Period = "last 26 weeks"  # days to look at, both included"""
IMPORTS = """%load_ext nothing
import polars as pl
from workbench.data.period import Period
from workbench.kinds import Choice, Flag, Int, Many, Text
from workbench.kinds_of_nothing import nothing_that_is_needed
raise SystemExit("this cell is read and never run")"""
OPTIONS = (
    'from workbench.kinds import Choice, Flag, Int, Many, Text\nSEGMENTS = ["Best", "At risk"]'
)


@pytest.fixture
def segments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A module of the workbench with SEGMENTS, and the import cell that names it."""
    import workbench

    (tmp_path / "tiny_rfm.py").write_text('SEGMENTS = {"Best": "…", "At risk": "…"}\n')
    monkeypatch.setattr(workbench, "__path__", [*workbench.__path__, str(tmp_path)])
    return IMPORTS + "\nfrom workbench.tiny_rfm import SEGMENTS"


def declared(cell: str, imports: str = IMPORTS) -> tuple[params.Parameter, ...]:
    """Return the parameters of a notebook with that cell."""
    return params.declared(notebook(parameters=cell, imports=imports))


def test_a_declaration_is_name_kind_default_and_help(segments: str) -> None:
    """Each line gives a parameter, with bounds and options from where they are defined."""
    found = declared(CELL, segments)
    assert [(p.name, p.kind_name, p.default, p.help) for p in found] == [
        ("bands", "Int", 5, 'scores per "dimension"'),
        ("segment", "Choice", "At risk", "whom to look at, closely"),
        ("wide", "Flag", False, "more columns"),
        ("groups", "Many", ["Best"], "none means all"),
        ("note_to_reader", "Text", "", ""),
        ("period", "Period", "last 26 weeks", "days to look at, both included"),
    ]
    assert found[0].kind.high == 10
    assert found[1].kind.options == ["Best", "At risk"]
    assert found[4].label == "Note to reader"


def test_papermill_reads_the_same_cell(write: Write, segments: str) -> None:
    """Papermill's own reader finds the same names and help."""
    path = write("tiny", parameters=CELL, imports=segments)
    read = papermill.inspect_notebook(str(path))
    ours = declared(CELL, segments)
    assert {n: p["help"] for n, p in read.items()} == {p.name: p.help for p in ours}


def test_a_notebook_without_the_cell_has_no_parameters() -> None:
    """No parameters cell means no parameters, and any name given is refused."""
    none = params.declared(notebook(parameters=None))
    assert none == ()
    with pytest.raises(ParameterError, match="has no parameters"):
        params.parse(none, {"bands": 5})


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("bands = 5", "name: Kind = default"),
        ("bands: Int", "name: Kind = default"),
        ("import os", "name: Kind = default"),
        ("bands: Int = 5  # more = better", "one equals sign"),
        ("bands: kinds.Int = 5", "Papermill cannot read"),
        ("bands: Int[-5, 5] = 0", "Papermill cannot read"),
        ("bands: Bands = 5", "Bands is not imported from workbench"),
        ("bands: int = 5", "int is not imported from workbench"),
        ("bands: Choice = 5", "Choice needs its options"),
        ("bands: Int[3, 10] = 11", "11 is out of range; allowed: 3 to 10"),
        ("bands: Int = open('x')", "not a plain value"),
        ("bands: Int = (", "cannot be read"),
    ],
)
def test_a_cell_that_some_life_cannot_read_is_refused(cell: str, said: str) -> None:
    """What Papermill or a link could not follow is an error that says why."""
    with pytest.raises(ParameterError, match=said.replace("(", r"\(")):
        declared(cell)


def test_two_parameters_cells_are_refused() -> None:
    """A notebook has one parameters cell."""
    node = notebook(parameters="bands: Int = 5")
    node.cells.append(node.cells[-1])
    with pytest.raises(ParameterError, match="2 cells are tagged"):
        params.declared(node)


def test_parse_fills_in_defaults_and_checks_texts(segments: str) -> None:
    """Texts become plain values; what is not given keeps its default."""
    values = params.parse(declared(CELL, segments), {"bands": "7", "wide": "yes", "groups": ""})
    assert values == {
        "bands": 7,
        "segment": "At risk",
        "wide": True,
        "groups": [],
        "note_to_reader": "",
        "period": "last 26 weeks",
    }


def test_parse_names_every_problem_at_once(segments: str) -> None:
    """One error lists unknown names with the nearest one, and all values out of range."""
    given_ = {"bnads": 5, "bands": "99", "segment": "At Risk", "groups": 5, "period": "2017"}
    with pytest.raises(ParameterError) as caught:
        params.parse(declared(CELL, segments), given_)
    text = str(caught.value)
    assert "'bnads' is not a parameter; did you mean 'bands'? allowed: bands, segment" in text
    assert "99 is out of range; allowed: 3 to 10" in text
    assert "did you mean 'At risk'?" in text
    assert "'2017' is not a period" in text
    assert set(caught.value.problems) == set(given_)


@pytest.mark.parametrize(
    "name",
    ["bands=1;import os;x", "bands\nimport os", "", "__class__", "bands ", "ｂands", "#", "b\0"],
)
def test_hostile_names_are_refused(name: str) -> None:
    """A name is only ever one that the cell declares."""
    with pytest.raises(ParameterError, match="is not a parameter"):
        params.parse(declared("bands: Int = 5"), {name: 5})


@pytest.mark.parametrize("kind", ["Int", "Number", "Date", "Text", "Many[OPTIONS]"])
@pytest.mark.parametrize("value", ["[" * 100_000, "9" * 5000, '["a"', object(), None, 10**400])
def test_hostile_values_end_in_a_short_error_or_a_plain_value(kind: str, value: object) -> None:
    """No value ends in anything but a checked plain value or a short readable error."""
    imports = (
        "from workbench.kinds import *\nfrom workbench.kinds import Date, Int, Many, Number, Text"
    )
    options = "\nfrom workbench.kinds import __name__ as OPTIONS"
    default = {"Date": "'2017-12-31'", "Text": "''", "Many[OPTIONS]": "[]"}.get(kind, "5")
    found = declared(f"x: {kind} = {default}", imports + options)
    with contextlib.suppress(ParameterError):
        assert isinstance(params.parse(found, {"x": value})["x"], int | str)
        return
    with pytest.raises(ParameterError) as caught:
        params.parse(found, {"x": value})
    assert len(str(caught.value)) < 600


@pytest.mark.parametrize(
    ("query", "texts"),
    [
        ("?segment=At+risk&bands=5", {"segment": "At risk", "bands": "5"}),
        ("segment=At%20risk", {"segment": "At risk"}),
        ("segment=At%2520risk", {"segment": "At risk"}),
        ("segment%3DAt%2Brisk%26bands%3D5", {"segment": "At risk", "bands": "5"}),
        ("share=50%25&bands=5", {"share": "50%", "bands": "5"}),
        ("name=a%00b", {"name": "a\ufffdb"}),
        ("name=%ff%fe", {"name": "\ufffd\ufffd"}),
        ("bands=5&bands=7", {"bands": "7"}),
        ("bands=&x", {"bands": "", "x": ""}),
        ("", {}),
    ],
)
def test_a_link_gives_texts(query: str, texts: dict[str, str]) -> None:
    """A query survives plus signs, double encoding, NULs and broken UTF-8."""
    assert params.from_query(query) == texts


def test_a_link_with_a_flood_of_parameters_is_refused() -> None:
    """A query of thousands of names is not read."""
    with pytest.raises(ParameterError, match="more than 100"):
        params.from_query("&".join(f"a{n}=1" for n in range(5000)))


def test_a_link_carries_only_what_differs(segments: str) -> None:
    """Defaults are left out of a link, and what it carries comes back as it was."""
    found = declared(CELL, segments)
    chosen = {"bands": 7, "groups": ["Best", "At risk"], "wide": True, "segment": "At risk"}
    values = params.parse(found, chosen)
    query = params.to_query(values, found)
    assert set(params.from_query(query)) == {"bands", "groups", "wide"}
    assert params.parse(found, params.from_query(query)) == values
    assert params.to_query(params.parse(found, {}), found) == ""


@given(st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), max_size=40))
def test_any_line_of_text_survives_a_link(text: str) -> None:
    """Text comes back from a link as it went in, unless it looks percent-encoded itself."""
    found = declared("note: Text = ''", "from workbench.kinds import Text")
    if not text.isprintable() or quote(text) == text.replace("%", "%25"):
        return
    query = params.to_query({"note": text}, found)
    assert params.parse(found, params.from_query(query))["note"] == text


def test_a_comment_may_begin_with_what_people_read() -> None:
    """Words with a capital up to a colon are the label; any other colon is part of the help."""
    lines = "base: Int = 5  # Customers at least: of a figure\ntop: Int = 1  # rows: many"
    base, top = declared(lines)
    assert (base.label, base.help) == ("Customers at least", "of a figure")
    assert (top.label, top.help) == ("Top", "rows: many")
