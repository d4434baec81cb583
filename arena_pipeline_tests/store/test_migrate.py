"""Migrations: up from nothing, down to nothing, once, and never over a newer store."""

import subprocess
import sys

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import CheckConstraint, inspect, select, text

from arena_pipeline.errors import StoreError
from arena_pipeline.store import Store
from arena_pipeline.store.migrate import (
    VERSION_TABLE,
    check_version,
    downgrade,
    migrate,
    newest,
    version,
)
from arena_pipeline.store.tables import Base, Ladder

VIEWS = {"flat_models", "games", "game_participants"}


def objects(store: Store) -> tuple[set[str], set[str]]:
    with store.read() as connection:
        inspector = inspect(connection)
        return set(inspector.get_table_names()), set(inspector.get_view_names())


def test_an_empty_database_gets_every_table_and_view(empty_store: Store) -> None:
    applied = migrate(empty_store)

    assert applied == ["0001", "0002", "0003", "0004", "0005", "0006", "0007"]
    assert objects(empty_store) == ({*Base.metadata.tables, VERSION_TABLE}, VIEWS)
    assert version(empty_store) == newest()


def test_the_migrated_tables_are_those_the_code_declares(empty_store: Store) -> None:
    migrate(empty_store)

    with empty_store.read() as connection:
        context = MigrationContext.configure(
            connection, opts={"version_table": VERSION_TABLE, "compare_type": False}
        )
        assert compare_metadata(context, Base.metadata) == []


def test_checks_and_partial_indexes_are_migrated_too(empty_store: Store) -> None:
    migrate(empty_store)

    with empty_store.read() as connection:
        inspector = inspect(connection)
        for table in Base.metadata.sorted_tables:
            declared = {str(c.name) for c in table.constraints if isinstance(c, CheckConstraint)}
            found = {check["name"] for check in inspector.get_check_constraints(table.name)}
            assert declared == found, table.name


def test_migrating_again_does_nothing(store: Store) -> None:
    assert migrate(store) == []


def test_down_to_nothing_and_up_again(empty_store: Store) -> None:
    migrate(empty_store)

    downgrade(empty_store)
    assert objects(empty_store) == ({VERSION_TABLE}, set())

    assert migrate(empty_store) == ["0001", "0002", "0003", "0004", "0005", "0006", "0007"]


def test_each_step_goes_down_and_up(store: Store) -> None:
    downgrade(store, "0001")
    assert objects(store)[1] == set()

    assert migrate(store) == ["0002", "0003", "0004", "0005", "0006", "0007"]
    assert objects(store)[1] == VIEWS


def test_data_survives_a_migration_that_does_not_touch_it(store: Store) -> None:
    downgrade(store, "0001")
    migrate(store)

    with store.read() as connection:
        assert connection.scalars(select(Ladder.name)).all() == ["snake"]


def test_a_store_from_a_newer_program_is_refused_and_left_alone(store: Store) -> None:
    with store.write() as connection:
        connection.execute(text(f"UPDATE {VERSION_TABLE} SET version_num = '9999'"))

    for act in (migrate, check_version):
        with pytest.raises(StoreError, match="version 9999, newer than this program knows"):
            act(store)

    assert version(store) == "9999"


def test_a_store_that_was_never_migrated_says_what_to_do(empty_store: Store) -> None:
    with pytest.raises(StoreError, match="is empty; run: arena up"):
        check_version(empty_store)


def test_four_processes_at_once_migrate_once(empty_store_url: str) -> None:
    code = (
        "import sys; from arena_pipeline.store import open_store; "
        "from arena_pipeline.store.migrate import migrate; "
        "print(len(migrate(open_store(sys.argv[1]))))"
    )
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", code, empty_store_url], stdout=subprocess.PIPE, text=True
        )
        for _ in range(4)
    ]

    applied = sorted(int(process.communicate()[0]) for process in processes)

    assert applied == [0, 0, 0, 7]
