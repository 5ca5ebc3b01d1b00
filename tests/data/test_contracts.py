"""The data model: what every table promises."""

import polars as pl
import pytest

from workbench.data.contract import Contract, Kind
from workbench.data.contracts import CONTRACTS, DIMENSIONS

UNFIT = (pl.Categorical, pl.Enum, pl.UInt8, pl.UInt16, pl.UInt32, pl.UInt64, pl.Float64, pl.Float32)
every_contract = pytest.mark.parametrize("contract", CONTRACTS.values(), ids=CONTRACTS)


def test_the_model_covers_the_whole_product() -> None:
    """Every table that the product needs has a contract, filled now or not."""
    assert set(CONTRACTS) == {
        *("lines", "baskets", "products", "categories", "customers", "people", "stores"),
        *("promotions", "campaigns", "targets", "coupons", "redemptions", "costs"),
        *("consents", "contacts", "web_events", "attributes", "stock", "weather"),
        *("files", "quarantine", "restated", "findings", "passport"),
        *("receipts", "category_lines", "customer_weeks", "customer_category_weeks"),
    }


@every_contract
def test_a_table_states_its_grain_and_what_each_column_means(contract: Contract) -> None:
    """Grain and meanings are written down for people."""
    assert contract.grain.startswith("one row per ")
    assert all(column.meaning for column in contract.columns)
    assert all(meaning for _, meaning in contract.derived.values())


@every_contract
def test_the_key_of_a_table_is_made_of_its_own_columns(contract: Contract) -> None:
    """A key names stored columns, each once."""
    assert contract.key
    assert set(contract.key) <= set(contract.schema)
    assert len(set(contract.key)) == len(contract.key)


@every_contract
def test_no_column_of_a_table_is_declared_twice(contract: Contract) -> None:
    """Stored columns of different origin do not overwrite each other, whatever their case."""
    stored = [name for column in contract.columns for name in column.stored]
    names = [*contract.derived, *stored]
    assert len({name.lower() for name in names}) == len(names)


@every_contract
def test_stored_types_are_ones_the_lake_keeps_and_adds_up_exactly(contract: Contract) -> None:
    """No categories or unsigned numbers, which Delta refuses, and no floats, which drift."""
    unfit = {name: dtype for name, dtype in contract.schema.items() if dtype in UNFIT}
    assert unfit == {}


@every_contract
def test_every_key_to_another_table_leads_to_one_that_exists(contract: Contract) -> None:
    """A KEY column is named after the id of a dimension."""
    keys = {column.name for column in contract.columns if column.kind is Kind.KEY}
    assert keys <= set(DIMENSIONS)


def test_personal_data_is_in_one_table_only() -> None:
    """Names, addresses and birthdays are in `people`, so that they can be erased in one place."""
    personal = {"first_name", "email", "phone", "birthday"}
    assert {table for table, made in CONTRACTS.items() if personal & set(made.schema)} == {"people"}
