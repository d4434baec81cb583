"""What tables look like is read off their revision."""

import pytest
from sqlalchemy import inspect

from arena_pipeline.store import Store
from arena_pipeline.store.copying.shapes import Form, shapes
from arena_pipeline.store.migrate import VERSION_TABLE, migrate, newest
from arena_pipeline.store.tables import Base
from arena_pipeline.store.types import Document


def test_the_newest_revision_has_the_tables_the_code_declares() -> None:
    found = {shape.table: shape for shape in shapes(newest())}

    assert set(found) == set(Base.metadata.tables)
    for name, table in Base.metadata.tables.items():
        assert {column.name for column in found[name].columns} == set(table.columns.keys())
        assert found[name].key == tuple(column.name for column in table.primary_key)


@pytest.mark.parametrize("revision", ["0001", "0003"])
def test_an_older_revision_has_the_tables_and_columns_of_then(
    empty_store: Store, revision: str
) -> None:
    migrate(empty_store, revision)

    with empty_store.read() as connection:
        inspector = inspect(connection)
        there = {
            name: {column["name"] for column in inspector.get_columns(name)}
            for name in inspector.get_table_names()
        }
    del there[VERSION_TABLE]
    assert {one.table: {column.name for column in one.columns} for one in shapes(revision)} == there


def test_a_table_comes_after_those_it_refers_to() -> None:
    order = [shape.table for shape in shapes(newest())]

    for table in Base.metadata.sorted_tables:
        for key in table.foreign_keys:
            assert order.index(key.column.table.name) <= order.index(table.name)


def test_columns_of_json_come_last() -> None:
    for shape in shapes(newest()):
        kinds = [column.form is Form.JSON for column in shape.columns]
        assert kinds == sorted(kinds)
        assert shape.plain == kinds.count(False)
        declared = Base.metadata.tables[shape.table].columns
        assert kinds.count(True) == sum(isinstance(one.type, Document) for one in declared)
