"""The corner shop: a tiny retailer whose every figure can be checked by hand.

Four card holders and one customer without a card buy bread, milk and wine in eight weeks.
Tests and examples load it through the ordinary door.
"""

from pathlib import Path

from workbench.data.lake import Edition
from workbench.door.ingest import ingest
from workbench.door.load import Progress
from workbench.door.mapping import Mapping

RECEIPTS = """\
receipt,card,item,shop,time,quantity,amount,card_discount
1,0012,bread,N,2026-01-05 09:00:00,1,2.00,0.00
1,0012,milk,N,2026-01-05 09:00:00,2,3.00,0.50
2,12,wine,N,2026-01-06 18:30:00,1,8.00,0.00
3,,bread,N,2026-01-07 10:15:00,1,2.00,0.00
4,0012,bread,N,2026-01-14 09:00:00,1,2.00,0.00
5,31,milk,S,2026-01-20 17:45:00,4,6.00,0.00
6,12,wine,N,2026-01-27 18:30:00,1,8.00,0.00
7,0012,bread,N,2026-02-02 09:00:00,2,4.00,0.00
7,0012,milk,N,2026-02-02 09:00:00,1,1.50,0.00
8,40,wine,S,2026-02-09 19:00:00,2,16.00,0.00
8,40,candle,S,2026-02-09 19:00:00,1,5.00,0.00
9,0012,bread,N,2026-02-16 09:00:00,1,2.00,0.00
10,12,wine,N,2026-02-17 18:30:00,-1,-8.00,0.00
11,40,wine,S,2026-02-23 19:00:00,1,8.00,0.00
12,,milk,S,2026-03-01 12:00:00,1,1.50,0.00
"""
CATALOGUE = """\
item,group,shelf
bread,Food,Bakery
milk,Food,Dairy
wine,Drinks,Wine
"""
MAPPING = """\
retailer: Corner shop
currency: EUR
zone: Europe/Paris
last_day: 2026-03-01
cost_rates: {default: 0.5, Drinks: 0.75}
tables:
  lines:
    file: receipts.csv
    columns:
      basket: receipt
      customer: card
      product: item
      store: shop
      sold_at: time
      quantity: quantity
      sales: amount
      loyalty_discount: card_discount
  products:
    file: catalogue.csv
    columns: {product: item, department: group, category: shelf}
"""


def deliver(folder: Path, *, receipts: str = RECEIPTS, mapping: str = MAPPING) -> Path:
    """Write the corner shop's files into a folder, as its till would, and return the mapping."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "receipts.csv").write_text(receipts, encoding="utf-8")
    (folder / "catalogue.csv").write_text(CATALOGUE, encoding="utf-8")
    path = folder / "mapping.yaml"
    path.write_text(mapping, encoding="utf-8")
    return path


def load(home: Path, *, progress: Progress = print) -> Edition:
    """Load the corner shop into the lake of `home`."""
    mapping = deliver(home / "corner")
    return ingest([mapping.parent], Mapping.read(mapping), home, progress=progress)
