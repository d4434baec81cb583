"""Reading the store as Arrow: types, values, one view, and what goes wrong."""

import os
import signal
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import URL, Select, column, insert, select, table, union_all

from arena_pipeline.errors import StoreError
from arena_pipeline.store import Store, open_store
from arena_pipeline.store.arrow import BATCH_ROWS, ArrowView, arrow_view
from arena_pipeline.store.tables import AuditEntry, Gateway, Instance, Kind
from arena_pipeline_tests.agents import NOON
from arena_pipeline_tests.postgres import Cluster

KIND = Kind.__table__.c
AUDIT = AuditEntry.__table__.c


def rows(view: ArrowView, statement: Select[*tuple[Any, ...]]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = view.stream(statement).read_all().to_pylist()
    return found


def add_kinds(store: Store, names: Sequence[str]) -> None:
    with store.write() as connection:
        connection.execute(insert(Kind), [{"name": one, "title": one} for one in names])


def add_acts(store: Store, reasons: Sequence[str | None]) -> None:
    with store.write() as connection:
        connection.execute(
            insert(AuditEntry),
            [
                {
                    "at": NOON,
                    "actor": "eve",
                    "action": "deny",
                    "subject_kind": "model",
                    "subject": "a/b",
                    "reason": reason,
                }
                for reason in reasons
            ],
        )


def test_an_empty_table_gives_no_rows_but_its_columns(store: Store) -> None:
    with arrow_view(store) as view:
        found = view.stream(select(AUDIT.id, AUDIT.reason)).read_all()

    assert (found.num_rows, found.column_names) == (0, ["id", "reason"])


def test_a_column_that_begins_with_thousands_of_nulls_keeps_its_texts(store: Store) -> None:
    reasons = [None] * (2 * BATCH_ROWS) + ["because", "1", None, "ünïcödé \N{SNAKE} ' \" \\ %"]
    add_acts(store, reasons)

    with arrow_view(store) as view:
        found = rows(view, select(AUDIT.id, AUDIT.reason).order_by(AUDIT.id))

    assert [row["reason"] for row in found] == reasons


def test_numbers_come_to_the_last_digit(store: Store) -> None:
    seeds = [None, 2**63 - 1, 0, -(2**63)]
    caps = [Decimal("9223372.036854775807"), None, Decimal(0), Decimal("0.000000000001")]
    with store.write() as connection:
        config = connection.exec_driver_sql("SELECT id FROM game_configs").scalar_one()
        for number, (seed, cap) in enumerate(zip(seeds, caps, strict=True)):
            connection.execute(
                insert(Instance).values(
                    config_id=config,
                    name=str(number),
                    seed=seed,
                    position={},
                    digest=str(number),
                    created_at=NOON,
                )
            )
            connection.execute(
                insert(Gateway).values(
                    name=str(number), base_url="http://x", daily_cap=cap, updated_at=NOON
                )
            )

    with arrow_view(store) as view:
        instances = rows(view, select(Instance.seed).order_by(Instance.name))
        gateways = rows(view, select(Gateway.daily_cap).order_by(Gateway.name))

    assert [row["seed"] for row in instances] == seeds
    assert [row["daily_cap"] for row in gateways] == [
        None if cap is None else int(cap * 10**12) for cap in caps
    ]


def test_what_is_written_meanwhile_is_not_seen(store: Store) -> None:
    add_kinds(store, ["before"])

    with arrow_view(store) as view:
        before = rows(view, select(KIND.name))
        add_kinds(store, ["meanwhile"])
        after = rows(view, select(KIND.name))

    assert before == after
    assert {"name": "before"} in after


def test_several_statements_in_one_are_one_stream(store: Store) -> None:
    add_kinds(store, ["a", "b"])
    a, b = (select(KIND.name, KIND.enabled).where(KIND.name == name) for name in "ab")

    with arrow_view(store) as view:
        found = view.stream(union_all(a, b)).read_all().to_pylist()

    assert [(row["name"], bool(row["enabled"])) for row in found] == [("a", True), ("b", True)]


def test_a_statement_that_fails_is_told_and_the_next_one_runs(store: Store) -> None:
    with arrow_view(store) as view, pytest.raises(StoreError, match="no_such_table"):
        view.stream(select(column("x")).select_from(table("no_such_table")))


def test_a_reader_that_is_killed_is_told_as_a_sentence(store: Store) -> None:
    with arrow_view(store) as view:
        rows(view, select(KIND.name))
        os.kill(view.process_id, signal.SIGKILL)
        os.waitid(os.P_PID, view.process_id, os.WEXITED | os.WNOWAIT)

        with pytest.raises(StoreError, match="can't be read: the process that reads it ended"):
            rows(view, select(KIND.name))


def test_no_reader_is_left_behind(store: Store) -> None:
    with arrow_view(store) as view:
        rows(view, select(KIND.name))

    with pytest.raises(ProcessLookupError):
        os.kill(view.process_id, 0)


def test_a_terminal_s_ctrl_c_does_not_reach_the_reader(store: Store) -> None:
    with arrow_view(store) as view:
        assert os.getpgid(view.process_id) != os.getpgid(0)


def test_a_store_that_is_not_there_is_not_created(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'none.sqlite3'}")

    with arrow_view(store) as view, pytest.raises(StoreError, match=r"none\.sqlite3 can't be read"):
        rows(view, select(KIND.name))

    assert list(tmp_path.iterdir()) == []


def test_a_path_may_hold_any_character(tmp_path: Path, sqlite_template: Path) -> None:
    path = tmp_path / "a b%20?c#d'é" / "arena.sqlite3"
    path.parent.mkdir()
    path.write_bytes(sqlite_template.read_bytes())
    store = open_store(
        URL.create("sqlite", database=str(path)).render_as_string(hide_password=False)
    )

    with arrow_view(store) as view:
        rows(view, select(KIND.name))
    store.close()


def test_a_wrong_password_is_never_told(postgres_cluster: Cluster) -> None:
    url = postgres_cluster.create_database()
    password = "s3cret-w0rd"
    wrong = url.replace(url.split(":")[2].split("@")[0], password)
    store = open_store(wrong)

    with arrow_view(store) as view, pytest.raises(StoreError, match="authentication") as raised:
        rows(view, select(KIND.name))

    assert password not in str(raised.value)
    postgres_cluster.drop_database(url)


def test_an_address_with_options_is_read_as_the_store_reads_it(
    postgres_cluster: Cluster, postgres_template: str
) -> None:
    url = postgres_cluster.create_database(template=postgres_template)
    store = open_store(f"{url}?ssl=false&application_name=arena%20test&connect_timeout=5")

    with arrow_view(store) as view:
        rows(view, select(KIND.name))

    store.close()
    postgres_cluster.drop_database(url)
