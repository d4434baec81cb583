"""A bot in a seat answers like any other player."""

import asyncio
from typing import Any

import pytest

from arena_pipeline.games.chance import SeededChance
from arena_pipeline.games.protocol import State
from arena_pipeline.players import bots
from arena_pipeline.players.bots import BotPlayer
from arena_pipeline.players.protocol import FaultKind, PlayerFault, TurnRequest
from arena_pipeline_tests.games.snake.boards import position
from arena_pipeline_tests.toy_games import TOYS


def request(state: State) -> TurnRequest:
    player = state.current_players()[0]
    return TurnRequest(
        player=player,
        round=state.round,
        observation=state.observation(player),
        legal_actions=state.legal_actions(player),
        state=state,
    )


def start_toy(name: str) -> State:
    game = next(toy.game for toy in TOYS if toy.game.name == name)
    settings: dict[str, Any] = game.settings({})
    chance = SeededChance(0)
    return game.initial_state(settings, game.seats(settings, game.max_players, chance), chance)


def test_a_bot_decides_a_turn() -> None:
    state = position("0 A .", ". . 1")
    player = BotPlayer(bots.policy("greedy"), SeededChance(0))

    assert asyncio.run(player.act(request(state))).action == "RIGHT"


def test_the_random_bot_plays_games_it_never_heard_of() -> None:
    state = start_toy("toy_nim")
    player = BotPlayer(bots.policy("random"), SeededChance(0))

    while not state.is_terminal():
        decision = asyncio.run(player.act(request(state)))
        state.apply_actions({state.current_players()[0]: decision.action})


def test_where_any_text_is_allowed_a_bot_has_no_action() -> None:
    player = BotPlayer(bots.policy("random"), SeededChance(0))

    with pytest.raises(PlayerFault, match="'random' chooses among legal actions") as fault:
        asyncio.run(player.act(request(start_toy("toy_spies"))))

    assert fault.value.kind is FaultKind.NO_ACTION
