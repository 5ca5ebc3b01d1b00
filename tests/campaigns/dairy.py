"""A shop of one shelf, sold by the week: what was promoted when is known by construction."""

import datetime as dt
from pathlib import Path

from shops import HEADER, deliver

from workbench.data import Shop, open_shop
from workbench.door import corner

FIRST = dt.date(2026, 1, 5)
CATALOGUE = "item,group,shelf\nmilk,Food,Dairy\ncheese,Food,Dairy\nbread,Food,Bakery\n"
PROMOTIONS = """\
  promotions:
    file: shown.csv
    columns: {product: item, store: shop, week: week, display: display, mailer: mailer}
"""


def open_dairy(home: Path, *rows: str, last_week: int = 11, shown: str = "") -> Shop:
    """Return the shop of receipt lines `week receipt card item pieces amount discount`.

    Weeks count from 1; receipts are of the week's Monday and each number is one receipt.
    """
    lines = [HEADER, *(_line(row) for row in rows)]
    last = FIRST + dt.timedelta(weeks=last_week, days=-1)
    mapping = corner.MAPPING.replace("last_day: 2026-03-01", f"last_day: {last}")
    files = {"catalogue": CATALOGUE}
    if shown:
        mapping += PROMOTIONS
        files["shown"] = f"item,shop,week,display,mailer\n{shown}\n"
    deliver(home, receipts="\n".join(lines) + "\n", mapping=mapping, **files)
    return open_shop(home)


def monday(week: int) -> dt.date:
    """Return the Monday of a week, counted from 1."""
    return FIRST + dt.timedelta(weeks=week - 1)


def _line(row: str) -> str:
    week, receipt, card, item, pieces, amount, discount = row.split()
    card = "" if card == "-" else card
    return f"{receipt},{card},{item},N,{monday(int(week))} 12:00:00,{pieces},{amount},{discount}"
