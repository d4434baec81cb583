"""What every Snake bot is good for: any board, any table, no side effects, and some sense."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from arena_pipeline.games.chance import SeededChance
from arena_pipeline.games.snake.board import ACTIONS
from arena_pipeline.players import bots
from arena_pipeline_tests.games.snake.boards import position
from arena_pipeline_tests.players.bots.snake.matches import play, start

EVERY_BOT = bots.names("snake")
SIGHTED = tuple(name for name in EVERY_BOT if name != "random")


def test_the_five_bots_play_snake() -> None:
    assert {"random", "careful_random", "greedy", "flood", "search"} <= {*EVERY_BOT}


tables = st.fixed_dictionaries(
    {
        "names": st.lists(st.sampled_from(EVERY_BOT), min_size=2, max_size=8),
        "seed": st.integers(0, 2**63),
        "width": st.integers(4, 11),
        "height": st.integers(4, 11),
        "apples": st.integers(0, 8),
        "max_rounds": st.just(60),
    }
)


@effort(max_examples=40)
@given(tables)
def test_bots_play_any_board_at_any_table_and_the_seed_tells_the_match(
    table: dict[str, Any],
) -> None:
    assert play(**table) == play(**table)


@effort(max_examples=40)
@given(seed=st.integers(0, 2**63), name=st.sampled_from(EVERY_BOT), players=st.integers(2, 8))
def test_a_bot_leaves_the_state_as_it_was(seed: int, name: str, players: int) -> None:
    state = start(players, seed)
    before = state.snapshot()

    action = bots.policy(name).decide(state, 0, ACTIONS, SeededChance(seed))

    assert action in ACTIONS
    assert state.snapshot() == before


@pytest.mark.parametrize("name", SIGHTED)
def test_a_sighted_bot_takes_the_only_way_out(name: str) -> None:
    state = position("b c d . .", "a 0 . . .", "g f e . .", "1 . . . .")

    assert bots.policy(name).decide(state, 0, ACTIONS, SeededChance(0)) == "RIGHT"


@pytest.mark.parametrize("name", SIGHTED)
def test_a_trapped_bot_still_moves(name: str) -> None:
    state = position("0 a b", "d c .", ". . 1")

    assert bots.policy(name).decide(state, 0, ACTIONS, SeededChance(0)) in ACTIONS


@pytest.mark.parametrize("name", ["greedy", "flood", "search"])
def test_a_bot_that_likes_apples_takes_the_one_beside_it(name: str) -> None:
    state = position(". . . . .", ". A 0 . .", ". . . . .", ". . . . 1")

    assert bots.policy(name).decide(state, 0, ACTIONS, SeededChance(0)) == "LEFT"


@pytest.mark.parametrize("name", ["greedy", "flood", "search"])
def test_a_bot_that_looks_ahead_leaves_the_apple_in_a_trap(name: str) -> None:
    state = position("c b a . .", "d A 0 . .", "e f g h .", ". . . . 1")

    assert bots.policy(name).decide(state, 0, ACTIONS, SeededChance(0)) == "RIGHT"


@pytest.mark.parametrize("name", ["flood", "search"])
def test_a_bot_that_is_behind_does_not_meet_its_rival_head_on(name: str) -> None:
    state = position(". . . . .", "0 . 1 k l", ". . . . .", apple_target=None)
    state.scores[1] = 5

    assert bots.policy(name).decide(state, 0, ACTIONS, SeededChance(0)) != "RIGHT"
