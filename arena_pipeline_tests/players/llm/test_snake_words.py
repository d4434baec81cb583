"""A Snake position in words, and back."""

from hypothesis import given, settings
from hypothesis import strategies as st

from arena_pipeline.games.chance import SeededChance
from arena_pipeline.games.snake import SnakeState
from arena_pipeline.players.llm.snake import describe, position_in, words
from arena_pipeline_tests.games.snake.boards import position, start, turn


@st.composite
def positions(draw: st.DrawFn) -> tuple[SnakeState, int]:
    """A state some random turns into a match, and a seat of it."""
    players = draw(st.integers(2, 8))
    state = start(
        players,
        draw(st.integers(0, 10_000)),
        width=draw(st.integers(4, 13)),
        height=draw(st.integers(4, 13)),
        apples=draw(st.integers(0, 8)),
        apple_target=draw(st.none() | st.integers(1, 40)),
    )
    chance = SeededChance(draw(st.integers(0, 10_000)), "moves")
    for _ in range(draw(st.integers(0, 25))):
        if state.is_terminal():
            break
        state.apply_actions(
            {seat: state.legal_actions(seat)[chance.below(4)] for seat in state.current_players()}
        )
    return state, draw(st.integers(0, players - 1))


@given(positions(), st.text())
@settings(max_examples=100, deadline=None)
def test_the_position_is_read_back_out_of_its_words_whatever_stands_round_them(
    drawn: tuple[SnakeState, int], around: str
) -> None:
    state, seat = drawn
    seen = state.observation(seat)

    assert position_in(describe(seen)) == seen
    assert position_in(f"{around}\n{describe(seen)}\n{around}") == seen


def test_the_newest_of_several_positions_is_read() -> None:
    first, second = start(seed=1).observation(0), start(seed=2).observation(1)

    assert position_in(f"{describe(first)}\n\n{describe(second)}") == second


@given(positions())
@settings(max_examples=50, deadline=None)
def test_a_position_that_lacks_a_line_is_none(drawn: tuple[SnakeState, int]) -> None:
    state, seat = drawn
    lines = describe(state.observation(seat)).splitlines()
    # Without its last snake a position would be one of fewer players.
    needed = [n for n, line in enumerate(lines) if line[:1].isalpha()]
    needed.remove(len(lines) - 3)

    for n in needed:
        assert position_in("\n".join(lines[:n] + lines[n + 1 :])) is None


@given(st.text())
def test_other_text_holds_no_position(text: str) -> None:
    assert position_in(text) is None


def test_a_position_is_a_picture_and_its_coordinates() -> None:
    state = position("b a . .", ". 0 . A", "k 1 . .", apple_target=None, max_rounds=20)

    assert describe(state.observation(1)).splitlines() == [
        "Turn 1 of 20. You are snake B.",
        "Board 4x3, (0,0) is bottom-left, (3,2) top-right:",
        "2 a a . .",
        "1 . A . *",
        "0 b B . .",
        "  0 1 2 3",
        "Snake A: score 0, length 3, head (1,1), then (1,2) (0,2)",
        "Snake B (you): score 0, length 2, head (1,0), then (0,0)",
        "Apples: (3,1)",
        "The match ends after turn 20.",
    ]


def test_the_dead_are_marked_and_the_living_lie_above_them() -> None:
    state = position("0 . .", ". 2 .", "k 1 .")
    turn(state, "UP", "DOWN", "LEFT")

    lines = describe(state.observation(2)).splitlines()

    assert lines[2:5] == ["2 # . .", "1 C . .", "0 # # ."]
    assert "Snake B: dead since turn 1 (wall), score 0, length 2, head (1,0), then (0,0)" in lines


def test_a_prompt_is_told_the_limits_of_the_match() -> None:
    told = words(start(width=12, height=11, apple_target=7, max_rounds=90).observation(0))

    assert (told["max_x"], told["max_y"], told["max_turns"]) == ("11", "10", "90")
    assert told["ending"] == "The match ends after turn 90, or once a score is 7."
