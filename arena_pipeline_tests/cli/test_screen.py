"""Tables and documents: what goes where, and harmless whatever the names are."""

import io
import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from rich.console import Console

from arena_pipeline.cli.screen import PIPE_WIDTH, Screen, Widest, add_rows, facts, table

HOSTILE = "[bold]x[/] \x1b]0;title\x07 \u202e |"


def test_a_document_holds_times_decimals_and_paths(capsys: pytest.CaptureFixture[str]) -> None:
    moment = datetime(2026, 11, 1, 12, tzinfo=UTC)

    Screen(as_json=True).document({"at": moment, "usd": Decimal("0.10"), "file": Path("a/b")})

    shown = json.loads(capsys.readouterr().out)
    assert datetime.fromisoformat(shown.pop("at")) == moment
    assert shown == {"usd": "0.10", "file": "a/b"}


def test_a_document_is_ascii(capsys: pytest.CaptureFixture[str]) -> None:
    Screen(as_json=True).document({"name": HOSTILE + "ü\x9b"})

    out = capsys.readouterr().out
    assert out.isascii()
    assert "\x1b" not in out
    assert json.loads(out) == {"name": HOSTILE + "ü\x9b"}


def test_markup_in_a_cell_is_text_and_escape_codes_are_gone(
    capsys: pytest.CaptureFixture[str],
) -> None:
    shown = add_rows(table("name", title=HOSTILE), [(HOSTILE,)])

    Screen(as_json=False).show(shown, facts([("name", HOSTILE)], title=HOSTILE))

    out = capsys.readouterr().out
    assert out.count("[bold]x[/] ]0;title |") == 4
    assert not {"\x1b", "\x07", "\u202e"} & set(out)


def test_unknown_is_a_dash_and_times_are_utc_to_the_minute(
    capsys: pytest.CaptureFixture[str],
) -> None:
    moment = datetime.fromisoformat("2026-11-01T13:05:59+01:00")

    Screen(as_json=False).show(add_rows(table("a", "b", "c"), [(None, moment, True)]))

    assert capsys.readouterr().out.splitlines()[-2].split() == ["-", "2026-11-01", "12:05", "yes"]


def test_notices_and_failures_go_to_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    screen = Screen(as_json=False)

    screen.notice(HOSTILE)
    screen.failure("[no] such thing")

    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines() == ["[bold]x[/] ]0;title |", "arena: [no] such thing"]


def test_no_bar_is_drawn_where_nobody_looks(capsys: pytest.CaptureFixture[str]) -> None:
    with Screen(as_json=False).progress("Playing") as advance:
        advance(1, 2)

    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(("width", "shown"), [(40, "wide"), (12, "narrow"), (6, "narrow")])
def test_the_first_table_that_fits_is_shown(width: int, shown: str) -> None:
    console = Console(file=io.StringIO(), width=width)
    wide = add_rows(table("wide", "b"), [("x" * 20, "y")])

    console.print(Widest(wide, table("narrow")))

    assert isinstance(console.file, io.StringIO)
    assert shown[:3] in console.file.getvalue()


@pytest.mark.parametrize(("columns", "width"), [(None, PIPE_WIDTH), ("80", 80), ("wide", 200)])
def test_a_pipe_is_as_wide_as_columns_says(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    columns: str | None,
    width: int,
) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    if columns is not None:
        monkeypatch.setenv("COLUMNS", columns)

    Screen(as_json=False).show(add_rows(table("name"), [("x" * 300,)]))

    assert max(map(len, capsys.readouterr().out.splitlines())) == width


def test_what_is_to_stay_whole_is_not_folded_while_there_is_room() -> None:
    console = Console(file=io.StringIO(), width=40)
    made = add_rows(table("name", "meaning", whole=("name",)), [("ARENA_" * 4, "words " * 30)])

    console.print(made)

    assert isinstance(console.file, io.StringIO)
    assert "ARENA_" * 4 in console.file.getvalue()


@pytest.mark.parametrize("width", [50, 60, 80])
def test_no_column_of_the_narrowest_table_is_lost_to_a_long_name(width: int) -> None:
    console = Console(file=io.StringIO(), width=width)
    made = table("when", "slug", "change", whole=("when", "slug"))
    add_rows(made, [("2026-11-01", "vendor/" + "long-name-" * 8, "repriced: prompt 1 -> 2")])

    console.print(Widest(made))

    assert isinstance(console.file, io.StringIO)
    header, _, first = console.file.getvalue().splitlines()[1:4]
    assert header.split() == ["when", "slug", "change"]
    assert first.startswith(" 2026-11-01")
    assert "repriced: prompt" in first


def test_a_long_text_is_folded_before_columns_are_left_out() -> None:
    console = Console(file=io.StringIO(), width=80)
    wide = add_rows(table("slug", "prompt"), [("x" * 90, "1")])

    console.print(Widest(wide, table("narrow")))

    assert isinstance(console.file, io.StringIO)
    assert "prompt" in console.file.getvalue()


def test_decimals_are_rounded_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    prices = map(Decimal, ("0.6000000000000001", "0.08333333333333334", "100", "0.0000008", "0"))

    Screen(as_json=False).show(add_rows(table(*"abcde"), [tuple(prices)]))

    shown = capsys.readouterr().out.splitlines()[-2].split()
    assert shown == ["0.6", "0.0833333", "100", "0.0000008", "0"]


def test_nothing_turns_where_nobody_looks(capsys: pytest.CaptureFixture[str]) -> None:
    with Screen(as_json=False).busy("Reading"):
        pass

    assert capsys.readouterr() == ("", "")
