"""Settings, seats, starting positions and instances of Snake."""

from typing import Any

import pytest

from arena_pipeline.games.chance import SeededChance
from arena_pipeline.games.protocol import Game, Seat, SettingsError, State
from arena_pipeline_tests.games.snake.boards import GAME, play, start


def test_snake_is_a_game_and_its_state_a_state() -> None:
    assert isinstance(GAME, Game)
    assert isinstance(start(), State)


def test_settings_are_completed_with_the_usual_board() -> None:
    assert GAME.settings({}) == {
        "width": 10,
        "height": 10,
        "apples": 5,
        "max_rounds": 150,
        "apple_target": 30,
    }


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        ({"widht": 8}, "did you mean 'width'"),
        ({"gravity": 8}, "its settings are width, height"),
        ({"width": 1}, "whole number from 2 to 100"),
        ({"width": "10"}, "not '10'"),
        ({"apples": True}, "not True"),
        ({"max_rounds": None}, "not None"),
        ({"apple_target": 0}, "from 1 to 1000 or null"),
        ({"width": 2, "height": 2, "apples": 3}, "4 cells, too few for 3 apples and 2 snakes"),
    ],
)
def test_impossible_settings_are_refused(raw: dict[str, Any], problem: str) -> None:
    with pytest.raises(SettingsError, match=problem):
        GAME.settings(raw)


@pytest.mark.parametrize("players", [1, 9])
def test_snake_is_for_two_to_eight(players: int) -> None:
    with pytest.raises(SettingsError, match=f"2 to 8 players, not {players}"):
        GAME.seats(GAME.settings({}), players, SeededChance(0))


def test_all_snakes_must_fit_on_the_board() -> None:
    tight = GAME.settings({"width": 3, "height": 3, "apples": 5})

    assert GAME.seats(tight, 4, SeededChance(0)) == (Seat(),) * 4
    with pytest.raises(SettingsError, match="too few for 5 apples and 5 snakes"):
        GAME.seats(tight, 5, SeededChance(0))


def test_a_seed_gives_the_same_start_on_every_machine() -> None:
    assert start(seed=7).snapshot() == {
        "board": [10, 10],
        "round": 0,
        "snakes": [[[6, 9]], [[5, 4]]],
        "alive": [True, True],
        "apples": [[7, 5], [2, 6], [2, 7], [2, 8], [3, 9]],
        "scores": [0, 0],
        "deaths": [None, None],
    }


def test_a_snapshot_is_an_instance_to_start_from() -> None:
    state = start(players=3, seed=1)
    play(state, [["UP", "DOWN", "LEFT"]] * 3)
    snapshot = state.snapshot()

    again = GAME.initial_state(GAME.settings({}), [Seat()] * 3, SeededChance(0), instance=snapshot)

    assert again.snapshot() == snapshot
    assert again.current_players() == state.current_players()


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"board": [8, 8]}, "its board is"),
        ({"snakes": [[[0, 0]]]}, "has 1 snakes"),
        ({"snakes": [[[0, 0]], []]}, "at least one cell"),
        ({"snakes": [[[0, 0]], [[10, 0]]]}, "leaves the 10x10 board"),
        ({"snakes": [[[0, 0]], [[0, 0]]]}, "two things lie on one cell"),
        ({"snakes": [[[0, 0]], [[5, 5]]], "apples": [[5, 5]]}, "two things lie on one cell"),
        ({"apples": [[1, 1], [1, 1]]}, "lies on a cell twice"),
        ({"apples": "many"}, "list called 'apples'"),
        ({"apples": [7]}, "must be a list of"),
        ({"scores": [1]}, "lists of 2"),
        ({"deaths": [{"round": 1, "reason": "boredom"}, None]}, "a death is null or"),
    ],
)
def test_an_instance_that_cannot_be_is_refused(change: dict[str, Any], problem: str) -> None:
    instance = {**start().snapshot(), **change}

    with pytest.raises(SettingsError, match=problem):
        GAME.initial_state(GAME.settings({}), [Seat()] * 2, SeededChance(0), instance=instance)


def test_an_unknown_rule_version_is_refused_with_the_known_ones() -> None:
    with pytest.raises(SettingsError, match="it has 2025-02-04, 2025-06-12, 2025-12-11"):
        GAME.initial_state(GAME.settings({}), [Seat()] * 2, SeededChance(0), rule_version="1999")


def test_an_observation_holds_the_position_and_what_ends_the_match() -> None:
    state = start()

    assert state.observation(1) == {
        **state.snapshot(),
        "player": 1,
        "max_rounds": 150,
        "apple_target": 30,
    }
