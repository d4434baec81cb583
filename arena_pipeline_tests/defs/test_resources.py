from pathlib import Path

import dagster as dg
import pytest
from sqlalchemy import Engine, event

from arena_pipeline.defs.resources import Arena, in_plain_words
from arena_pipeline.errors import NotFound
from arena_pipeline.leaderboard.ladders import ladder_names
from arena_pipeline.settings import Settings


def test_the_arena_is_the_one_of_the_environment(arena: Arena, arena_settings: Settings) -> None:
    assert arena.settings.root == arena_settings.root

    with arena.open() as store:
        assert ladder_names(store) == ["snake"]


def test_before_the_arena_was_ever_up_a_step_says_how_to_get_it_ready(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARENA_DATA_DIR", str(tmp_path / "none"))

    with pytest.raises(dg.Failure) as failure, Arena().open():
        raise AssertionError

    assert "run: arena up --no-serve" in str(failure.value.description)
    assert not (tmp_path / "none").exists()


def test_a_store_without_tables_is_left_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARENA_DATA_DIR", str(tmp_path))
    (tmp_path / "arena.sqlite3").touch()

    with pytest.raises(dg.Failure) as failure, Arena().open():
        raise AssertionError

    assert "run: arena up --no-serve" in str(failure.value.description)


def test_opening_an_arena_that_is_ready_writes_nothing(arena: Arena) -> None:
    said: list[str] = []

    def note(*call: object) -> None:
        said.append(str(call[2]))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        with arena.open():
            pass
    finally:
        event.remove(Engine, "before_cursor_execute", note)

    assert len(said) <= 3
    assert not [sql for sql in said if sql.startswith(("INSERT", "UPDATE", "CREATE"))]


def test_an_error_a_person_can_act_on_fails_the_step_in_its_own_words() -> None:
    with pytest.raises(dg.Failure) as failure, in_plain_words():
        raise NotFound("No ladder 'chess'; there are: snake")

    assert failure.value.description == "No ladder 'chess'; there are: snake"
    assert failure.value.allow_retries is False


def test_a_mistake_of_this_program_keeps_its_traceback() -> None:
    with pytest.raises(ZeroDivisionError), in_plain_words():
        raise ZeroDivisionError
