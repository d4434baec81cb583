"""Asking the warehouse: answers, what may not be asked, and errors that help."""

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from arena_pipeline.settings import Settings
from arena_pipeline.store.opening import open_ready_store
from arena_pipeline.warehouse.build import build
from arena_pipeline.warehouse.errors import WarehouseError
from arena_pipeline.warehouse.query import Asking, QueryError
from arena_pipeline_tests.warehouse.filled import MATCHES

COPY = "COPY (SELECT 1) TO '{}' (FORMAT csv, USE_TMP_FILE false)"
PIVOTED = "COPY (PIVOT models ON vendor USING count(*)) TO '{}' (FORMAT csv, USE_TMP_FILE false)"


@pytest.fixture
def own(filled: Settings, tmp_path: Path) -> Settings:
    """The filled arena in a folder of the test's own."""
    shutil.copytree(filled.root, tmp_path / "data", symlinks=True)
    return Settings.load(data_dir=tmp_path / "data")


@pytest.fixture
def own_asking(own: Settings) -> Iterator[Asking]:
    """Its warehouse, open."""
    with Asking(own) as asking:
        yield asking


def test_an_answer_has_names_types_and_rows(asking: Asking) -> None:
    answer = asking.ask("SELECT 1 AS one, NULL AS nothing, count(*) AS n FROM matches")

    assert [(column.name, column.type) for column in answer.columns] == [
        ("one", "INTEGER"),
        ("nothing", "NULL"),
        ("n", "BIGINT"),
    ]
    assert answer.rows == [(1, None, MATCHES)]


@pytest.mark.parametrize(("limit", "rows", "more"), [(0, 0, True), (3, 3, True), (4, 4, False)])
def test_a_limit_says_whether_there_is_more(
    asking: Asking, limit: int, rows: int, more: bool
) -> None:
    answer = asking.ask("FROM range(4)", limit=limit)

    assert (len(answer.rows), answer.more) == (rows, more)


def test_values_are_given_apart_from_the_sql(asking: Asking) -> None:
    name = "x'; DROP TABLE models; --"

    assert asking.ask("SELECT ?", [name]).rows == [(name,)]
    assert asking.ask("SELECT $name", {"name": name}).rows == [(name,)]


@pytest.mark.parametrize(
    "sql",
    [
        "SHOW TABLES",
        "DESCRIBE matches",
        "SUMMARIZE standings",
        "EXPLAIN SELECT 1",
        "EXPLAIN ANALYZE FROM models",
        "EXPLAIN (FORMAT json) SELECT 1",
        "PIVOT (SELECT vendor, is_active FROM models) ON vendor USING count(*)",
        "-- a comment\nWITH x AS (SELECT 1) FROM x",
        "VALUES (1)",
        "(SELECT 1)",
    ],
)
def test_whatever_only_asks_is_answered(asking: Asking, sql: str) -> None:
    assert asking.ask(sql).rows


@pytest.mark.parametrize(
    "sql",
    [
        "DROP TABLE models",
        "DELETE FROM models",
        "UPDATE models SET slug = 'x'",
        "INSERT INTO kinds VALUES ('x', 'x', true)",
        "WITH gone AS (DELETE FROM models RETURNING *) FROM gone",
        "CREATE TABLE main.mine (i INTEGER)",
        "DETACH arena",
        "ATTACH '{}' AS mine",
        "USE memory",
        "SET enable_external_access = true",
        "RESET lock_configuration",
        "CALL pragma_version()",
        "PREPARE p AS " + COPY,
        "EXPORT DATABASE '{}'",
        "INSTALL httpfs",
        "LOAD httpfs",
        COPY,
        "EXPLAIN ANALYZE " + COPY,
        "EXPLAIN /* ( */ ANALYZE " + COPY,
        "/* /* */ SELECT */ " + PIVOTED,
        PIVOTED,
    ],
)
def test_nothing_is_written_and_nothing_left_behind(
    own: Settings, own_asking: Asking, sql: str
) -> None:
    path = own.warehouse_dir / "arena.duckdb"
    before = path.read_bytes(), sorted(own.warehouse_dir.iterdir())

    with pytest.raises(QueryError):
        own_asking.ask(sql.format(path))

    assert (path.read_bytes(), sorted(own.warehouse_dir.iterdir())) == before
    assert own_asking.ask("SELECT count(*) FROM matches").rows == [(MATCHES,)]


@pytest.mark.parametrize(
    "sql", ["FROM '{}'", "FROM read_text('{}')", "FROM read_csv('{}')", "FROM glob('{}')"]
)
def test_sql_reaches_no_file_unless_it_is_let(filled: Settings, tmp_path: Path, sql: str) -> None:
    (file := tmp_path / "some.csv").write_text("a,b\n1,2\n")

    with Asking(filled) as asking, pytest.raises(QueryError):
        asking.ask(sql.format(file))
    with Asking(filled, files=True) as asking:
        assert asking.ask(sql.format(file)).rows


def test_an_answer_can_be_copied_into_a_file_that_is_let(filled: Settings, tmp_path: Path) -> None:
    with Asking(filled, files=True) as asking:
        asking.ask(f"COPY (FROM leaderboard()) TO '{tmp_path / 'board.csv'}'")
        with pytest.raises(QueryError, match="no question"):
            asking.ask("DETACH arena")

    assert (tmp_path / "board.csv").read_text().startswith("position,competitor")


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("FROM laderboard()", "did you mean 'leaderboard'?\nline 1, column 6:\n"),
        ("FROM mathces", "did you mean 'matches'?"),
        ("SELECT\n  slg\nFROM models", "line 2, column 3:\n    slg\n    ^"),
        ("SELECT 'é', slg FROM models", "line 1, column 13:"),
        ("SELEC 1", "syntax error at or near"),
        ("FROM leaderboard('snke')", "No ladder 'snke'; there are: apples, snake"),
        ("FROM read_text('/etc/hosts')", "reaches no files; say --files"),
        ("DROP TABLE models", "DROP is no question"),
        ("SELECT 1; SELECT 2", "One statement is asked at a time, and these are 2"),
        ("-- nothing", "these are 0"),
        ("SELECT ?", "parameters: 1"),
    ],
)
def test_an_error_says_what_is_wrong_and_where(asking: Asking, sql: str, said: str) -> None:
    with pytest.raises(QueryError, match=re.escape(said)):
        asking.ask(sql)


def test_without_a_warehouse_the_command_is_named(tmp_path: Path) -> None:
    with pytest.raises(WarehouseError, match="arena warehouse"):
        Asking(Settings.load(data_dir=tmp_path))


def test_a_newer_build_is_asked_from_the_next_look_on(own: Settings, own_asking: Asking) -> None:
    newest = "SELECT count(*) FROM catalog_snapshots"
    before = own_asking.ask(newest).rows
    with closing(open_ready_store(own)) as store:
        with store.write() as connection:
            connection.exec_driver_sql("UPDATE catalog_snapshots SET etag = 'changed'")
        build(store, own)

    assert own_asking.ask("FROM catalog_snapshots WHERE etag = 'changed'").rows == []
    assert own_asking.renew()
    assert len(own_asking.ask("FROM catalog_snapshots WHERE etag = 'changed'").rows) == 2
    assert own_asking.ask(newest).rows == before
    assert not own_asking.renew()


def test_what_is_open_stays_when_the_file_goes(own: Settings, own_asking: Asking) -> None:
    (own.warehouse_dir / "arena.duckdb").unlink()

    assert not own_asking.renew()
    assert own_asking.ask("SELECT count(*) FROM matches").rows == [(MATCHES,)]


def test_frames_of_many_threads_do_not_mix(filled: Settings) -> None:
    found: dict[int, list[int]] = {}

    def ask(number: int) -> None:
        with Asking(filled) as asking:
            found[number] = asking.frame("SELECT ? AS n FROM range(3)", [number])["n"].tolist()

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found == {number: [number] * 3 for number in range(8)}


ENDLESS = """
import sys
from arena_pipeline.settings import Settings
from arena_pipeline.warehouse.query import Asking
with Asking(Settings.load(data_dir=sys.argv[1])) as asking:
    try:
        print("asking", flush=True)
        asking.ask("SELECT count(*) FROM range(1000000000000) AS r WHERE sin(r.range) > 2")
    except KeyboardInterrupt:
        print("stopped", asking.ask("SELECT 1").rows)
"""


@pytest.mark.parametrize("after", [0.0, 0.001, 0.01, 0.1, 0.3])
def test_ctrl_c_stops_a_question_and_the_next_is_answered(filled: Settings, after: float) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", ENDLESS, str(filled.root)], stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "asking\n"
        threading.Timer(after, os.kill, (child.pid, signal.SIGINT)).start()
        try:
            assert child.communicate(timeout=60)[0] == "stopped [(1,)]\n"
        finally:
            child.kill()
