"""Spans: sums of each customer in several stretches of days, one look at the receipts."""

from pathlib import Path

from shops import open_till

from workbench.data import Period
from workbench.data.spans import by_span

SALES = (
    "ann 2026-01-05 bread 2.00",
    "ann 2026-01-11 milk 1.50",
    "ann 2026-01-20 milk 1.00",
    "bob 2026-01-12 bread 3.00",
    "bob 2026-01-13 bread -3.00",
    "cyd 2026-01-19 bread 9.00",
    "- 2026-01-05 bread 5.00",
)
SPANS = {
    "late": Period.parse("2026-01-12/2026-01-18"),
    "early": Period.parse("2026-01-05/2026-01-11"),
    "last": Period.parse("2026-01-20/2026-01-20"),
}


def test_each_sum_stands_in_its_span_and_days_between_count_nowhere(tmp_path: Path) -> None:
    """Cyd came between two spans only, and the bread without a card is nobody's."""
    shop = open_till(tmp_path, *SALES)
    found = by_span(shop, shop.receipts, SPANS, visits="new_basket", sales="sales")
    visits = ["visits_early", "visits_late", "visits_last"]
    sales = ["sales_early", "sales_late", "sales_last"]
    assert found.select(visits).rows() == [(2, 0, 1), (0, 1, 0)]
    assert found.select(sales).rows() == [(350, 0, 100), (0, 0, 0)]
