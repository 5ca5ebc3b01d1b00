"""Every verb answers a retailer that has no cards, or says what is missing."""

import traceback
from pathlib import Path

import pytest
from asked import VERBS, Asker
from shops import open_till

import workbench
from workbench.data import Shop

DAYS = [f"2026-{month}-{day:02}" for month in ("01", "02") for day in range(1, 29)]


@pytest.fixture(scope="module")
def cardless(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """Eight weeks of bread and wine, sold to nobody known."""
    sales = [f"- {day} {item} 2.00" for day in DAYS for item in ("bread", "wine")]
    return open_till(tmp_path_factory.mktemp("cardless"), *sales, "- 2026-03-01 milk 1.50")


@pytest.mark.parametrize("name", VERBS)
def test_without_cards_there_is_an_answer_or_a_reason(cardless: Shop, name: str) -> None:
    """What goes wrong is said by the workbench itself, as a ValueError."""
    asker = Asker(cardless, "last 4 weeks", draws=19, least=1)
    asker.category, asker.by = "Wine", "category"
    try:
        asker.ask(VERBS[name])
    except ValueError as refusal:
        raised = traceback.extract_tb(refusal.__traceback__)[-1].filename
        assert Path(workbench.__file__).parent in Path(raised).parents
