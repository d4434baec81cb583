"""Tables: every column says what it holds, for whoever reads the store without the code."""

from typing import Any

from sqlalchemy import Column, Table

from arena_pipeline.store.tables import Base
from arena_pipeline.store.types import Price, Usd, UtcDateTime

TABLES = list(Base.metadata.tables.values())
COLUMNS = [column for table in TABLES for column in table.columns]


def words(text: str) -> str:
    return " ".join(text.lower().replace("_", " ").strip(" .").split())


def names(columns: list[Column[Any]]) -> list[str]:
    return [str(column) for column in columns]


def test_every_column_is_described_in_a_line_that_ends_with_a_full_stop() -> None:
    vague = [
        column
        for column in COLUMNS
        if not column.doc or not column.doc.endswith(".") or "\n" in column.doc
    ]

    assert names(vague) == []


def test_no_description_only_repeats_the_name() -> None:
    empty = [column for column in COLUMNS if words(column.doc or "") == words(column.name)]

    assert names(empty) == []


def test_no_two_columns_of_a_table_are_described_alike() -> None:
    def descriptions(table: Table) -> list[str]:
        return [words(column.doc or "") for column in table.columns]

    alike = [table.name for table in TABLES if len({*descriptions(table)}) < len(table.columns)]

    assert alike == []


def test_every_column_that_can_be_unknown_says_what_null_means() -> None:
    silent = [column for column in COLUMNS if column.nullable and "NULL" not in (column.doc or "")]

    assert names(silent) == []


def test_every_moment_is_said_to_be_utc_and_every_amount_to_be_usd() -> None:
    units = {UtcDateTime: "(UTC)", Price: "USD per million tokens", Usd: "in 1e-12 USD"}
    lacking = [
        column for column in COLUMNS if units.get(type(column.type), "") not in (column.doc or "")
    ]

    assert names(lacking) == []
