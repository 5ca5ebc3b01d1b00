"""Shops of literal receipts of one category: wine of two types, two makers and an own label."""

from pathlib import Path

from shops import HEADER, deliver

from workbench.data import Shop, open_shop
from workbench.door import corner

CATALOGUE = """\
item,group,shelf,kind,maker,own
red,Drinks,Wine,still,m0,yes
white,Drinks,Wine,still,m0,yes
dry,Drinks,Wine,sparkling,m1,no
sweet,Drinks,Wine,sparkling,m1,no
bread,Food,Bakery,loaf,m2,no
"""
_COLUMNS = "{product: item, department: group, category: shelf"
MAPPING = corner.MAPPING.replace(
    _COLUMNS, _COLUMNS + ", subcategory: kind, maker: maker, own_label: own"
)


def open_shelf(home: Path, *receipts: str) -> Shop:
    """Return the shop of receipts, `card item item=price@store ...`, in the last eight weeks.

    An item costs 2.00 in the store N unless said; a card `-` is none; `2026-02-03:card` has a day.
    """
    rows = [HEADER]
    for number, receipt in enumerate(receipts, start=1):
        who, *items = receipt.split()
        day, _, card = who.rpartition(":")
        time = f"{day or f'2026-02-{number % 28 + 1:02d}'} 12:00:00"
        for item in items:
            what, _, store = item.partition("@")
            name, _, price = what.partition("=")
            card_name = "" if card == "-" else card
            rows.append(
                f"{number},{card_name},{name},{store or 'N'},{time},1,{price or '2.00'},0.00"
            )
    rows.append("9999,cat,bread,N,2026-01-05 12:00:00,1,1.00,0.00")
    deliver(home, receipts="\n".join(rows) + "\n", mapping=MAPPING, catalogue=CATALOGUE)
    return open_shop(home)
