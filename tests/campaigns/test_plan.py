"""Campaigns as files: stable to write, strict to read, and never saved over somebody else's."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from crowd import TERMS, planned, written

from workbench import paths
from workbench.campaigns.plans import plan
from workbench.data.period import Period

TEXT = """\
name: Cheap bread
owner: CRM
objective: sell more of the category to the segment
segment: 'rfm: At risk'
period: 2026-01-05/2026-02-15
category: Bakery
products: [bread]
mechanic: price cut
terms: {discount: 0.2}
days: 2026-02-23/2026-03-08
channel: email
message: offer
control: 0.2
cap: 4
budget: 0
pays: {retailer: 1}
stop: {sales under: 0.5, unsubscribed over: 0.02}
"""


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project and home of its own."""
    (tmp_path / "templates").symlink_to(paths.templates())
    monkeypatch.setenv("WORKBENCH_PROJECT", str(tmp_path))
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path / "home"))
    return tmp_path


def test_a_campaign_is_a_file_in_a_fixed_order(project: Path) -> None:
    """One click writes it, and reading gives the same campaign back."""
    said = plan.save(planned()).do()
    path = project / "reports" / "campaigns" / "cheap-bread.yaml"
    assert path.read_text() == TEXT
    assert said.startswith("reports/campaigns/cheap-bread.yaml is written")
    assert plan.read("cheap-bread").text() == TEXT
    assert plan.read() == plan.read("cheap-bread")
    assert plan.read().days == Period(date(2026, 2, 23), date(2026, 3, 8))
    assert plan.choices() == ["(latest)", "cheap-bread"]


def test_offering_to_save_writes_nothing(project: Path) -> None:
    """Only a confirmed action writes; a draft is no file."""
    plan.save(planned())
    assert not (project / "reports").exists()
    assert plan.names() == []
    with pytest.raises(ValueError, match="no campaign yet"):
        plan.read()


def test_the_second_to_save_is_told_what_the_first_changed() -> None:
    """Nothing of the second's is written, and the words name the keys that differ."""
    ours, theirs = planned(), planned(budget=900, terms={"discount": 0.3})
    plan.save(theirs).do()
    with pytest.raises(ValueError, match="somebody else") as told:
        plan.save(ours).do()
    assert "terms: {'discount': 0.2} → {'discount': 0.3}" in str(told.value)
    assert "budget: 0 → 900" in str(told.value)
    assert plan.read().budget == 900


def test_two_that_change_what_both_have_read() -> None:
    """The same holds for a file that is there: the second has to look again."""
    plan.save(planned()).do()
    one, two = (plan.changed(plan.read(), owner=owner) for owner in ("Ann", "Bob"))
    assert plan.save(one).question.endswith("? owner: CRM → Ann.")
    plan.save(one).do()
    with pytest.raises(ValueError, match="owner: Ann"):
        plan.save(two).do()
    plan.save(plan.changed(plan.read(), owner="Bob")).do()
    assert plan.read().owner == "Bob"


def test_only_one_of_many_at_once_is_saved() -> None:
    """Whoever is second by however little is refused."""
    drafts = [planned(budget=budget) for budget in range(1, 9)]

    def saved(campaign: plan.Campaign) -> bool:
        try:
            plan.save(campaign).do()
        except ValueError:
            return False
        return True

    with ThreadPoolExecutor(4) as people:
        assert sum(people.map(saved, drafts)) == 1


def test_saving_the_same_again_changes_nothing() -> None:
    """A click too many is no quarrel."""
    plan.save(planned()).do()
    assert plan.save(planned()).do() == "reports/campaigns/cheap-bread.yaml says this already"


def test_a_removed_file_is_not_brought_back(project: Path) -> None:
    """What somebody took away stays away until it is planned anew."""
    path = written(project)
    campaign = plan.changed(plan.read(), owner="Ann")
    path.unlink()
    with pytest.raises(ValueError, match="removed meanwhile"):
        plan.save(campaign).do()


def test_a_draft_keeps_what_its_file_settled(project: Path) -> None:
    """Planning the same campaign again leaves channel and payers as people set them."""
    written(project, channel="post", pays={"retailer": 0.5, "supplier": 0.5})
    again = planned(terms={"discount": 0.1})
    assert (again.channel, dict(again.pays)) == ("post", {"retailer": 0.5, "supplier": 0.5})
    assert again.terms == {"discount": 0.1}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"chanel": "email"}, "'chanel' is no key here; did you mean 'channel'?"),
        ({"mechanic": "price-cut"}, "mechanic: 'price-cut' is not one of"),
        ({"mechanic": "multi-buy"}, "are not the ones needed: take, pay"),
        ({"terms": {"discount": 2}}, "terms: 2.0 is out of range"),
        ({"terms": 0.2}, "terms: 0.2 is no list of terms"),
        ({"products": [82185]}, r"products: \[82185\] is no list of texts; write each in quotes"),
        ({"products": []}, "names no product"),
        ({"days": "last 2 weeks"}, "moves with the data"),
        ({"days": "2026-03-08/2026-02-23"}, "ends before it starts"),
        ({"pays": {"retailer": 0.5}}, "add up to 0.5; they have to make 1"),
        ({"pays": {"retailler": 1}}, "did you mean 'retailer'?"),
        ({"pays": {"retailer": False}}, "is not a number"),
        ({"channel": False}, "channel: 'False' is not one of: email"),
        ({"control": 0}, "control: 0.0 is out of range"),
        ({"segment": "rfm"}, "'rfm' is no segment"),
        ({"message": "nosuch"}, "message: 'nosuch' is not one of: birthday, offer"),
        ({"message": {"A": "offer"}}, "fewer than two offers"),
        ({"stop": {"cost": 5}}, "stop: 'cost' is not one of: cost over"),
        ({"code": 22}, "code: 22 is no text; write one, in quotes"),
        ({"name": "a\u202eb"}, "is not one line"),
    ],
)
def test_what_is_wrong_in_a_file_is_named_with_the_way_out(
    project: Path, wrong: dict[str, Any], said: str
) -> None:
    """File, key, value, and what is allowed."""
    path = written(project)
    given = yaml.safe_load(path.read_text()) | wrong
    path.write_text(yaml.safe_dump(given))
    with pytest.raises(ValueError, match=said) as told:
        plan.read("cheap-bread")
    assert str(told.value).startswith("reports/campaigns/cheap-bread.yaml: ")


@pytest.mark.parametrize(
    "text", ["- a", "", "a: [", "name: x", "a: &a [*a]", "!!python/object:os.system {}"]
)
def test_what_is_no_campaign_says_so(project: Path, text: str) -> None:
    """Lists, nothing, broken YAML, circles and objects are refused by name."""
    written(project).write_text(text)
    with pytest.raises(ValueError, match=r"reports/campaigns/cheap-bread\.yaml"):
        plan.read("cheap-bread")


@pytest.mark.parametrize("name", ["", "…", "../../x"])
def test_a_name_never_leads_out_of_the_folder(project: Path, name: str) -> None:
    """A file is named after letters and digits only."""
    campaign = plan.draft(name or " ", **TERMS) if name.strip(".…/ ") else None
    assert campaign is None or campaign.slug == "x"
    with pytest.raises(ValueError, match=r"no campaign|name of a file"):
        plan.read(name)
    assert not list(project.rglob("*.yaml"))


def test_a_name_without_a_letter_is_no_file() -> None:
    """The way out is said."""
    with pytest.raises(ValueError, match="name the campaign with some letters"):
        plan.save(plan.draft("…", **TERMS)).do()


def test_the_nearest_name_is_offered(project: Path) -> None:
    """A typing error in a name."""
    written(project)
    with pytest.raises(ValueError, match="did you mean 'cheap-bread'"):
        plan.read("cheap-bred")
