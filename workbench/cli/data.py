"""Commands about the data: load it, look at its state, erase a person."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli.common import complain, end, say

if TYPE_CHECKING:
    import polars as pl

    from workbench.data.lake import Edition, Lake

Sources = Annotated[
    list[Path], typer.Argument(help="Folders or files to load.", show_default=False)
]
MappingFile = Annotated[
    Path | None,
    typer.Option(
        "--mapping", help="YAML file that says which column is what. [default: SOURCE/mapping.yaml]"
    ),
]
Suggest = Annotated[
    bool,
    typer.Option("--suggest", help="Print a first mapping for the files; load nothing."),
]
Replace = Annotated[
    bool, typer.Option("--replace", help="Hold these files only, whatever was loaded before.")
]
Verify = Annotated[
    bool, typer.Option("--verify", help="Read every file again and compare its checksum.")
]


def ingest(
    source: Sources, mapping: MappingFile = None, suggest: Suggest = False, replace: Replace = False
) -> None:
    """Load your own receipts; files that were loaded before are passed over."""
    from workbench import paths
    from workbench.data.lake import Lake
    from workbench.door.ingest import ingest as load
    from workbench.door.mapping import Mapping

    if suggest:
        from workbench.door.suggest import suggest as first_mapping

        print(first_mapping(source[0]), end="")
        return
    folder = source[0] if source[0].is_dir() else source[0].parent
    meant = Mapping.read(mapping or folder / "mapping.yaml")
    lake = Lake(paths.home())
    before = lake.numbers()
    edition = load(source, meant, paths.home(), replace=replace, progress=say)
    print(f"{edition.retailer}: data {edition.version}, complete to {edition.last_day}")
    if edition.number in before:
        print("Every file was loaded before: nothing changed.")
    else:
        _tell_load(lake, edition)


def _tell_load(lake: "Lake", edition: "Edition") -> None:
    from workbench.data import state

    newest = state.loads(lake, edition).filter(edition=edition.number)
    for row in newest.iter_rows(named=True):
        print(
            f"{row['files']} files: {row['rows']:,} rows, of them {row['quarantined']:,} in "
            f"quarantine; {row['restated']} stored days restated"
        )
    print(f"Passport: {edition.colour}" + "".join(f"\n  red: {name}" for name in edition.passport))


def data(verify: Verify = False) -> None:
    """Print the state of the data: tables, days, versions and the last loads."""
    from workbench import paths
    from workbench.data import seals, state
    from workbench.data.lake import Lake

    lake = Lake(paths.home())
    edition = lake.edition()
    wrong = seals.broken(lake, edition) if verify else []
    for what in wrong:
        complain(f"{edition.version}: {what}; load the data again, or from a backup")
    end(not wrong)
    print(
        f"{edition.retailer}: data {edition.version}, {edition.first_day} to {edition.last_day}, "
        f"{edition.currency}, passport {edition.colour}\n"
    )
    _print(state.tables(lake, edition))
    print("\nLoads, the newest first:\n")
    _print(state.loads(lake, edition).head(10))
    others = [each.version for each in lake.editions() if each.number != edition.number]
    print(f"\nOther versions: {', '.join(others) or 'none'}")
    if verify:
        print(f"{len(seals.read(lake, edition))} checksums read again: none wrong")


def copy() -> None:
    """Copy the tables to the warehouse that WORKBENCH_ENGINE names; drop what is out of date."""
    import os

    from workbench import paths
    from workbench.data.engines import ENGINE, NoEngine, reader
    from workbench.data.lake import Lake

    address = os.environ.get(ENGINE, "")
    if "://" not in address or not address.partition("://")[2]:
        raise NoEngine(
            f"{ENGINE} names no warehouse; set it to an address such as "
            "duckdb:///data/receipts.duckdb"
        )
    reader(address)  # an error here says what is missing
    from workbench.data.engines import warehouse

    brought, dropped = warehouse.copy(Lake(paths.home()), address)
    print(f"{len(brought)} tables copied, {len(dropped)} dropped")


def erase(
    customer: Annotated[str, typer.Argument(help="The customer's id, as the source writes it.")],
    retailer: Annotated[
        str | None, typer.Option(help="Whose customer, where several know one of that id.")
    ] = None,
) -> None:
    """Remove a person from every table, file, log and report, and give a receipt."""
    from workbench import paths
    from workbench.door.erase import erase as remove

    receipt = remove(paths.home(), customer, retailer=retailer, progress=say)
    print(f"{receipt.text}\nThis receipt is kept in {receipt.path}")


def _print(frame: "pl.DataFrame") -> None:
    import polars as pl

    with pl.Config(
        tbl_formatting="NOTHING",
        tbl_hide_column_data_types=True,
        tbl_hide_dataframe_shape=True,
        tbl_rows=-1,
        tbl_cols=-1,
        tbl_width_chars=160,
    ):
        print(frame.select(pl.all().cast(pl.String).fill_null("")))
