"""`arena sql`: one question, several, from standard input; as table, JSON and CSV."""

import csv
import io
import sys
from pathlib import Path

import pytest

from arena_pipeline.leaderboard.board import board
from arena_pipeline.settings import Settings
from arena_pipeline.store.opening import open_ready_store
from arena_pipeline_tests.cli.conftest import MATCHES, Arena

HOSTILE = "SELECT 'a' || chr(27) || '[31m' || chr(10) || 'b' AS x, '=1+1' AS formula, '[red]' AS m"


def test_a_question_is_answered_as_a_table(arena: Arena, asked_dir: Path) -> None:
    ran = arena("sql", "FROM leaderboard()")

    store = open_ready_store(Settings.load(data_dir=asked_dir))
    rows = board(store).rows
    store.close()
    lines = ran.out.splitlines()
    assert [line.split()[1] for line in lines if line.strip()[:1].isdigit()][:3] == [
        row.competitor for row in rows
    ]
    assert lines[-1] == "3 rows"


def test_a_question_is_answered_as_json(arena: Arena, asked_dir: Path) -> None:
    sql = (
        "SELECT count(*) AS n, NULL AS nothing, 'nan'::DOUBLE AS x, 1.50::DECIMAL(9,2) AS d, "
        "TIMESTAMPTZ '2026-11-01 12:00:00+00' AS t, '{\"a\": [1]}'::JSON AS j FROM matches"
    )

    document = arena("sql", sql, "--json").document

    assert document["columns"][:2] == [
        {"name": "n", "type": "BIGINT"},
        {"name": "nothing", "type": "NULL"},
    ]
    assert document["rows"] == [
        [MATCHES, None, "nan", "1.5", "2026-11-01T12:00:00+00:00", {"a": [1]}]
    ]
    assert document["more"] is False


def test_a_question_is_answered_as_csv(arena: Arena, asked_dir: Path) -> None:
    ran = arena("sql", "SELECT competitor, rating, NULL AS n FROM leaderboard()", "--csv")

    head, *rows = csv.reader(io.StringIO(ran.out))
    assert head == ["competitor", "rating", "n"]
    assert len(rows) == 3
    assert all(float(row[1]) and row[2] == "" for row in rows)


def test_foreign_text_moves_no_cursor_and_is_no_markup(arena: Arena, asked_dir: Path) -> None:
    out = arena("sql", HOSTILE).out
    document = arena("sql", HOSTILE, "--json")
    (_, row) = csv.reader(io.StringIO(arena("sql", HOSTILE, "--csv").out))

    assert "\x1b" not in out + document.out
    assert "a [31m b" in out
    assert "[red]" in out
    assert document.document["rows"] == [["a\x1b[31m\nb", "=1+1", "[red]"]]
    assert row[1] == "'=1+1"


def test_rows_beyond_the_limit_are_told_of(arena: Arena, asked_dir: Path) -> None:
    out = arena("sql", "FROM range(5)", "--limit", 2).out
    document = arena("sql", "FROM range(5)", "--limit", 2, "--json").document

    assert out.splitlines()[-1] == "The first 2 rows; there are more (--limit)."
    assert (document["rows"], document["more"]) == ([[0], [1]], True)


def test_several_statements_are_answered_in_turn_and_a_bad_one_is_told(
    arena: Arena, asked_dir: Path
) -> None:
    text = "SELECT 1 AS one; SELECT nme FROM models; SELECT 2 AS two"

    ran = arena("sql", text)
    documents = arena("sql", text, "--json").document["answers"]

    assert ran.code == 1
    assert ran.err.startswith('arena: Referenced column "nme" not found')
    assert ran.out.index("one") < ran.out.index("two")
    assert [one.get("rows") for one in documents] == [[[1]], None, [[2]]]
    assert "nme" in documents[1]["error"]


@pytest.mark.parametrize("arguments", [("sql",), ("sql", "-")])
def test_standard_input_is_read(
    arena: Arena, asked_dir: Path, arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        sys, "stdin", io.StringIO("-- how many\nSELECT count(*) AS n\nFROM matches;")
    )

    ran = arena(*arguments, "--json")

    assert (ran.code, ran.document["rows"]) == (0, [[MATCHES]])


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("", "There is nothing to ask"),
        ("/* only a comment */", "There is nothing to ask"),
        ("FROM laderboard()", "did you mean 'leaderboard'?\nline 1, column 6:\n"),
        ("DROP TABLE models", "DROP is no question"),
        ("FROM read_text('/etc/hosts')", "SQL reaches no files; say --files"),
        ("FROM leaderboard('chess')", "No ladder 'chess'; there are: snake"),
    ],
)
def test_what_cannot_be_asked_is_said_in_words(
    arena: Arena, asked_dir: Path, sql: str, said: str
) -> None:
    ran = arena("sql", sql)

    assert (ran.code, ran.out) == (1, "")
    assert said in ran.err
    assert said in arena("sql", sql, "--json").document["error"]


def test_files_are_read_when_they_are_let(arena: Arena, asked_dir: Path, tmp_path: Path) -> None:
    (tmp_path / "some.csv").write_text("a,b\n1,2\n")

    ran = arena("sql", "--files", f"FROM '{tmp_path / 'some.csv'}'", "--json")

    assert ran.document["rows"] == [[1, 2]]


def test_without_a_warehouse_the_command_is_named(arena: Arena, played_dir: Path) -> None:
    ran = arena("sql", "FROM guide")

    assert (ran.code, ran.err.count("\n")) == (1, 1)
    assert "arena warehouse" in ran.err
