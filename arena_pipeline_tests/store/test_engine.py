"""Opening a store, and what its two kinds of transaction promise."""

import signal
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import DataError, IntegrityError

from arena_pipeline.errors import StoreError
from arena_pipeline.store import Store, engine, open_store
from arena_pipeline.store.engine import normalise_url
from arena_pipeline.store.tables import Kind, Ladder


def count_kinds(store: Store) -> int:
    with store.read() as connection:
        return int(connection.scalar(select(func.count()).select_from(Kind)) or 0)


def test_a_failed_write_leaves_nothing(store: Store) -> None:
    def add_twice() -> None:
        with store.write() as connection:
            for _ in range(2):
                connection.execute(store.insert(Kind), [{"name": "bot", "title": "Bot"}])

    with pytest.raises(IntegrityError):
        add_twice()

    assert count_kinds(store) == 0


def test_an_error_told_at_the_end_of_a_pipeline_is_like_any_other(store: Store) -> None:
    if store.is_sqlite:
        pytest.skip("SQLite has no pipelines")

    def divide() -> None:
        with store.write() as connection, store.pipelined(connection):
            # Past SQLAlchemy, which would wait for the answer.
            connection.connection.cursor().connection.execute("SELECT 1 / 0")

    with pytest.raises(DataError, match="division by zero"):
        divide()


def test_a_reader_keeps_its_view_while_others_write(store: Store) -> None:
    with store.read() as reading:
        before = reading.scalar(select(func.count()).select_from(Kind))
        with store.write() as connection:
            connection.execute(store.insert(Kind), [{"name": "bot", "title": "Bot"}])

        assert reading.scalar(select(func.count()).select_from(Kind)) == before

    assert count_kinds(store) == 1


def test_counting_up_from_eight_threads_loses_nothing(store: Store) -> None:
    def count_up() -> None:
        for _ in range(25):
            with store.write() as connection:
                query = select(Ladder.next_sequence).where(Ladder.name == "snake")
                present = connection.scalars(query.with_for_update()).one()
                connection.execute(
                    update(Ladder).where(Ladder.name == "snake").values(next_sequence=present + 1)
                )

    threads = [threading.Thread(target=count_up) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with store.read() as connection:
        assert connection.scalar(select(Ladder.next_sequence)) == 201


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("postgresql://u:p@h/d", "postgresql+psycopg://u:p@h/d"),
        ("postgres://u:p@h/d", "postgresql+psycopg://u:p@h/d"),
        ("postgresql+psycopg2://u:p@h/d", "postgresql+psycopg://u:p@h/d"),
        ("postgresql://h/d?ssl=true", "postgresql+psycopg://h/d?sslmode=require"),
        ("postgresql://h/d?ssl=verify-full", "postgresql+psycopg://h/d?sslmode=verify-full"),
        ("postgresql://h/d?sslmode=disable", "postgresql+psycopg://h/d?sslmode=disable"),
        ("sqlite:////a/b.sqlite3", "sqlite:////a/b.sqlite3"),
    ],
)
def test_addresses_are_put_right(given: str, expected: str) -> None:
    assert normalise_url(given).render_as_string(hide_password=False) == expected


@pytest.mark.parametrize("address", ["mysql://u:secret@h/d", "nonsense:secret", "secret"])
def test_other_addresses_are_refused_without_showing_a_password(address: str) -> None:
    with pytest.raises(StoreError, match="ARENA_DATABASE_URL") as refusal:
        normalise_url(address)

    assert "secret" not in str(refusal.value)


def test_a_database_in_memory_is_refused() -> None:
    with pytest.raises(StoreError, match="must be a file"):
        open_store("sqlite://")


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"folder of the store .*nowhere.* does not exist"):
        open_store(f"sqlite:///{tmp_path / 'nowhere' / 'arena.sqlite3'}")


def test_a_server_that_is_not_there_is_named_without_password() -> None:
    with (
        closing(open_store("postgresql://arena:secret@127.0.0.1:9/arena")) as store,
        pytest.raises(StoreError, match="The store ") as refusal,
        store.read(),
    ):
        pass

    assert "secret" not in str(refusal.value)


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    path = tmp_path / "arena.sqlite3"
    path.write_text("this is no database, it only lies where one is expected " * 20)

    with (
        closing(open_store(f"sqlite:///{path}")) as store,
        pytest.raises(StoreError, match="The store "),
        store.read(),
    ):
        pass


def test_a_server_that_was_restarted_meanwhile_is_no_obstacle(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    if store.is_sqlite:
        pytest.skip("SQLite has no server")
    monkeypatch.setattr("arena_pipeline.store.engine.IDLE_S", 0.0)
    assert count_kinds(store) == 0
    url = store.engine.url.render_as_string(hide_password=False)
    with closing(open_store(url)) as other, other.read() as connection:
        connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )

    assert count_kinds(store) == 0


def test_a_store_that_stays_locked_is_named(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    if not store.is_sqlite:
        pytest.skip("PostgreSQL locks rows, not the store")
    monkeypatch.setattr(engine, "BUSY_TIMEOUT_S", 0)
    with (
        store.write(),
        closing(open_store(store.engine.url.render_as_string())) as other,
        pytest.raises(StoreError, match="database is locked"),
        other.write(),
    ):
        pass


WAITING = """
import sys, threading
from arena_pipeline.store import open_store

def tell(main=threading.get_ident()):
    while True:
        frame = sys._current_frames()[main]
        while frame and frame.f_code.co_name != "do_execute":
            frame = frame.f_back
        if frame and "BEGIN IMMEDIATE" in frame.f_locals["statement"]:
            print("waiting", flush=True)
            return

store = open_store(sys.argv[1])
threading.Thread(target=tell, daemon=True).start()
with store.write():
    print("writing", flush=True)
"""
"""Says that it waits once it is inside of SQLite."""


def test_who_waits_for_a_locked_store_can_be_interrupted(store: Store) -> None:
    if not store.is_sqlite:
        pytest.skip("PostgreSQL locks rows, not the store")
    with (
        store.write(),
        subprocess.Popen(
            [sys.executable, "-c", WAITING, store.engine.url.render_as_string()],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        ) as waiting,
    ):
        try:
            assert waiting.stdout is not None
            assert waiting.stdout.readline() == "waiting\n"
            waiting.send_signal(signal.SIGINT)
            assert waiting.communicate(timeout=20)[0] == ""
        finally:
            waiting.kill()

    assert waiting.returncode not in (0, -signal.SIGKILL)
