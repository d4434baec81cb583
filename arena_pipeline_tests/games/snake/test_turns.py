"""What a turn changes besides deaths: moving, eating, growing, and what is refused."""

import pytest

from arena_pipeline.games.protocol import GameError, IllegalAction
from arena_pipeline_tests.games.snake.boards import deaths, heads, play, position, start, turn


class FixedChance:
    """Chance that always says the same."""

    def __init__(self, *numbers: int) -> None:
        self.numbers = list(numbers)

    def below(self, n: int) -> int:
        assert self.numbers[0] < n
        return self.numbers.pop(0)


def test_eating_makes_longer_counts_and_grows_another_apple() -> None:
    state = position(". . .", "0 A .", ". . 1", chance=FixedChance(2))

    events = turn(state, "RIGHT", "UP")

    assert state.snapshot()["snakes"] == [[[1, 1], [0, 1]], [[2, 1]]]
    assert state.scores == [1, 0]
    assert events == [{"type": "apple", "player": 0, "eaten": [1, 1], "grown": [2, 0]}]


def test_apples_grow_only_after_everybody_has_eaten() -> None:
    state = position("0 A .", ". . .", ". A 1", chance=FixedChance(0, 0))

    turn(state, "RIGHT", "LEFT")

    assert state.scores == [1, 1]
    assert state.snapshot()["apples"] == [[0, 0], [0, 1]]


def test_on_a_full_board_no_apple_grows() -> None:
    state = position("0 A", "1 A")

    events = turn(state, "RIGHT", "RIGHT")

    assert [event["grown"] for event in events] == [None, None]
    assert state.apples == []
    assert not state.is_terminal()


def test_in_the_turn_that_ends_a_match_of_two_nothing_moves_and_nothing_is_eaten() -> None:
    state = position(". . .", "0 A .", ". . 1")
    before = state.snapshot()

    turn(state, "RIGHT", "RIGHT")

    assert state.is_terminal()
    after = state.snapshot()
    assert {key: after[key] for key in ("snakes", "apples", "scores")} == {
        key: before[key] for key in ("snakes", "apples", "scores")
    }
    assert after["deaths"] == [None, {"round": 0, "reason": "wall"}]
    assert after["round"] == 1


def test_among_three_the_living_move_and_eat_while_one_dies() -> None:
    state = position(". . .", "0 A .", "2 . 1")

    turn(state, "RIGHT", "RIGHT", "RIGHT")

    assert deaths(state) == [None, "wall", None]
    assert heads(state) == [(1, 1), (2, 0), (1, 0)]
    assert state.scores == [1, 0, 0]


def test_the_dead_are_asked_no_more_and_lie_in_nobodys_way() -> None:
    state = position(". . .", "0 . .", "2 . 1")
    turn(state, "RIGHT", "RIGHT", "RIGHT")

    assert state.current_players() == (0, 2)
    assert state.legal_actions(1) == ()
    turn(state, "UP", "RIGHT")
    assert heads(state)[2] == heads(state)[1] == (2, 0)
    assert deaths(state) == [None, "wall", None]


def test_a_new_apple_never_falls_on_a_dead_snake() -> None:
    for seed in range(40):
        state = start(players=3, seed=seed, width=4, height=4, apples=8, apple_target=None)
        play(state, [["RIGHT", "UP", "LEFT"]] * 4)
        assert not {cell for body in state.bodies for cell in body} & set(state.apples)


@pytest.mark.parametrize(
    ("actions", "reason"),
    [
        ({0: "UP"}, "every living snake must move"),
        ({0: "UP", 1: "up"}, "one of UP, DOWN, LEFT, RIGHT"),
        ({0: "UP", 1: ["UP"]}, "one of UP"),
        ({0: "UP", 1: "UP", 2: "UP"}, "no living snake sits there"),
        ({}, "every living snake must move"),
    ],
)
def test_a_refused_turn_changes_nothing(actions: dict[int, str], reason: str) -> None:
    state = start()
    before = state.snapshot()

    with pytest.raises(IllegalAction, match=reason):
        state.apply_actions(actions)

    assert state.snapshot() == before


def test_nothing_can_be_played_after_the_end() -> None:
    state = position("0 1", ". .")
    turn(state, "UP", "UP")

    with pytest.raises(IllegalAction, match="the match is over"):
        state.apply_actions({0: "UP"})
    with pytest.raises(GameError, match="The match is over"):
        state.apply_actions({})
    assert state.current_players() == ()


def test_a_clone_is_independent_of_the_match_and_of_its_chance() -> None:
    first, second = start(seed=4), start(seed=4)
    moves = [["UP", "DOWN"], ["LEFT", "RIGHT"], ["DOWN", "UP"], ["RIGHT", "LEFT"]] * 5

    copy = first.clone()
    before = first.snapshot()
    play(copy, moves)
    assert first.snapshot() == before

    play(first, moves)
    play(second, moves)
    assert first.snapshot() == second.snapshot()
