"""Who dies in a turn, rule by rule."""

from arena_pipeline_tests.games.snake.boards import deaths, heads, position, turn


def test_up_is_away_from_the_bottom_left_corner() -> None:
    state = position(". .", "0 1")

    turn(state, "UP", "UP")

    assert heads(state) == [(0, 1), (1, 1)]


def test_a_snake_that_leaves_the_board_dies() -> None:
    state = position("0 .", ". 1")

    turn(state, "LEFT", "UP")

    assert deaths(state) == ["wall", None]


def test_heads_that_meet_kill_both() -> None:
    state = position("0 . 1", ". . .")

    turn(state, "RIGHT", "LEFT")

    assert deaths(state) == ["head_collision", "head_collision"]


def test_an_apple_saves_nobody_from_heads_that_meet() -> None:
    state = position("0 A 1", ". . .")

    turn(state, "RIGHT", "LEFT")

    assert deaths(state) == ["head_collision", "head_collision"]


def test_a_body_kills_who_runs_into_it() -> None:
    state = position(". m . .", "0 l . .", ". k 1 .")

    turn(state, "RIGHT", "RIGHT")

    assert deaths(state) == ["body_collision", None]


def test_a_snake_can_run_into_itself() -> None:
    state = position("b a .", "c 0 .", "d . 1")

    turn(state, "LEFT", "UP")

    assert deaths(state) == ["body_collision", None]


def test_the_own_tail_may_be_chased() -> None:
    state = position("b a .", "c 0 .", ". . 1")

    turn(state, "LEFT", "UP")

    assert deaths(state) == [None, None]
    assert heads(state)[0] == (0, 1)


def test_the_tail_of_another_may_be_chased() -> None:
    state = position("0 k 1 .", ". . . .")

    turn(state, "RIGHT", "RIGHT")

    assert deaths(state) == [None, None]


def test_the_tail_of_a_snake_that_eats_stays_and_kills() -> None:
    state = position("0 k 1 A", ". . . .")

    turn(state, "RIGHT", "RIGHT")

    assert deaths(state) == ["body_collision", None]


def test_two_snakes_of_length_one_may_swap_places() -> None:
    state = position("0 1", ". .")

    turn(state, "RIGHT", "LEFT")

    assert deaths(state) == [None, None]
    assert heads(state) == [(1, 1), (0, 1)]


def test_longer_snakes_that_swap_places_die_in_each_others_bodies() -> None:
    state = position("a 0 1 k", ". . . .")

    turn(state, "RIGHT", "LEFT")

    assert deaths(state) == ["body_collision", "body_collision"]


def test_a_short_snake_that_swaps_with_a_longer_one_dies_alone() -> None:
    state = position("0 1 k", ". . .")

    turn(state, "RIGHT", "LEFT")

    assert deaths(state) == ["body_collision", None]


def test_who_dies_at_a_wall_in_this_turn_blocks_nobody() -> None:
    state = position("k l . .", "1 . . .", "0 . . .")

    turn(state, "UP", "LEFT")

    assert deaths(state) == [None, "wall"]


def test_who_dies_head_on_in_this_turn_blocks_nobody() -> None:
    state = position("b a 0 . 1", ". 2 . . .", ". . . . .")

    turn(state, "RIGHT", "LEFT", "UP")

    assert deaths(state) == ["head_collision", "head_collision", None]


def test_who_dies_in_a_body_in_this_turn_still_blocks() -> None:
    state = position(". c b a l", ". . 2 0 k", ". . . . 1")

    turn(state, "RIGHT", "LEFT", "UP")

    assert deaths(state) == ["body_collision", None, "body_collision"]


def test_three_heads_may_meet_at_once() -> None:
    state = position("0 . 1", ". 2 .", ". . .")

    turn(state, "RIGHT", "LEFT", "UP")

    assert deaths(state) == ["head_collision"] * 3
