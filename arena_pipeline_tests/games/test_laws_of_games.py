"""Laws of the `Game` protocol, kept by Snake and every toy, on which recording relies."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena_pipeline.games.chance import SeededChance
from arena_pipeline.games.protocol import Action, Game, GameError, IllegalAction, Json, State
from arena_pipeline.games.snake import Snake
from arena_pipeline_tests.toy_games import TOYS

GAMES: tuple[Game, ...] = (Snake(), *(toy.game for toy in TOYS))

seeds = st.integers(0, 2**63)
every_game = pytest.mark.parametrize("game", GAMES, ids=lambda game: game.name)


def start(game: Game, seed: int, players: int | None = None) -> State:
    settings = game.settings({})
    chance = SeededChance(seed, "game")
    seats = game.seats(settings, players or game.max_players, chance)
    return game.initial_state(settings, seats, chance)


def choose(state: State, chance: SeededChance) -> dict[int, Action]:
    """An action for each current player, drawn from chance."""
    chosen: dict[int, Action] = {}
    for player in state.current_players():
        legal = state.legal_actions(player)
        number = chance.below(len(legal) if legal else 100)
        chosen[player] = legal[number] if legal else f"I say {number}"
    return chosen


def play(state: State, seed: int) -> list[tuple[Mapping[int, Action], dict[str, Json]]]:
    """Play to the end; each turn's actions and the snapshot after it."""
    chance = SeededChance(seed, "players")
    told: list[tuple[Mapping[int, Action], dict[str, Json]]] = []
    while not state.is_terminal():
        actions = choose(state, chance)
        state.apply_actions(actions)
        told.append((actions, state.snapshot()))
    return told


@every_game
@given(seed=seeds)
def test_same_seed_and_actions_give_the_same_match(game: Game, seed: int) -> None:
    told = play(start(game, seed), seed)
    again = start(game, seed)

    for actions, snapshot in told:
        again.apply_actions(actions)
        assert again.snapshot() == snapshot


@every_game
@given(seed=seeds)
def test_snapshots_and_observations_survive_json(game: Game, seed: int) -> None:
    state, chance = start(game, seed), SeededChance(seed)
    while not state.is_terminal():
        seen: list[Any] = [state.snapshot(), *map(state.observation, state.current_players())]
        assert json.loads(json.dumps(seen)) == seen
        assert json.loads(json.dumps(state.apply_actions(choose(state, chance)))) is not None


@every_game
@given(seed=seeds)
def test_a_clone_and_its_original_do_not_touch_each_other(game: Game, seed: int) -> None:
    state, chance = start(game, seed), SeededChance(seed)
    while not state.is_terminal():
        before, copy = state.snapshot(), state.clone()
        assert copy.snapshot() == before
        copy.apply_actions(choose(copy, chance))
        assert state.snapshot() == before
        after = copy.snapshot()
        state.apply_actions(choose(state, chance))
        assert copy.snapshot() == after


@every_game
@given(seed=seeds, wrong=st.sampled_from(["missing", "surplus", "not a text"]))
def test_a_refused_turn_changes_nothing(game: Game, seed: int, wrong: str) -> None:
    state, chance = start(game, seed), SeededChance(seed)
    for _ in range(seed % 3):
        if not state.is_terminal():
            state.apply_actions(choose(state, chance))
    if state.is_terminal():
        return
    actions: dict[int, Any] = choose(state, chance)
    last = state.current_players()[-1]
    if wrong == "missing":
        del actions[last]
    elif wrong == "surplus":
        actions[99] = actions[last]
    else:
        actions[last] = 7
    before = state.snapshot()

    with pytest.raises(IllegalAction):
        state.apply_actions(actions)

    assert state.snapshot() == before


@every_game
@given(seed=seeds)
def test_a_match_ends_with_an_outcome_for_every_seat(game: Game, seed: int) -> None:
    for players in range(game.min_players, game.max_players + 1):
        state = start(game, seed, players)
        with pytest.raises(ValueError, match=r".+"):
            state.outcome()
        turns = play(state, seed)

        outcome = state.outcome()

        assert len(outcome.players) == players
        assert all(-1 <= player.reward <= 1 for player in outcome.players)
        assert outcome.ended_by
        assert state.current_players() == ()
        assert state.round == len(turns)
        with pytest.raises(GameError):
            state.apply_actions({})


@every_game
@given(seed=seeds)
def test_a_snapshot_is_an_instance(game: Game, seed: int) -> None:
    settings, chance = game.settings({}), SeededChance(seed, "game")
    seats = game.seats(settings, game.min_players, chance)
    state = game.initial_state(settings, seats, chance)
    told = play(state, seed)

    for _, snapshot in told:
        stored: Any = json.loads(json.dumps(snapshot))
        again = game.initial_state(settings, seats, SeededChance(1), instance=stored)
        assert again.snapshot() == snapshot
