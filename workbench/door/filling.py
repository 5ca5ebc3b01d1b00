"""Filling the tables of a draft: dimensions, costs, receipts, and every other fact."""

import polars as pl

from workbench.data.contracts import CONTRACTS, DIMENSIONS
from workbench.door import keys, merging, parts, receipts
from workbench.door.delivery import DeliveryError
from workbench.door.load import Load
from workbench.door.mapping import MappingError

OF_THEIR_OWN = ("lines", "costs", *DIMENSIONS.values())


def fill(load: Load) -> pl.DataFrame:
    """Write every table that the landed files or the mapping change; return the days restated.

    Raises MappingError where there are no receipts yet and none come.
    """
    if "lines" not in load.landed and not load.draft.has("lines"):
        raise MappingError("the table 'lines' is missing; map the receipts first")
    before = merging.prices(load.draft)
    _start_anew(load)
    _dimensions(load)
    _costs(load)
    restated = _lines(load, before)
    _facts(load)
    return restated


def _start_anew(load: Load) -> None:
    """Empty the tables that are loaded anew; a dimension keeps its ids and is described anew."""
    anew = load.anew - set(DIMENSIONS.values())
    for table in sorted(anew | (set(receipts.MADE) if "lines" in anew else set())):
        if load.draft.has(table):
            load.draft.clear(table)


def _dimensions(load: Load) -> None:
    """Write customers, products, stores and campaigns, with an id for all that is mentioned."""
    load.progress("naming customers, products and stores")
    draft, mapping = load.draft, load.mapping
    found = {}
    for name, table in DIMENSIONS.items():
        if draft.has(table) or keys.mentioning(load.frames, name):
            anew = table in load.anew
            found[table] = keys.dimension(load.frames, name, draft.read(table), anew=anew)
        if table in load.frames:
            again = keys.described_again(load.frames[table], name)
            load.merged(table, merging.Merged(merged=again))
    found["stores"] = found["stores"].with_columns(
        pl.col("retailer").fill_null(mapping.retailer),
        pl.col("currency").fill_null(mapping.currency),
        pl.col("channel").fill_null("store"),
    )
    tree = ["department", "category"]
    products = found["products"].with_columns(pl.col("merchandise").fill_null(True))
    categories = keys.numbered(
        products.select(tree).unique(), tree, "category_id", draft.read("categories")
    )
    products = products.join(categories, on=tree, how="left", nulls_equal=True)
    load.dimensions = found | {"products": products, "categories": categories}
    for table, frame in load.dimensions.items():
        draft.replace(table, frame.select(*CONTRACTS[table].schema))


def _costs(load: Load) -> None:
    """Write the costs: those delivered, or those that the mapping declares per department."""
    mapping, products = load.mapping, load.dimensions["products"]
    last = load.draft.last
    if last and "costs" in last.synthetic and "costs" not in load.synthetic:
        load.draft.keep("costs", pl.col("basis") != "declared")
    if "costs" in load.frames:
        load.merged("costs", merging.merge_whole(load.draft, "costs", load.resolved("costs")))
    elif mapping.cost_rates and "costs" not in mapping.tables:
        rates = {name: round(rate * 10_000) for name, rate in mapping.cost_rates.items()}
        rate = pl.col("department").replace_strict(
            rates, default=rates.get("default"), return_dtype=pl.Int32
        )
        load.draft.replace(
            "costs", products.select("product_id", cost_rate=rate, basis=pl.lit("declared"))
        )


def _lines(load: Load, before: pl.DataFrame) -> pl.DataFrame:
    """Write the receipts and return the days restated; `before` holds the prices until now."""
    draft, source = load.draft, load.mapping.tables.get("lines")
    new = load.resolved("lines") if "lines" in load.frames else _no_lines()
    once = source is not None and source.repeated == "once"
    done = merging.merge_lines(
        draft, new, before, once=once, near=load.work, progress=load.progress
    )
    if not draft.has("lines") or not draft.months("lines"):
        names = ", ".join(one.file.name for one in load.landed["lines"])
        raise DeliveryError(f"{names} is refused: it holds no receipt; deliver the receipts first")
    restated = pl.concat(done.restated)
    if draft.last and "lines" in load.anew:
        restated = merging.restated(draft.lake.scan(draft.last, "lines"), draft.scan("lines"))
    if "lines" in load.landed:
        load.merged("lines", done)
        load.found("lines", "rows alike in every column", done.repeated, load.delivered("lines"))
        load.found("lines", "days restated", restated.height, load.days().days)
    return restated


def _no_lines() -> pl.LazyFrame:
    schema = {name: CONTRACTS["lines"].schema.get(name, pl.String) for name in receipts.COLUMNS}
    return pl.LazyFrame(schema=schema | {parts.FILE: pl.Int32()})


def _facts(load: Load) -> None:
    for table in load.frames:
        if table in OF_THEIR_OWN:
            continue
        load.progress(f"writing {table}")
        rows = load.resolved(table)
        if CONTRACTS[table].dated:
            done = merging.merge_dated(load.draft, table, rows, load.work)
        else:
            done = merging.merge_whole(load.draft, table, rows)
        load.merged(table, done)
