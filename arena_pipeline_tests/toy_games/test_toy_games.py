"""The toys themselves: their scripted players play them to a sensible end."""

import asyncio

import pytest

from arena_pipeline.games.chance import SeededChance
from arena_pipeline.games.protocol import Game, Json, Outcome, Result, SettingsError, State
from arena_pipeline.players.protocol import TurnRequest
from arena_pipeline_tests.toy_games import TOYS, Toy

NIM, SPIES, LIGHTS = TOYS


async def drive(toy: Toy, seed: int, instance: dict[str, Json] | None = None) -> State:
    """The whole of what a runner needs to know of a game."""
    settings, chance = toy.game.settings(toy.settings), SeededChance(seed)
    players = toy.players
    seats = toy.game.seats(settings, len(players), chance)
    state = toy.game.initial_state(settings, seats, chance, instance=instance)
    while not state.is_terminal():
        decisions = {
            seat: await players[seat].act(
                TurnRequest(
                    seat, state.round, state.observation(seat), state.legal_actions(seat), state
                )
            )
            for seat in state.current_players()
        }
        state.apply_actions({seat: decision.action for seat, decision in decisions.items()})
    return state


def outcomes(toy: Toy) -> list[Outcome]:
    return [asyncio.run(drive(toy, seed)).outcome() for seed in range(30)]


def test_knowing_nim_pays() -> None:
    won = [outcome.players[0].result is Result.WON for outcome in outcomes(NIM)]

    assert sum(won) > 25


def test_a_team_wins_together_and_both_teams_can() -> None:
    ended = outcomes(SPIES)

    assert {outcome.winning_team for outcome in ended} <= {"town", "spies"}
    for outcome in ended:
        winners = [player for player in outcome.players if player.result is Result.WON]
        assert len(winners) == (3 if outcome.winning_team == "town" else 1)


def test_the_spy_is_not_told_the_word() -> None:
    game: Game = SPIES.game
    settings, chance = game.settings({}), SeededChance(3)
    seats = game.seats(settings, 4, chance)
    state = game.initial_state(settings, seats, chance)

    for player, seat in enumerate(seats):
        hidden = state.observation(player)["word"] is None
        assert hidden == (seat.role == "spy")
        assert "roles" not in state.observation(player)


def test_talk_goes_round_and_the_vote_is_simultaneous() -> None:
    game: Game = SPIES.game
    settings, chance = game.settings({"talks": 1}), SeededChance(3)
    state = game.initial_state(settings, game.seats(settings, 3, chance), chance)

    asked = []
    while not state.is_terminal():
        current = state.current_players()
        asked.append(current)
        state.apply_actions(dict.fromkeys(current, "player 1, I think"))

    assert asked == [(0,), (1,), (2,), (0, 1, 2)]
    assert state.snapshot()["votes"] == [1, 1, 1]


def test_a_puzzle_is_the_same_for_everybody_who_gets_the_instance() -> None:
    for instance in LIGHTS.instances:
        scores = {
            asyncio.run(drive(LIGHTS, seed, instance)).outcome().players[0].score
            for seed in range(3)
        }
        assert len(scores) == 1


def test_a_solved_puzzle_is_won_and_presses_left_over_count() -> None:
    outcome = asyncio.run(drive(LIGHTS, 0, LIGHTS.instances[0])).outcome()

    assert outcome.players[0].result is Result.WON
    assert outcome.players[0].score == 9 + 19


@pytest.mark.parametrize("toy", TOYS, ids=lambda toy: toy.game.name)
def test_a_toy_refuses_what_it_cannot_be(toy: Toy) -> None:
    with pytest.raises(SettingsError, match="There is no setting"):
        toy.game.settings({"colour": 1})
    with pytest.raises(SettingsError, match=r" is for "):
        toy.game.seats(toy.game.settings({}), 9, SeededChance(0))
