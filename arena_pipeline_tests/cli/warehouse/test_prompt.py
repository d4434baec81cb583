"""The prompt of `arena sql`, typed into as a terminal would."""

from collections.abc import Callable
from pathlib import Path

import pytest
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from arena_pipeline.cli.screen import Screen
from arena_pipeline.cli.warehouse.prompt import HISTORY, Prompt, completer, is_whole
from arena_pipeline.settings import Settings
from arena_pipeline.store.opening import open_ready_store
from arena_pipeline.warehouse.build import build
from arena_pipeline.warehouse.query import Asking

CTRL_C, CTRL_D, ENTER = "\x03", "\x04", "\r"


@pytest.fixture
def typed(asked_dir: Path, capsys: pytest.CaptureFixture[str]) -> Callable[[str], tuple[str, str]]:
    """Types into a prompt, and gives what stood on the two streams when it was left."""

    def run(keys: str) -> tuple[str, str]:
        with Asking(Settings.load()) as asking, create_pipe_input() as source:
            source.send_text(keys)
            Prompt(asking, Screen(as_json=False), asked_dir, 10).run(source, DummyOutput())
        captured = capsys.readouterr()
        return captured.out, captured.err

    return run


Typed = Callable[[str], tuple[str, str]]


def test_a_statement_may_take_several_lines(typed: Typed) -> None:
    out, err = typed(f"SELECT 40 + 2{ENTER}AS answer;{ENTER}.exit{ENTER}")

    assert out.split()[-4:-2] == ["──────", "42"]
    assert err == ""


def test_an_error_is_told_and_the_next_question_answered(typed: Typed) -> None:
    out, err = typed(f"FROM laderboard();{ENTER}SELECT 42 AS answer;{ENTER}{CTRL_D}")

    assert "did you mean 'leaderboard'?" in err
    assert "42" in out


def test_ctrl_c_clears_the_line_and_ctrl_d_leaves(typed: Typed) -> None:
    out, err = typed(f"SELECT 1{ENTER}bad{CTRL_C}SELECT 42 AS answer;{ENTER}{CTRL_D}")

    assert "42" in out
    assert err == ""


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (".tables", ["leaderboard", "macro", "participants", "table", "pairs", "view"]),
        (".schema matches", ["table matches:", "ended_at", "TIMESTAMP WITH TIME ZONE"]),
        (".schema rating_at", ["macro rating_at:", "2 parameters: ladder, moment"]),
        (".schema catalog_changes", ["macro catalog_changes:", "table catalog_changes:"]),
        (".help", [".schema NAME", "Ctrl-C"]),
    ],
)
def test_what_there_is_can_be_looked_up(typed: Typed, line: str, words: list[str]) -> None:
    out, err = typed(f"{line}{ENTER}.exit{ENTER}")

    assert [word for word in words if word not in out] == []
    assert err == ""


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (".schema mathces", "Nothing is called 'mathces'; did you mean 'matches'?"),
        (".schema", ".schema takes a name"),
        (".tabels", "There is no .tabels; .help lists what there is"),
    ],
)
def test_what_there_is_not_is_said(typed: Typed, line: str, said: str) -> None:
    assert said in typed(f"{line}{ENTER}.exit{ENTER}")[1]


@pytest.mark.parametrize(
    ("typed_so_far", "names"),
    [
        ("FROM standi", {"standings", "standing_days", "standings_on("}),
        ("select death_", {"death_reason", "death_round"}),
        ("sel", {"SELECT"}),
        (".sch", {".schema"}),
    ],
)
def test_names_are_completed(asked_dir: Path, typed_so_far: str, names: set[str]) -> None:
    with Asking(Settings.load()) as asking:
        found = completer(asking).get_completions(Document(typed_so_far), CompleteEvent())

    assert {one.text for one in found} == names


def test_what_was_typed_is_kept_in_the_data_folder(typed: Typed, asked_dir: Path) -> None:
    typed(f"SELECT 42;{ENTER}.exit{ENTER}")

    assert "+SELECT 42;" in (asked_dir / HISTORY).read_text()


def test_a_build_made_meanwhile_is_asked_from_then_on(asked_dir: Path) -> None:
    settings = Settings.load()
    with Asking(settings) as asking:
        prompt = Prompt(asking, Screen(as_json=False), asked_dir, 10)
        store = open_ready_store(settings)
        with store.write() as connection:
            connection.exec_driver_sql("UPDATE ladders SET title = 'Renamed'")
        build(store, settings)
        store.close()

        with create_pipe_input() as source:
            source.send_text(f"SELECT 1;{ENTER}.exit{ENTER}")
            prompt.run(source, DummyOutput())

        assert asking.ask("SELECT title FROM ladders").rows == [("Renamed",)]


@pytest.mark.parametrize(
    ("text", "whole"),
    [("", True), ("  ", True), (".help", True), ("SELECT 1;", True), ("SELECT 1; ", True),
     ("SELECT 1", False), ("SELECT 1;\nSELECT", False)],
)  # fmt: skip
def test_a_statement_is_whole_at_its_semicolon(text: str, whole: bool) -> None:
    assert is_whole(text) is whole
