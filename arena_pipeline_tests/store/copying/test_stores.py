"""A copy holds what the store holds, on any database, whole or not at all."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest
from sqlalchemy import func, inspect, select, text

from arena_pipeline.errors import StoreError
from arena_pipeline.leaderboard.board import board
from arena_pipeline.leaderboard.comparing import compare
from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.store import Store, open_store
from arena_pipeline.store.copying import copy_store, store_digests
from arena_pipeline.store.migrate import downgrade, migrate, version
from arena_pipeline.store.tables import Agent, Base, Match, Model
from arena_pipeline_tests.agents import add_agents, finished_match
from arena_pipeline_tests.matches.looking import count
from arena_pipeline_tests.matches.writer import entrants_of, matches
from arena_pipeline_tests.postgres import Cluster
from arena_pipeline_tests.store.copying.conftest import Copy
from arena_pipeline_tests.store.copying.filled import JSON


def tables(store: Store) -> set[str]:
    with store.read() as connection:
        return set(inspect(connection).get_table_names())


def url_of(store: Store) -> str:
    return store.engine.url.render_as_string(hide_password=False)


def test_a_copy_holds_every_table_of_the_store(copy: Copy) -> None:
    assert set(copy.copied.tables) == set(Base.metadata.tables)
    assert copy.copied.tables == store_digests(copy.source) == store_digests(copy.target)


def test_a_copy_is_at_the_version_of_the_store(copy: Copy) -> None:
    assert version(copy.target) == copy.copied.revision == version(copy.source)


def test_a_copy_has_the_same_leaderboard(copy: Copy) -> None:
    assert board(copy.target, "snake").to_json() == board(copy.source, "snake").to_json()
    assert compare(copy.target, "snake") == []


def test_every_value_of_a_copy_is_the_same(copy: Copy) -> None:
    for table in Base.metadata.sorted_tables:
        query = select(table).order_by(*table.primary_key)
        with copy.source.read() as stored, copy.target.read() as copied:
            assert stored.execute(query).all() == copied.execute(query).all(), table.name


def test_numbers_in_json_stay_whole_or_broken(copy: Copy) -> None:
    with copy.target.read() as connection:
        details = connection.scalars(select(Model.details)).first()

    assert details == JSON
    assert [type(one) for one in details["b"][:3]] == [int, float, float]


def test_progress_ends_at_all_rows_twice(copy: Copy) -> None:
    assert copy.told == sorted(copy.told)
    assert copy.told[-1] == (2 * copy.copied.rows, 2 * copy.copied.rows)


def test_there_and_back_is_the_same(copy: Copy, tmp_path: Path) -> None:
    back = open_store(f"sqlite:///{tmp_path / 'back.sqlite3'}")

    copied = copy_store(copy.target, back)
    back.close()

    assert copied.tables == copy.copied.tables


def test_an_arena_goes_on_in_its_copy(source: Store, target: Store, tmp_path: Path) -> None:
    copy_store(source, target)
    before = count(target, Match)

    add_agents(target, "dora")
    Recorder(target, tmp_path / "replays").record(matches(target, 20, 23))

    with target.read() as connection:
        assert connection.scalar(select(func.max(Agent.id))) == 4
        assert connection.scalar(select(func.max(Match.id))) == before + 3
    assert compare(target, "snake") == []


def test_what_is_written_meanwhile_is_not_in_the_copy(own_store: Store, tmp_path: Path) -> None:
    before = store_digests(own_store)
    recorder = Recorder(own_store, tmp_path / "replays")
    entrants = entrants_of(own_store)
    target = open_store(f"sqlite:///{tmp_path / 'target.sqlite3'}")

    def write(done: int, total: int) -> None:
        if done < total / 4:
            recorder.record([finished_match(own_store, entrants[:2], seed=100 + done)])

    copied = copy_store(own_store, target, write)
    target.close()

    assert copied.tables == before
    assert store_digests(own_store) != before


@pytest.mark.parametrize("place", ["begun", "not yet committed"])
def test_a_killed_copy_leaves_nothing_and_can_be_repeated(
    source: Store, target: Store, place: str
) -> None:
    total = 2 * sum(table.rows for table in store_digests(source).values())
    limit = 1 if place == "begun" else total
    copier = subprocess.Popen(
        [
            *(sys.executable, "-m", "arena_pipeline_tests.store.copying.copier"),
            *(url_of(source), url_of(target)),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with copier:
        assert copier.stdin is not None
        assert copier.stdout is not None
        try:
            while int(copier.stdout.readline().split()[0]) < limit:
                copier.stdin.write("go on\n")
                copier.stdin.flush()
        finally:
            copier.kill()

    assert tables(target) == set()
    assert copy_store(source, target).tables == store_digests(source)


def test_of_two_copies_at_once_one_is_refused(source: Store, target: Store) -> None:
    refused: list[str] = []

    def copy_too() -> None:
        other = open_store(url_of(target))
        try:
            copy_store(source, other)
        except StoreError as error:
            refused.append(str(error))
        finally:
            other.close()

    second = threading.Thread(target=copy_too)

    def begin(done: int, total: int) -> None:
        if second.ident is None:
            second.start()

    copied = copy_store(source, target, begin)
    second.join()

    assert ["is not empty" in reason for reason in refused] == [True]
    assert store_digests(target) == copied.tables


def test_a_target_with_rows_is_refused_and_left_alone(source: Store, target: Store) -> None:
    migrate(target)
    add_agents(target, "mine")
    before = store_digests(target)

    with pytest.raises(StoreError, match=r"not empty: it has rows in kinds \(1\), agents \(1\)"):
        copy_store(source, target)

    assert store_digests(target) == before


@pytest.mark.parametrize("revision", ["0001", "head"])
def test_a_target_with_empty_tables_will_do(source: Store, target: Store, revision: str) -> None:
    migrate(target, revision)

    assert copy_store(source, target).tables == store_digests(target)


def test_tables_of_something_else_stay_as_they_are(source: Store, target: Store) -> None:
    with target.write() as connection:
        connection.execute(text("CREATE TABLE runs (id INTEGER)"))
        connection.execute(text("INSERT INTO runs VALUES (7)"))

    copy_store(source, target)

    with target.read() as connection:
        assert connection.scalar(text("SELECT id FROM runs")) == 7


def test_tables_of_something_else_with_our_names_are_refused(source: Store, target: Store) -> None:
    with target.write() as connection:
        connection.execute(text("CREATE TABLE models (id INTEGER)"))

    with pytest.raises(StoreError, match=r"tables of something else .*\(models\)"):
        copy_store(source, target)

    assert tables(target) == {"models"}


def test_a_target_of_a_newer_version_is_refused(own_store: Store, tmp_path: Path) -> None:
    downgrade(own_store, "0002")
    target = open_store(f"sqlite:///{tmp_path / 'target.sqlite3'}")
    migrate(target)

    with pytest.raises(StoreError, match=r"at version 0007, newer than .*0002"):
        copy_store(own_store, target)

    target.close()


def test_a_store_that_was_never_migrated_is_refused(empty_store: Store, target: Store) -> None:
    with pytest.raises(StoreError, match="is empty; run: arena up"):
        copy_store(empty_store, target)

    assert tables(target) == set()


ODD = {
    "policy": ("'{\"k\": NaN}'", r"Table ladders can't be copied: .*json"),
    "title": ("CAST(X'61FF' AS TEXT)", r"Table ladders can't be copied: .*UTF-8"),
    "created_at": ("'2026-01-01'", r"Table ladders came out differently: 1 rows"),
}
"""What no column type of ours writes, but a hand can; and what is said of it."""


@pytest.mark.parametrize("column", ODD)
def test_what_can_t_be_the_same_elsewhere_is_named(
    column: str, sqlite_template: Path, postgres_cluster: Cluster, tmp_path: Path
) -> None:
    value, told = ODD[column]
    path = tmp_path / "arena.sqlite3"
    path.write_bytes(sqlite_template.read_bytes())
    source = open_store(f"sqlite:///{path}")
    with source.write() as connection:
        connection.execute(text(f"UPDATE ladders SET {column} = {value}"))
    target = open_store(postgres_cluster.create_database())

    with pytest.raises(StoreError, match=told):
        copy_store(source, target)

    assert tables(target) == set()
    source.close()
    target.close()
