import dagster as dg
import pytest

from arena_pipeline.defs.resources import Arena, in_plain_words
from arena_pipeline.errors import NotFound
from arena_pipeline.leaderboard.ladders import ladder_names
from arena_pipeline.settings import Settings


def test_the_arena_is_the_one_of_the_environment(arena: Arena, arena_settings: Settings) -> None:
    assert arena.settings.root == arena_settings.root

    with arena.open() as store:
        assert ladder_names(store) == ["snake"]


def test_an_error_a_person_can_act_on_fails_the_step_in_its_own_words() -> None:
    with pytest.raises(dg.Failure) as failure, in_plain_words():
        raise NotFound("No ladder 'chess'; there are: snake")

    assert failure.value.description == "No ladder 'chess'; there are: snake"
    assert failure.value.allow_retries is False


def test_a_mistake_of_this_program_keeps_its_traceback() -> None:
    with pytest.raises(ZeroDivisionError), in_plain_words():
        raise ZeroDivisionError
