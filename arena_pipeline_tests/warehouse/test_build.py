"""What a build puts into the DuckDB file and the Parquet files, against the store."""

import hashlib
import json
import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select, update

from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Ladder, Model
from arena_pipeline.store.types import Document
from arena_pipeline.warehouse.build import build
from arena_pipeline.warehouse.columns import quoted
from arena_pipeline.warehouse.manifest import read_manifest
from arena_pipeline.warehouse.opening import connect
from arena_pipeline.warehouse.tables import BUILD, TABLES, WarehouseTable
from arena_pipeline_tests.warehouse.stocked import files_of

Rows = list[tuple[Any, ...]]


def asked(settings: Settings, sql: str) -> Rows:
    with connect(settings) as connection:
        return connection.execute(sql).fetchall()


def in_store(store: Store, table: WarehouseTable) -> Rows:
    """The store's rows of a table, as the warehouse must show the columns that both have."""
    source = table.source
    assert source is not None
    statement = select(*(source.c[name] for name in table.read))
    if table.name in ("ladder_matches", "rating_events"):
        statement = statement.join(
            Ladder.__table__,
            (Ladder.id == source.c.ladder_id) & (Ladder.epoch == source.c.epoch),
        )
    with store.read() as connection:
        rows = connection.execute(statement).all()
    documents = [isinstance(source.c[name].type, Document) for name in table.read]
    return ordered(
        [
            tuple(
                value if value is None or not is_document else json.dumps(value, sort_keys=True)
                for value, is_document in zip(row, documents, strict=True)
            )
            for row in rows
        ]
    )


def in_warehouse(settings: Settings, table: WarehouseTable) -> Rows:
    """The warehouse's rows of a table, in the columns that the store has too."""
    assert table.source is not None
    columns = ", ".join(quoted(name) for name in table.read)
    documents = [isinstance(table.source.c[name].type, Document) for name in table.read]
    return ordered(
        [
            tuple(
                value
                if value is None or not is_document
                else json.dumps(json.loads(value), sort_keys=True)
                for value, is_document in zip(row, documents, strict=True)
            )
            for row in asked(settings, f"SELECT {columns} FROM {quoted(table.name)}")
        ]
    )


def ordered(rows: Sequence[tuple[Any, ...]]) -> Rows:
    return sorted((tuple(map(plain, row)) for row in rows), key=repr)


def plain(value: Any) -> Any:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value


def test_every_table_holds_what_the_store_holds(
    stocked: Store, arena_settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="arena_pipeline")
    built = build(stocked, arena_settings)

    for table in TABLES.values():
        if table.source is not None:
            expected = in_store(stocked, table)
            assert expected, f"{table.name} is empty, so nothing is shown"
            assert in_warehouse(arena_settings, table) == expected, table.name
            assert built.tables[table.name] == len(expected)
    assert built.kind == "full"
    assert caplog.messages == ["warehouse built"]


def test_names_stand_beside_the_ids(stocked: Store, arena_settings: Settings) -> None:
    build(stocked, arena_settings)

    for wrong in (
        "matches WHERE config IS NULL OR game <> 'snake' OR month IS NULL",
        (
            "participants p JOIN agents a ON a.id = agent_id JOIN matches m ON m.id = match_id "
            "WHERE [agent, p.name] <> [alias, alias] OR p.ended_at <> m.ended_at "
            "OR p.month <> m.month"
        ),
        (
            "ladder_matches l JOIN matches m ON m.id = match_id "
            "WHERE l.uuid <> m.uuid OR ladder <> 'snake' OR l.month <> m.month"
        ),
        (
            "rating_events e JOIN ladder_matches l USING (ladder_id, sequence) "
            "WHERE e.match_id <> l.match_id OR e.ended_at <> l.ended_at OR e.ladder <> 'snake'"
        ),
        "prices WHERE slug <> 'vendor/model-0'",
        "evaluations WHERE agent <> 'random' OR ladder <> 'snake'",
        "standing_days WHERE ladder <> 'snake'",
        "llm_calls c JOIN matches m ON m.id = c.match_id WHERE c.month <> m.month",
    ):
        sql = f"SELECT count(*) FROM {wrong}"
        assert asked(arena_settings, sql) == [(0,)], sql
    assert asked(arena_settings, "SELECT DISTINCT month FROM matches ORDER BY 1") == [
        ("2026-08",), ("2026-09",), ("2026-11",),
    ]  # fmt: skip


def test_money_is_in_usd_to_the_last_digit(stocked: Store, arena_settings: Settings) -> None:
    build(stocked, arena_settings)

    assert asked(arena_settings, "SELECT spent FROM spend") == [(Decimal("9000000.123456789012"),)]
    assert asked(arena_settings, "SELECT sum(cost_billed) FROM llm_calls") == [
        (Decimal("0.000000000007"),)
    ]


def test_a_price_too_fine_for_the_warehouse_is_rounded_and_told(
    stocked: Store, arena_settings: Settings
) -> None:
    with stocked.write() as connection:
        connection.execute(
            update(Model)
            .where(Model.slug == "vendor/model-0")
            .values(price_prompt=Decimal("0.1234567890125"))
        )

    built = build(stocked, arena_settings)

    assert built.notes == (
        (
            "Table models has 1 rows with prices of more than 12 decimals, which are rounded; the "
            "store has them exactly"
        ),
    )


def test_what_was_said_in_calls_is_not_published(stocked: Store, arena_settings: Settings) -> None:
    build(stocked, arena_settings)

    folder = arena_settings.warehouse_dir
    content = b"".join(files_of(folder / "parquet").values())
    content += (folder / "arena.duckdb").read_bytes()
    assert b"secret words" not in content


def test_every_table_and_column_is_commented(stocked: Store, arena_settings: Settings) -> None:
    build(stocked, arena_settings)

    of_tables: dict[str, str] = dict(
        asked(
            arena_settings,
            "SELECT table_name, comment FROM duckdb_tables() WHERE database_name = 'arena'",
        )
    )
    of_columns = asked(
        arena_settings,
        "SELECT table_name, column_name, comment FROM duckdb_columns() "
        "WHERE database_name = 'arena' AND NOT internal",
    )
    assert {*TABLES, BUILD.name} <= of_tables.keys()
    assert [name for name, comment in of_tables.items() if not comment] == []
    assert [row for row in of_columns if not row[2]] == []
    assert not any("1e-12" in row[2] for row in of_columns)


def test_the_manifest_knows_every_file(stocked: Store, arena_settings: Settings) -> None:
    built = build(stocked, arena_settings)

    manifest = read_manifest(built.parquet)
    files = files_of(built.parquet)
    assert {part.file: part.sha256 for _, part in manifest.parts()} == {
        name: hashlib.sha256(content).hexdigest() for name, content in files.items()
    }
    assert manifest.rows() == dict(built.tables)
    with stocked.read() as connection:
        ladders = connection.execute(
            select(Ladder.name, Ladder.epoch, Ladder.next_sequence - 1, Ladder.chain_head)
        ).all()
    chains = [(one.ladder, one.epoch, one.sequence, one.head) for one in manifest.chains]
    assert chains == [tuple(row) for row in ladders]
