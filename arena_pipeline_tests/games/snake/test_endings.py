"""When a match of Snake ends, who won, and with what place and reward."""

import pytest

from arena_pipeline.games.protocol import Result
from arena_pipeline.games.snake import SnakeState
from arena_pipeline_tests.games.snake.boards import position, start, turn

WON, LOST, TIED = Result.WON, Result.LOST, Result.TIED


def results(state: SnakeState) -> tuple[Result, ...]:
    return tuple(player.result for player in state.outcome().players)


def placements(state: SnakeState) -> tuple[int, ...]:
    return tuple(player.placement for player in state.outcome().players)


def test_of_two_the_survivor_wins_with_however_few_apples() -> None:
    state = position(". . .", ". . .", "0 . 1")
    state.scores[0] = 9

    turn(state, "LEFT", "UP")

    outcome = state.outcome()
    assert results(state) == (LOST, WON)
    assert placements(state) == (2, 1)
    assert [player.reward for player in outcome.players] == [-1.0, 1.0]
    assert outcome.ended_by == "last_alive"
    assert (outcome.players[0].death_round, outcome.players[0].death_reason) == (0, "wall")


@pytest.mark.parametrize(
    ("scores", "rule_version", "expected"),
    [
        ([2, 1], "2025-12-11", (WON, LOST)),
        ([1, 2], "2025-12-11", (LOST, WON)),
        ([1, 1], "2025-12-11", (TIED, TIED)),
        ([2, 1], "2025-06-12", (TIED, TIED)),
    ],
)
def test_when_the_last_two_die_together_apples_decide_in_the_newest_rules(
    scores: list[int], rule_version: str, expected: tuple[Result, Result]
) -> None:
    state = position("0 . 1", ". . .", rule_version=rule_version)
    state.scores[:] = scores

    turn(state, "RIGHT", "LEFT")

    assert state.outcome().ended_by == "all_dead"
    assert results(state) == expected


def test_at_the_round_limit_more_apples_win() -> None:
    state = position("0 A .", ". . 1", max_rounds=1)

    turn(state, "RIGHT", "LEFT")

    assert state.outcome().ended_by == "max_rounds"
    assert results(state) == (WON, LOST)


def test_at_the_round_limit_as_many_apples_tie() -> None:
    state = position("0 . .", ". . 1", max_rounds=1)

    turn(state, "RIGHT", "LEFT")

    assert results(state) == (TIED, TIED)
    assert placements(state) == (1, 1)
    assert [player.reward for player in state.outcome().players] == [0.0, 0.0]


def test_the_apple_target_ends_a_match() -> None:
    state = position("0 A .", ". . 1", apple_target=1)

    turn(state, "RIGHT", "LEFT")

    assert state.outcome().ended_by == "apple_target"
    assert results(state) == (WON, LOST)


def test_without_an_apple_target_a_match_goes_on() -> None:
    state = position("0 A .", ". . 1", apple_target=None)
    state.scores[0] = 99

    turn(state, "RIGHT", "LEFT")

    assert not state.is_terminal()


def test_among_three_the_most_apples_win_even_dead() -> None:
    state = position("0 . .", "1 . .", "2 . .")
    state.scores[:] = [3, 1, 2]

    turn(state, "UP", "LEFT", "UP")

    assert state.outcome().ended_by == "last_alive"
    assert results(state) == (WON, LOST, LOST)
    assert placements(state) == (1, 3, 2)
    assert [player.reward for player in state.outcome().players] == [1.0, -1.0, 0.0]


def test_among_three_several_on_top_tie_and_the_rest_lose() -> None:
    state = position("0 . .", "1 . .", "2 . .")
    state.scores[:] = [1, 0, 1]

    turn(state, "UP", "LEFT", "LEFT")

    assert state.outcome().ended_by == "all_dead"
    assert results(state) == (TIED, LOST, TIED)
    assert placements(state) == (1, 3, 1)
    assert [player.reward for player in state.outcome().players] == [0.5, -1.0, 0.5]


def test_among_three_two_survivors_play_on() -> None:
    state = position("0 . .", "1 . .", "2 . .")

    turn(state, "UP", "RIGHT", "RIGHT")

    assert not state.is_terminal()
    assert state.current_players() == (1, 2)


def test_an_unfinished_match_has_no_outcome() -> None:
    with pytest.raises(ValueError, match="not over"):
        start().outcome()
