"""What the oldest rules do otherwise: boards are judged as they stand, snakes move one by one."""

from arena_pipeline.games.chance import RecordedChance
from arena_pipeline.games.protocol import Result
from arena_pipeline.games.snake import SnakeState
from arena_pipeline_tests.games.snake.boards import deaths, heads, position, turn

OLDEST = "2025-02-04"


def old(*rows: str, draws: tuple[int, ...] = ()) -> SnakeState:
    """A position played by the oldest rules, apples growing as drawn."""
    return position(*rows, rule_version=OLDEST, chance=RecordedChance(draws))


def test_a_snake_that_leaves_the_board_dies() -> None:
    state = old("0 .", ". 1")

    turn(state, "LEFT", "UP")

    assert deaths(state) == ["wall", None]


def test_the_own_tail_kills_though_it_would_move_on() -> None:
    state = old("b a .", "c 0 .", ". . 1")

    turn(state, "LEFT", "UP")

    assert deaths(state) == ["body_collision", None]


def test_the_tail_of_another_kills_though_it_would_move_on() -> None:
    state = old("0 k 1 .", ". . . .")

    turn(state, "RIGHT", "RIGHT")

    assert deaths(state) == ["body_collision", None]


def test_two_snakes_of_length_one_cannot_swap_places() -> None:
    state = old("0 1", ". .")

    turn(state, "RIGHT", "LEFT")

    assert deaths(state) == ["body_collision", "body_collision"]


def test_the_head_of_one_who_dies_in_this_turn_blocks() -> None:
    state = old(". . .", "0 1 .", ". . .", "k . .")

    turn(state, "RIGHT", "LEFT")

    assert deaths(state) == ["body_collision", "body_collision"]


def test_who_dies_at_a_wall_in_this_turn_still_blocks() -> None:
    state = old("k l . .", "1 . . .", "0 . . .")

    turn(state, "UP", "LEFT")

    assert deaths(state) == ["body_collision", "wall"]


def test_heads_that_meet_on_a_free_cell_kill_both() -> None:
    state = old("0 . 1", ". . .")

    turn(state, "RIGHT", "LEFT")

    assert deaths(state) == ["head_collision", "head_collision"]


def test_three_heads_may_meet_at_once() -> None:
    state = old("0 . 1", ". 2 .", ". . .")

    turn(state, "RIGHT", "LEFT", "UP")

    assert deaths(state) == ["head_collision"] * 3


def test_among_three_the_dead_stay_on_the_board_and_the_living_move_on() -> None:
    state = old("0 . .", ". . 1", ". 2 .")

    turn(state, "UP", "LEFT", "RIGHT")

    assert deaths(state) == ["wall", None, None]
    assert heads(state) == [(0, 2), (1, 1), (2, 0)]

    turn(state, "UP", "UP")

    assert deaths(state) == ["wall", None, None]

    turn(state, "LEFT", "LEFT")

    assert deaths(state)[1] == "body_collision"


def test_an_apple_grows_before_the_next_snake_moves_and_may_be_eaten_in_the_same_turn() -> None:
    # Free cells are counted from the bottom left: the first lies before snake 1.
    state = old("0 A .", ". . .", "1 . .", draws=(0, 4))

    events = turn(state, "RIGHT", "RIGHT")

    assert events[0]["grown"] == events[1]["eaten"] == [1, 0]
    assert state.scores == [1, 1]
    assert len(state.apples) == 1


def test_later_rules_let_nobody_eat_what_grows_in_the_turn() -> None:
    state = position("0 A .", ". . .", "1 . .", chance=RecordedChance((1,)))

    events = turn(state, "RIGHT", "RIGHT")

    assert [event["player"] for event in events] == [0]
    assert state.scores == [1, 0]


def test_dying_together_is_a_tie_whatever_was_eaten() -> None:
    state = old("0 . 1", ". . .")
    state.scores[:] = [5, 1]

    turn(state, "RIGHT", "LEFT")

    assert [player.result for player in state.outcome().players] == [Result.TIED, Result.TIED]
