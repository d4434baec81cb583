"""What the Snake prompt says of the rules is what the engine does."""

from typing import Any

import pytest

from arena_pipeline.games.protocol import Result
from arena_pipeline.games.snake import SnakeState
from arena_pipeline_tests.games.snake.boards import deaths, heads, position, turn
from arena_pipeline_tests.players.llm.prompts import built_in

TEXT = " ".join(built_in().text.split())


def results(state: SnakeState) -> list[Result]:
    """Result of each seat."""
    return [player.result for player in state.outcome().players]


def says(claim: str) -> None:
    """The prompt must hold this sentence, or the test is about nothing."""
    assert claim in TEXT


def test_directions() -> None:
    says("UP is y+1, DOWN is y-1, LEFT is x-1, RIGHT is x+1.")
    state = position(". . . .", ". 0 . .", ". . . 1", "A . . .")

    turn(state, "UP", "LEFT")

    assert heads(state) == [(1, 3), (2, 1)]


def test_eating_grows_at_once_and_keeps_the_tail() -> None:
    says("the snake becomes one cell longer, as its tail cell stays.")
    says("After all have moved, a new apple appears on a random free cell for each one eaten.")
    state = position("a 0 A .", ". . . .", "1 k . .")

    events = turn(state, "RIGHT", "UP")

    assert state.snapshot()["snakes"] == [[[2, 2], [1, 2], [0, 2]], [[0, 1], [0, 0]]]
    assert state.scores == [1, 0]
    assert [event["type"] for event in events] == ["apple"]
    assert len(state.apples) == 1


def test_walls_kill() -> None:
    says("1. A head that leaves the board dies.")
    state = position("0 . .", ". . .", ". . 1", apple_target=None)

    turn(state, "UP", "UP")

    assert deaths(state) == ["wall", None]


def test_heads_that_meet_all_die_whatever_their_length() -> None:
    says("2. Heads that enter the same cell all die, whatever their length.")
    state = position("b a 0 . 1", ". . . . .", "A . . . .")

    turn(state, "RIGHT", "LEFT")

    assert deaths(state) == ["head_collision"] * 2
    assert results(state) == [Result.TIED] * 2


def test_snakes_dead_by_wall_or_head_block_nobody() -> None:
    says("Snakes dead by 1 or 2 block nobody.")
    state = position(". . . .", "1 k l .", ". . 0 .", ". . . 2")

    turn(state, "UP", "LEFT", "LEFT")

    assert deaths(state) == [None, "wall", None]


def test_a_tail_cell_is_safe_unless_its_snake_eats() -> None:
    says("So a tail cell is safe unless its snake eats this turn")
    state = position(". . . A", "0 l k 1", ". . . .")
    fed = position(". . . .", "0 l k 1", ". . . A")

    turn(state, "RIGHT", "DOWN")
    turn(fed, "RIGHT", "DOWN")

    assert deaths(state) == [None, None]
    assert deaths(fed) == ["body_collision", None]


@pytest.mark.parametrize(("length", "death"), [(2, None), (3, "body_collision")])
def test_turning_straight_back_is_death_from_length_three_on(
    length: int, death: str | None
) -> None:
    says("from length 3 on turning straight back is death")
    row = "b a 0 . ." if length == 3 else ". a 0 . ."
    state = position(row, ". . . . .", "A . . . 1")

    turn(state, "LEFT", "UP")

    assert deaths(state)[0] == death


def test_of_two_the_survivor_wins_and_nobody_eats_in_that_turn() -> None:
    says("any death ends the match at once, before anybody moves or eats. The survivor wins")
    state = position("0 . .", ". . A", "k . 1")
    state.scores[0] = 5

    turn(state, "UP", "UP")

    assert (state.scores, results(state)) == ([5, 0], [Result.LOST, Result.WON])


def test_when_both_die_the_higher_score_wins() -> None:
    says("If both die in the same turn, the higher score wins.")
    state = position("0 . .", ". . .", "A . 1")
    state.scores[1] = 2

    turn(state, "UP", "DOWN")

    assert results(state) == [Result.LOST, Result.WON]


def test_among_more_the_score_decides_even_for_the_dead() -> None:
    says("the match goes on while at least two live")
    says("At its end the highest score wins, scores of the dead included.")
    state = position("0 . 1", ". . .", "A . 2")
    state.scores[:] = [3, 0, 0]

    turn(state, "UP", "LEFT", "UP")
    assert not state.is_terminal()
    turn(state, "UP", "LEFT")

    assert results(state) == [Result.WON, Result.LOST, Result.LOST]


@pytest.mark.parametrize("ends", [{"max_rounds": 1}, {"apple_target": 1}])
def test_the_last_turn_or_the_target_score_ends_it_for_the_highest_score(
    ends: dict[str, Any],
) -> None:
    says("Then the highest score wins. Equal highest scores tie.")
    state = position("0 A .", ". . .", ". A 1", **ends)
    even = position("0 A .", ". . .", ". A 1", **ends)

    turn(state, "RIGHT", "UP")
    turn(even, "RIGHT", "LEFT")

    assert results(state) == [Result.WON, Result.LOST]
    assert results(even) == [Result.TIED, Result.TIED]
