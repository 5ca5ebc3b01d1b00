"""Every verb answers odd retailers, or says what is missing; what it cannot tell is null."""

import traceback
from pathlib import Path

import pytest
from asked import VERBS, Asker, not_numbers
from shops import open_till

import workbench
from workbench.data import Shop

DAYS = [f"2026-{month}-{day:02}" for month in ("01", "02") for day in range(1, 29)]


@pytest.fixture(scope="module")
def cardless(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """Eight weeks of bread and wine, sold to nobody known."""
    sales = [f"- {day} {item} 2.00" for day in DAYS for item in ("bread", "wine")]
    return open_till(tmp_path_factory.mktemp("cardless"), *sales, "- 2026-03-01 milk 1.50")


@pytest.fixture(scope="module")
def worthless(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """Eight weeks of bread, of milk for nothing, and of wine that is all brought back."""
    sales = [f"{who} {day} bread 2.00" for day in DAYS[::3] for who in ("ann", "bob")]
    sales += [f"{who} {day} milk 0.00" for day in DAYS[1::4] for who in ("ann", "cid", "dan")]
    sales += [f"{who} {day} wine -8.00" for day in DAYS[2::9] for who in ("ann", "eve")]
    sales += [f"fay {day} bread {amount}.00" for day in DAYS[3::9] for amount in (2, -2)]
    return open_till(tmp_path_factory.mktemp("worthless"), *sales, "- 2026-03-01 milk 0.00")


@pytest.mark.parametrize("kind", ["cardless", "worthless"])
@pytest.mark.parametrize("name", VERBS)
def test_there_is_an_answer_without_what_is_not_a_number_or_a_reason(
    request: pytest.FixtureRequest, kind: str, name: str
) -> None:
    """What goes wrong is said by the workbench itself, as a ValueError; no 0 is divided by 0."""
    asker = Asker(request.getfixturevalue(kind), "last 4 weeks", draws=19, least=1)
    asker.category, asker.by = "Wine", "category"
    try:
        assert not_numbers(asker.ask(VERBS[name])) == []
    except ValueError as refusal:
        raised = traceback.extract_tb(refusal.__traceback__)[-1].filename
        assert Path(workbench.__file__).parent in Path(raised).parents
