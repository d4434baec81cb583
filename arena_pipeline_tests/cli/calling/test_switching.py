"""`arena pause` and `arena resume`."""

from pathlib import Path

import pytest

from arena_pipeline_tests.cli.conftest import Arena


@pytest.mark.usefixtures("played_dir")
def test_everything_is_paused_for_a_reason_and_goes_on(arena: Arena) -> None:
    paused = arena("pause", "the", "bill", "looks", "odd")
    again = arena("pause")
    resumed = arena("resume")
    twice = arena("resume")

    assert paused.code == 0
    assert ": the bill looks odd\n" in paused.out
    assert "pause at their next call" in paused.out
    assert "was paused since" in again.out
    assert resumed.out == "The arena goes on\n"
    assert twice.out == "The arena was not paused\n"


@pytest.mark.usefixtures("played_dir")
def test_the_document_says_what_is_so_now(arena: Arena) -> None:
    paused = arena("pause", "--json", "why not").document

    assert paused["changed"] is True
    assert paused["paused"]["reason"] == "why not"
    assert arena("resume", "--json").document == {"changed": True, "paused": None}


def test_there_is_nothing_to_pause_before_there_is_an_arena(arena: Arena, fresh_dir: Path) -> None:
    assert arena("pause").err.startswith(f"arena: There is no arena in {fresh_dir}")
