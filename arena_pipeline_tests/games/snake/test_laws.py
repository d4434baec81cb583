"""Laws that hold in every match of Snake, whoever plays."""

from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from arena_pipeline.games.chance import SeededChance
from arena_pipeline.games.protocol import Result
from arena_pipeline.games.snake import SnakeState
from arena_pipeline.games.snake.board import ACTIONS
from arena_pipeline.players import bots
from arena_pipeline_tests.games.snake.boards import start

matches = st.fixed_dictionaries(
    {
        "players": st.integers(2, 8),
        "seed": st.integers(0, 2**63),
        "width": st.integers(4, 12),
        "height": st.integers(4, 12),
        "apples": st.integers(0, 8),
        "max_rounds": st.integers(1, 60),
        "apple_target": st.none() | st.integers(1, 10),
    }
)


def positions(config: dict[str, Any]) -> list[SnakeState]:
    """The states of a match between careful players, as clones, the last being its end."""
    state = start(**config)
    policy = bots.policy("careful_random").decide
    chances = [SeededChance(config["seed"], "player", seat) for seat in range(config["players"])]
    seen = [state.clone()]
    while not state.is_terminal():
        state.apply_actions(
            {seat: policy(state, seat, ACTIONS, chances[seat]) for seat in state.current_players()}
        )
        seen.append(state.clone())
    return seen


@given(matches)
def test_bodies_and_apples_keep_to_the_board_and_apart(config: dict[str, Any]) -> None:
    for state in positions(config):
        cells = range(state.board.cells)
        living = [
            cell for seat, body in enumerate(state.bodies) if state.alive[seat] for cell in body
        ]
        assert len(set(living)) == len(living)
        assert not set(living) & set(state.apples)
        assert len(set(state.apples)) == len(state.apples)
        assert {*living, *state.apples} <= {*cells}


@given(matches)
def test_every_apple_eaten_is_replaced_until_the_board_is_full(config: dict[str, Any]) -> None:
    for state in positions(config):
        room = state.board.cells - len({cell for body in state.bodies for cell in body})
        if room == len(state.apples):
            return
        assert len(state.apples) == config["apples"]


@given(matches)
def test_a_snake_is_one_longer_than_its_apples_and_hangs_together(config: dict[str, Any]) -> None:
    for state in positions(config):
        points = state.board.points
        for body, score in zip(state.bodies, state.scores, strict=True):
            assert len(body) == 1 + score
            joints = [(points[a], points[b]) for a, b in pairwise(body)]
            assert all(abs(a[0] - b[0]) + abs(a[1] - b[1]) == 1 for a, b in joints)


@given(matches)
def test_the_outcome_is_consistent(config: dict[str, Any]) -> None:
    end = positions(config)[-1]
    outcome = end.outcome()
    results = [player.result for player in outcome.players]

    assert abs(sum(player.reward for player in outcome.players)) < 1e-9
    assert all(-1 <= player.reward <= 1 for player in outcome.players)
    assert min(player.placement for player in outcome.players) == 1
    assert results.count(Result.WON) <= 1
    if len(results) == 2:
        assert results.count(Result.WON) == results.count(Result.LOST)
    for seat, player in enumerate(outcome.players):
        assert (player.placement == 1) == (player.result is not Result.LOST)
        assert (player.death_round is None) == end.alive[seat]
        assert player.score == end.scores[seat]
