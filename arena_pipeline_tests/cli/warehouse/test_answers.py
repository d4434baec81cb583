"""How answers look: what fits, what is cut, how values are written."""

from datetime import UTC, date, datetime
from decimal import Decimal
from io import StringIO

import pytest

from arena_pipeline.cli.screen import Screen
from arena_pipeline.cli.warehouse.answers import MOST_LINES, document, show, write_csv
from arena_pipeline.warehouse.query import Answer, Column


def shown(answer: Answer, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The lines of an answer's table, without the empty ones."""
    show(Screen(as_json=False), answer)
    return [line.strip() for line in capsys.readouterr().out.splitlines() if line.strip()]


def one(value: object, kind: str = "VARCHAR") -> Answer:
    """An answer of one value."""
    return Answer((Column("x", kind),), [(value,)])


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (None, "VARCHAR", "NULL"),
        (True, "BOOLEAN", "true"),
        (1500.0, "DOUBLE", "1500"),
        (1769.922001700831, "DOUBLE", "1769.922"),
        (0.0000012, "DOUBLE", "1.2e-06"),
        (0.0, "DOUBLE", "0"),
        (float("nan"), "DOUBLE", "nan"),
        (Decimal("0.100000000000"), "DECIMAL(38,12)", "0.1"),
        (datetime(2026, 11, 1, 12, tzinfo=UTC), "TIMESTAMP WITH TIME ZONE", "2026-11-01 12:00:00"),
        (date(2026, 11, 1), "DATE", "2026-11-01"),
        ([1, None, "a\nb"], "VARCHAR[]", '[1, null, "a\\nb"]'),
        (b"\x01\xff", "BLOB", "\\x01ff"),
        ("two\nlines\x1b[0m", "VARCHAR", "two lines [0m"),
    ],
)
def test_a_value_is_one_harmless_line(
    value: object, kind: str, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert shown(one(value, kind), capsys)[2:] == [text, "1 row"]


def test_long_values_are_cut_where_it_is_tight_and_numbers_are_not(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    columns = (Column("name", "VARCHAR"), Column("rating", "DOUBLE"), Column("what", "VARCHAR"))

    lines = shown(Answer(columns, [("n" * 50, 1234.5678, "w" * 50)]), capsys)

    cells = lines[2].split()
    assert cells[1] == "1234.5678"
    assert cells[0].endswith("…")
    assert cells[2].endswith("…")
    assert all(len(line) <= 40 for line in lines)


def test_text_is_folded_where_it_can_be_read_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    columns = (Column("name", "VARCHAR"), Column("what", "VARCHAR"), Column("example", "VARCHAR"))
    what, example = "all that it tells " * 4 + "ends", "FROM somewhere " * 3 + "LIMIT 10"

    lines = shown(Answer(columns, [("short", what, example)]), capsys)

    words = " ".join(lines[2:-1]).split()
    assert all(len(line) <= 60 for line in lines)
    assert sorted(words) == sorted(f"short {what} {example}".split())


def test_what_would_take_too_many_lines_ends_in_an_ellipsis(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "60")

    lines = shown(one("word " * 1000), capsys)

    assert len(lines[2:-1]) <= MOST_LINES + 1
    assert lines[-2].endswith("…")


def test_columns_that_do_not_fit_are_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    columns = tuple(Column(f"column{number}", "VARCHAR") for number in range(6))

    lines = shown(Answer(columns, [("v" * 20,) * 6]), capsys)

    assert lines[0].split() == ["column0", "column1"]
    assert "column2, column3, column4, column5" in " ".join(lines).replace("  ", " ")


def test_an_answer_without_rows_shows_its_columns(capsys: pytest.CaptureFixture[str]) -> None:
    lines = shown(Answer((Column("x", "VARCHAR"),), []), capsys)

    assert (lines[0], lines[-1]) == ("x", "0 rows")


def test_json_that_is_none_stays_text() -> None:
    assert document(one("{", "JSON"))["rows"] == [["{"]]
    assert document(one('{"a": 1}', "JSON"))["rows"] == [[{"a": 1}]]
    assert document(one('{"a": 1}'))["rows"] == [['{"a": 1}']]


def test_csv_gives_numbers_and_times_in_full() -> None:
    columns = (Column("x", "DOUBLE"), Column("t", "TIMESTAMP WITH TIME ZONE"))
    out = StringIO()

    write_csv(Answer(columns, [(0.1 + 0.2, datetime(2026, 11, 1, tzinfo=UTC))]), out)

    assert out.getvalue() == "x,t\n0.30000000000000004,2026-11-01T00:00:00+00:00\n"
