"""Saved segments: a rule under a name, usable wherever a segmentation is."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

import narwhals as nw
import polars as pl
import pytest
from engines import on_duckdb
from polars.testing import assert_frame_equal

from workbench import paths, segments
from workbench.data import Shop
from workbench.measures import expectation, migrate, weigh
from workbench.segments import before_and_after

WEEKS, FEBRUARY = "2026-01-05/2026-03-01", "2026-02-02/2026-03-01"
Save = Callable[[str, str], None]
HEAD = "name: Ours\nowner: CRM\npurpose: to see\n"


def ours(shop: Shop, save: Save, what: str, period: str = WEEKS) -> set[str]:
    """Return the retailer's ids of the customers whom a rule names."""
    save("ours", f"{HEAD}what: {what}\n")
    labels = segments.find("saved/ours").label(shop, period)
    known = shop.customers.select("customer_id", "customer").collect("polars").to_native()
    found = labels.filter(pl.col("segment") == "Ours")
    return set(found.join(known.cast({"customer_id": pl.Int64}), on="customer_id")["customer"])


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        ("{frequency_cohort: [Under 1 visit]}", {"31"}),
        ("{frequency_cohort: Under 1 visit}", {"31"}),
        ("{frequency_cohort: [Under 1 visit, 1 visit]}", {"31", "12"}),
        ("{frequency_cohort: {visits: {at least: 2}}}", {"0012", "12", "40"}),
        ("{frequency_cohort: {visits: {at least: 2, under: 4}}}", {"12", "40"}),
        ("{frequency_cohort: {visits: {over: 1}, sales: {at most: 16.00}}}", {"0012", "12"}),
        ("{frequency_cohort: {days: {over: 3}}, with: {counted: days}}", {"0012"}),
        ("{wallet: {internal_wallet_share: {over: 0.4}}, with: {category: Dairy}}", {"31"}),
        ("{not: {frequency_cohort: [1 visit]}}", {"0012", "31", "40"}),
        ("{all: [{frequency_cohort: {visits: {over: 1}}}, {frequency_cohort: 1 visit}]}", {"12"}),
        ("{any: [{frequency_cohort: 1 visit}, {frequency_cohort: Under 1 visit}]}", {"31", "12"}),
    ],
)  # fmt: skip
def test_who_meets_a_rule_is_in_it(
    corner_shop: Shop, save: Save, what: str, expected: set[str]
) -> None:
    """Segments, figures with bounds and choices, joined and turned round."""
    assert ours(corner_shop, save, what) == expected


def test_everybody_who_bought_is_in_it_or_not(corner_shop: Shop, save: Save) -> None:
    """Each customer has one row, and the worth of both segments is that of the shop."""
    save("ours", f"{HEAD}what: {{frequency_cohort: [1 visit]}}\n")
    labels = segments.find("saved/ours").label(corner_shop, WEEKS)
    assert labels["segment"].dtype == pl.Enum(["Ours", "Everybody else"])
    worth = weigh(corner_shop, WEEKS, labels)
    assert dict(worth.select(pl.col("segment").cast(pl.String), "customers").rows()) == {
        "Ours": 1, "Everybody else": 3, "Unlabelled": 0,
    }  # fmt: skip


def test_a_rule_may_ask_for_those_who_stayed_away(corner_shop: Shop, save: Save) -> None:
    """31 did not come in February, is known to the lifecycle, and so is in the rule."""
    gone = "{lifecycle: [Gone], with: {new_weeks: 2, lapsing_weeks: 1, look_back: 4}}"
    assert ours(corner_shop, save, gone, FEBRUARY) == {"12", "31"}


def test_consent_counts_as_it_holds_on_the_last_day(corner_shop: Shop, save: Save) -> None:
    """0012's consent ends in January, 40's begins in February, 12 said no, 31 never said."""
    ids = dict(corner_shop.customers.select("customer", "customer_id").collect("polars").rows())
    first, february, end = dt.date(2026, 1, 1), dt.date(2026, 2, 2), dt.date(2026, 1, 31)
    decisions = [("0012", True, first, end), ("12", False, first, None),
                 ("40", True, february, None)]  # fmt: skip
    kinds = {"customer_id": pl.Int32, "granted": pl.Boolean, "since": pl.Date, "until": pl.Date}
    rows = [(ids[who], *rest) for who, *rest in decisions]
    table = pl.LazyFrame(rows, kinds, orient="row").with_columns(purpose=pl.lit("marketing"))
    shop = replace(corner_shop, tables={**corner_shop.tables, "consents": nw.from_native(table)})
    assert ours(shop, save, "{consent: marketing}", "2026-01-05/2026-01-31") == {"0012"}
    assert ours(shop, save, "{consent: marketing}", FEBRUARY) == {"40"}
    assert ours(shop, save, "{not: {consent: marketing}}") == {"0012", "12", "31"}


def test_what_is_known_of_a_customer_can_be_asked(corner_shop: Shop, save: Save) -> None:
    """The corner shop knows nothing of its customers but their ids."""
    assert ours(corner_shop, save, '{customer: {customer: ["0012", 31]}}') == {"0012", "31"}
    with pytest.raises(ValueError, match=r"ours.yaml: Corner shop knows no 'shoe_size'"):
        ours(corner_shop, save, "{customer: {shoe_size: [42]}}")


def test_a_saved_segment_may_rest_on_another(corner_shop: Shop, save: Save) -> None:
    """By its name, as on any segmentation."""
    save("rare", f"{HEAD}what: {{frequency_cohort: [Under 1 visit, 1 visit]}}\n")
    what = "{all: [{saved/rare: [Ours]}, {frequency_cohort: [1 visit]}]}"
    assert ours(corner_shop, save, what) == {"12"}


def test_saved_segments_do_not_go_round_in_a_circle(save: Save) -> None:
    """Two that rest on each other are refused, with the way round."""
    save("a", f"{HEAD}what: {{saved/b: [Ours]}}\n")
    save("b", f"{HEAD}what: {{saved/a: [Ours]}}\n")
    with pytest.raises(ValueError, match="circle: saved/a -> saved/b -> saved/a"):
        segments.find("saved/a")


def test_its_customers_can_be_followed(corner_shop: Shop, save: Save) -> None:
    """0012 came three times in January and twice in February: under 3 only then."""
    save("ours", f"{HEAD}what: {{frequency_cohort: {{visits: {{at most: 2}}}}}}\n")
    before, after = before_and_after(corner_shop, FEBRUARY, segments.find("saved/ours").label)
    moves = migrate(corner_shop, FEBRUARY, before, after).filter(pl.col("customers") > 0)
    assert moves.select("before", "after", "customers").rows() == [
        ("Ours", "Ours", 1), ("Ours", "Lost", 2), ("New", "Ours", 1),
    ]  # fmt: skip


def test_the_parts_keep_the_cut_points_of_the_period_before(sample_shop: Shop, save: Save) -> None:
    """A saved segment of one RFM segment moves exactly as that one does."""
    save("ours", f"{HEAD}what: {{rfm: [At risk]}}\n")
    saved = before_and_after(sample_shop, "last 8 weeks", segments.find("saved/ours").label)
    plain = before_and_after(sample_shop, "last 8 weeks", segments.find("rfm").label)
    for ruled, scored in zip(saved, plain, strict=True):
        assert (ruled["segment"] == "Ours").sum() == (scored["segment"] == "At risk").sum() > 100


def test_its_target_is_read_with_it(corner_shop: Shop, save: Save) -> None:
    """KPI, value and date of the file stand against what the segment is worth."""
    target = "target: {kpi: sales, value: 20, date: 2026-02-28}\n"
    save("ours", f"{HEAD}what: {{frequency_cohort: [1 visit]}}\n{target}")
    found = segments.find("saved/ours")
    told = expectation(corner_shop, WEEKS, found.label(corner_shop, WEEKS), segments.targets(found))
    assert told.select("segment", "kpi", "target", "actual", "status").rows() == [
        ("Ours", "sales", 20.0, 8.0, "missed")
    ]


def test_its_ledger_says_the_rule_in_words(save: Save) -> None:
    """With its owner and the day it was last looked at."""
    either = "{any: [{consent: sharing}, {not: {consent: marketing}}]}"
    what = f"{{all: [{{rfm: [At risk, Asleep]}}, {either}]}}"
    save("ours", f"{HEAD}reviewed: 2026-01-31\nwhat: {what}\n")
    ledger = segments.find("saved/ours").DEFINITION
    assert ledger["Rule"] == (
        "rfm is At risk or Asleep and (consents to sharing or not consents to marketing)"
    )
    assert (ledger["Owner"], ledger["Last reviewed"]) == ("CRM", "2026-01-31")
    save("others", f"{HEAD}what: {{not: {either}}}\n")
    assert segments.find("saved/others").DEFINITION["Rule"] == (
        "not (consents to sharing or not consents to marketing)"
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("name: [", "is not readable as YAML"),
        ("- rfm", "is no saved segment; it needs name, owner, purpose, what"),
        ("name: Ours\nwhat: {rfm: [At risk]}\n", "owner and purpose missing"),
        (HEAD + "what: {rfm: [At risk]}\nsegment: x\n", "'segment' is no key here; allowed: name"),
        (HEAD.replace("Ours", "Lost") + "what: {rfm: [At risk]}\n", "name 'Lost' has a meaning"),
        (HEAD.replace("CRM", "7") + "what: {rfm: [At risk]}\n", "owner 7 is no text"),
        (HEAD + "reviewed: soon\nwhat: {rfm: [At risk]}\n", "reviewed 'soon' is no day"),
        (HEAD + "what: {rfm: Asleep}\ntarget: {kpi: sales}\n", "target .* needs kpi, value and"),
        (HEAD + "what: At risk\n", "what: 'At risk' is no condition"),
        (HEAD + "what: {rfm: [At rsk]}\n", "what: rfm: 'At rsk' is not one of: .*mean 'At risk'"),
        (HEAD + "what: {rmf: [At risk]}\n", "what: rmf: no segmentation is called 'rmf'"),
        (HEAD + "what: {rfm: []}\n", r"what: rfm: \[\] is no list of names"),
        (HEAD + "what: {rfm: {}}\n", "what: rfm: names nothing"),
        (HEAD + "what: {rfm: {visits: 3}}\n", "what: rfm: 3 is no condition"),
        (HEAD + "what: {rfm: {visits: {below: 3}}}\n", "'below' is not one of: under, at most"),
        (HEAD + "what: {rfm: {visits: {under: x}}}\n", "under 'x' is not a number"),
        (HEAD + "what: {rfm: [Asleep], with: {band: 3}}\n", "with: 'band' is not one of: bands"),
        (HEAD + "what: {not: {rfm: [Asleep]}, with: {bands: 3}}\n", "not: `with` says how a seg"),
        (HEAD + "what: {all: {rfm: [Asleep]}}\n", "what: all: .* is no list of conditions"),
        (HEAD + "what: {all: [{rfm: [Asleep]}, {consent: mail}]}\n", "all, 2: consent: 'mail'"),
        (HEAD + "what: {rfm: [Asleep], wallet: [Low]}\n", "one condition is wanted; join several"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_definition_is_said(save: Save, text: str, problem: str) -> None:
    """The message names the file, the key, the value and the way out."""
    save("ours", text)
    with pytest.raises(ValueError, match=f"(?s)segments/ours.yaml.*{problem}"):
        segments.find("saved/ours")


def test_a_figure_that_does_not_exist_is_said_with_those_that_do(
    corner_shop: Shop, save: Save
) -> None:
    """Which figures stand behind a label is known once there are labels."""
    with pytest.raises(ValueError, match=r"ours.yaml: rfm has no figure 'spend'; allowed: recency"):
        ours(corner_shop, save, "{rfm: {spend: {over: 3}}}")


def test_the_projects_own_saved_segments_can_be_used(sample_shop: Shop) -> None:
    """Each file in reports/segments labels some customers of the sample retailer, not all."""
    names = [name for name in segments.choices() if name.startswith("saved/")]
    assert len(names) == len(list((paths.packs() / "segments").glob("*.yaml"))) > 0
    for name in names:
        labels = segments.find(name).label(sample_shop, "last 26 weeks")
        assert labels["segment"].n_unique() == 2


def test_the_sample_retailers_customers_who_slip_away(sample_shop: Shop) -> None:
    """Frozen: of those who came in the last 13 weeks."""
    labels = segments.find("saved/slipping-away").label(sample_shop, "last 13 weeks")
    assert dict(labels["segment"].cast(pl.String).value_counts().rows()) == {
        "Slipping away and reachable": 101, "Everybody else": 2226,
    }  # fmt: skip


def test_duckdb_gives_the_same_labels(sample_shop: Shop, save: Save) -> None:
    """Segments, figures, consents and what is known: values, types and order are equal."""
    known = '{customer: {age: ["35-44", "45-54"]}}'
    what = f"{{all: [{{rfm: {{visits: {{over: 3}}}}}}, {{consent: profiling}}, {known}]}}"
    save("ours", f"{HEAD}what: {what}\n")
    label = segments.find("saved/ours").label
    ours = label(sample_shop, "last 8 weeks")
    assert_frame_equal(label(on_duckdb(sample_shop), "last 8 weeks"), ours, check_exact=True)
    assert 0 < (ours["segment"] == "Ours").sum() < ours.height / 2


def test_the_first_segment_is_meant_where_none_is_named() -> None:
    """A page that works for every segmentation cannot know its segments beforehand."""
    rfm = segments.find("rfm")
    assert segments.choose("rfm") == (rfm, "Champions")
    assert segments.choose("rfm", "Asleep") == (rfm, "Asleep")
    with pytest.raises(ValueError, match="'Gold' is no segment of rfm; allowed: Champions, Loyal"):
        segments.choose("rfm", "Gold")
