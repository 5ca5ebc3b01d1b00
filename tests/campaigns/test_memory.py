"""The memory of campaigns: all of the sample's, what they teach, and means by hand."""

from pathlib import Path

import polars as pl
import pytest
from crowd import everybody, has_run

from workbench import paths, show
from workbench.campaigns.audiences.groups import held_out
from workbench.campaigns.results import placebo
from workbench.campaigns.results.memory import Memory, by_offer, expected_uplift, lessons, memory
from workbench.campaigns.results.uplift import RANDOMISED
from workbench.data import Shop
from workbench.segments import rfm


@pytest.fixture(name="sample_memory", scope="module")
def remembered(sample_shop: Shop, tmp_path_factory: pytest.TempPathFactory) -> Memory:
    """Return the memory of the sample's own campaigns, by RFM segments."""
    told = memory(sample_shop, rfm.label, home=tmp_path_factory.mktemp("home"), contact=0.5)
    theirs = pl.col("kind").str.starts_with("Type")
    return Memory(told.campaigns.filter(theirs), told.segments.filter(theirs))


def test_the_sample_s_27_campaigns_fill_it(sample_memory: Memory) -> None:
    """Nine are refused, with a reason and without figures; no other can be told from none."""
    told = sample_memory.campaigns
    assert told.height == 27
    refused = told.drop_nulls("refused")
    assert refused["uplift"].null_count() == refused.height == 9
    assert refused["refused"].str.contains("the data does not cover the period").all()
    measured = told.drop_nulls("uplift")
    assert set(measured["design"]) == {"matched"}
    assert dict(measured["verdict"].value_counts().rows()) == {
        placebo.NO_DIFFERENCE: 16,
        placebo.UNTOLD: 2,
    }
    assert measured["others_share"].min() > 0.28


def test_the_rate_of_placebos_is_stated(sample_memory: Memory) -> None:
    """In 15 of 52 windows without campaign an honest-looking interval leaves out 0."""
    told = sample_memory.campaigns
    assert (told["placebos"].sum(), told["placebos_found"].sum()) == (52, 15)
    assert show.say_memory(told) == (
        "Of 27 campaigns 18 can be measured, and none of them can be told from no campaign; the "
        "same method finds an effect in 29% of placebo windows"
    )


def test_what_the_sample_teaches_is_little(sample_memory: Memory) -> None:
    """Kinds and segments do not differ beyond chance, and the next campaign may go either way."""
    for frame, by in ((sample_memory.campaigns, "kind"), (sample_memory.segments, "segment")):
        table = lessons(frame, by)
        assert table["expected"].n_unique() == 1
        assert (table["low"] < 0).all()
        assert (table["high"] > 0).all()
    kinds = lessons(sample_memory.campaigns)
    assert kinds["kind"].to_list() == ["Type A", "Type B", "Type C", "All"]
    assert kinds["campaigns"].to_list() == [3, 11, 2, 16]


def told(*rows: tuple[str, float | None, float | None, float | None]) -> pl.DataFrame:
    """Return a memory of kinds, each with net, its error and the doubt in it."""
    frame = pl.DataFrame(rows, ["kind", "net", "net_error", "doubt"], orient="row")
    return frame.with_row_index("campaign")


def test_a_campaign_of_two_offers_is_one_campaign() -> None:
    """It is counted once, and its offers are told apart by their names."""
    offers = {
        "campaign": ["Bread", "Wine", "Wine"],
        "offer": ["", "A", "B"],
        "uplift": [1.0, 2.0, 3.0],
        "verdict": ["more than without it", *[placebo.NO_DIFFERENCE] * 2],
        "placebos": [0, 0, 0],
        "placebos_found": [0, 0, 0],
    }
    frame = pl.DataFrame(offers)
    assert show.say_memory(frame) == (
        "Of 2 campaigns 2 can be measured, and 1 of them can be told from no campaign"
    )
    assert by_offer(frame)["campaign"].to_list() == ["Bread", "Wine: A", "Wine: B"]
    nets = told(("coupon", 1.0, 1.0, 0.0), ("coupon", 3.0, 1.0, 0.0))
    both = lessons(nets.with_columns(campaign=pl.lit("Wine")))
    assert both["campaigns"].to_list() == [1, 1]


def test_means_by_hand() -> None:
    """Two of 10 and 20, each with an error of 5: mean 15; between them 25 beyond chance."""
    table = lessons(told(("coupon", 10.0, 5.0, 0.0), ("coupon", 20.0, 5.0, 0.0)))
    both = table.row(1, named=True)
    assert (both["kind"], both["campaigns"], both["alone"]) == ("All", 2, 15.0)
    between = (2 * 25 / 25 - 1) / ((2 / 25) - (2 / 625) / (2 / 25))
    error = ((25 + between) / 2 + between) ** 0.5
    assert both["high"] == pytest.approx(15 + 1.96 * error)


def test_the_doubt_of_the_method_counts_once() -> None:
    """Chance 3 and doubt 4 make an error of 5: of 10, at most 19.80."""
    one = lessons(told(("coupon", 10.0, 5.0, 4.0)))
    assert one["high"].to_list() == pytest.approx([19.8, 19.8])


def test_a_kind_known_well_is_surer_than_a_new_one() -> None:
    """One more price cut may be as unlike the others as campaigns are, but is no other kind."""
    table = lessons(told(*[("price cut", 1.0, 1.0, 0.0)] * 6, *[("gift", 21.0, 1.0, 0.0)] * 6))
    gift, cut, new = (table["high"] - table["low"]).to_list()
    assert gift == pytest.approx(cut)
    assert cut < new


def test_a_kind_is_drawn_to_all_by_how_little_is_known_of_it() -> None:
    """Price cuts are known well and stay where they are; the one coupon is drawn far."""
    cuts = [("price cut", 1.0, 1.0, 0.0)] * 6
    gifts = [("gift", 21.0, 1.0, 0.0)] * 6
    rows = {
        r["kind"]: r for r in lessons(told(*cuts, *gifts, ("coupon", 40.0, 30.0, 0.0))).to_dicts()
    }
    assert rows["price cut"]["expected"] == pytest.approx(1, abs=0.2)
    assert rows["gift"]["expected"] == pytest.approx(21, abs=0.2)
    assert 11 < rows["coupon"]["expected"] < 30
    assert rows["coupon"]["alone"] == 40


def test_many_campaigns_do_not_take_away_the_doubt_of_the_method() -> None:
    """Without doubt a hundred give a narrow mean; with it the interval stays as wide."""
    sure = lessons(told(*[("coupon", 5.0, 5.0, 0.0)] * 100)).row(1, named=True)
    doubtful = lessons(told(*[("coupon", 5.0, 5.0, 4.0)] * 100)).row(1, named=True)
    assert sure["high"] - sure["low"] == pytest.approx(2 * 1.96 * 0.5)
    assert doubtful["high"] - doubtful["low"] > 2 * 1.96 * 4


def test_a_kind_without_figures_is_not_known_and_a_new_one_is_like_all() -> None:
    """Null, not 0; the planner asks for a kind that never was and gets the mean of all."""
    known = told(("coupon", 5.0, 1.0, 0.0), ("gift", None, None, None))
    gift = lessons(known).filter(pl.col("kind") == "gift").row(0, named=True)
    assert (gift["campaigns"], gift["alone"], gift["expected"], gift["low"]) == (
        0,
        None,
        None,
        None,
    )
    assert expected_uplift(known, "coupon")["kind"] == "coupon"
    assert expected_uplift(known, "flash sale")["kind"] == "All"
    assert expected_uplift(known, "gift")["kind"] == "All"
    nothing = expected_uplift(known.clear(), "coupon")
    assert (nothing["campaigns"], nothing["expected"]) == (0, None)


def test_what_was_planned_is_remembered_where_the_data_has_no_campaigns(
    crowd: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Groups that were drawn are enough; nobody of them is in another campaign."""
    (tmp_path / "templates").symlink_to(paths.templates())
    monkeypatch.setenv("WORKBENCH_PROJECT", str(tmp_path))
    has_run(crowd, tmp_path, "Bread", everybody(crowd).join(held_out(crowd), "customer_id", "anti"))
    row = memory(crowd, home=tmp_path).campaigns.row(0, named=True)
    assert (row["campaign"], row["design"], row["refused"]) == ("bread", RANDOMISED, None)
    assert row["others_share"] == 0
    assert row["net_error"] > 0


def test_a_shop_without_campaigns_remembers_only_what_is_planned(
    corner_shop: Shop, tmp_path: Path
) -> None:
    """The planner's files have no figures there."""
    remembered = memory(corner_shop, home=tmp_path)
    assert remembered.campaigns["uplift"].null_count() == remembered.campaigns.height
    assert remembered.segments.is_empty()
    assert lessons(remembered.segments, "segment").rows() == [("All", 0, *[None] * 4)]
