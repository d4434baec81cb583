"""A Snake position as text."""

from arena_pipeline.games.snake import render
from arena_pipeline_tests.games.snake.boards import position, start, turn


def test_a_board_is_drawn_top_row_first_with_coordinates() -> None:
    state = position("b a . .", ". 0 . A", "k 1 . .")

    assert render(state.snapshot()).splitlines() == [
        "2  T T . .",
        "1  . 0 . A",
        "0  T 1 . .",
        "   0 1 2 3",
    ]


def test_the_dead_are_crossed_out_and_the_living_lie_above_them() -> None:
    state = position("0 . .", ". 2 .", "k 1 .")
    turn(state, "UP", "DOWN", "LEFT")
    assert state.is_terminal()

    assert render(state.snapshot()).splitlines()[:3] == [
        "2  x . .",
        "1  2 . .",
        "0  x x .",
    ]


def test_wide_boards_stay_aligned() -> None:
    lines = render(start(width=12, height=11).snapshot()).splitlines()

    assert len({len(line) for line in lines}) == 1
    assert lines[0].startswith("10 ")
