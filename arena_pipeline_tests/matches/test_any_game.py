"""Every kind of game takes the whole way: runner, recorder, replay, verification, ladder.

Alternating, hidden roles with teams and free text, a solo puzzle on stored instances: none has a
case of its own.
"""

import asyncio

import pytest
from sqlalchemy import select

from arena_pipeline.games import catalogue
from arena_pipeline.leaderboard.comparing import compare
from arena_pipeline.leaderboard.ladders import ensure_ladder
from arena_pipeline.leaderboard.recompute import recompute
from arena_pipeline.matches.configs import ensure_config, ensure_instance
from arena_pipeline.matches.plan import InstanceRef, MatchPlan
from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.matches.resuming import abandoned, take_over
from arena_pipeline.matches.runner import MatchPaused, RunnerOptions, play, play_on
from arena_pipeline.matches.verifying import verify_matches
from arena_pipeline.players.protocol import (
    Decision,
    FaultKind,
    Player,
    PlayerFault,
    TurnRequest,
)
from arena_pipeline.store import Store
from arena_pipeline.store.tables import LadderMatch, Participant, Standing
from arena_pipeline_tests.agents import add_agents
from arena_pipeline_tests.toy_games import TOYS, Toy, register_toys

register_toys()


@pytest.fixture(params=TOYS, ids=lambda toy: toy.game.name)
def toy(request: pytest.FixtureRequest) -> Toy:
    assert isinstance(request.param, Toy)
    return request.param


def plans(store: Store, toy: Toy, count: int) -> list[MatchPlan]:
    """Matches of a toy game between agents of its own, on each stored instance where it has any."""
    name = toy.game.name
    config = ensure_config(store, f"{name}-config", name, toy.settings)
    instances: list[InstanceRef | None] = [
        ensure_instance(store, config, f"i{n}", position)
        for n, position in enumerate(toy.instances)
    ]
    agents = list(add_agents(store, *(f"{name}-{n}" for n in range(len(toy.scripts)))).values())
    return [
        MatchPlan(
            config=config,
            entrants=tuple(agents),
            seed=seed,
            rule_version=catalogue.game(name).rule_version,
            instance=(instances or [None])[seed % max(1, len(instances))],
        )
        for seed in range(count)
    ]


def test_matches_are_played_recorded_verified_and_ranked(
    store: Store, recorder: Recorder, toy: Toy
) -> None:
    solo = len(toy.scripts) == 1
    ensure_ladder(store, "toys", toy.game.name, policy={"system": "mean_score"} if solo else None)

    for plan in plans(store, toy, 6):
        recorder.record([asyncio.run(play(recorder, plan, toy.players))])

    assert [one.status for one in verify_matches(store, recorder.replay_dir)] == ["verified"] * 6
    assert compare(store, "toys") == []
    assert recompute(store, "toys").changed == ()
    with store.read() as connection:
        places = connection.scalars(
            select(LadderMatch.sequence).where(LadderMatch.epoch == 1)
        ).all()
        standings = connection.execute(select(Standing.__table__)).all()
        seats = connection.execute(select(Participant.__table__)).all()
    assert set(places) == {1, 2, 3, 4, 5, 6}
    assert {row.matches for row in standings} == {6}
    if solo:
        assert [row.mean_score for row in standings] == [sum(seat.score for seat in seats) / 6]
    else:
        assert sum(row.elo for row in standings) == pytest.approx(1500 * len(standings))


def test_teams_share_their_result_and_are_not_rated_against_each_other(
    store: Store, recorder: Recorder
) -> None:
    (toy,) = (toy for toy in TOYS if toy.game.name == "toy_spies")
    ensure_ladder(store, "spies", toy.game.name)
    (plan,) = plans(store, toy, 1)

    recorder.record([asyncio.run(play(recorder, plan, toy.players))])

    with store.read() as connection:
        seats = connection.execute(select(Participant.__table__)).all()
        elo = {row.competitor: row.elo for row in connection.execute(select(Standing.__table__))}
    teams: dict[str, set[tuple[str, float]]] = {}
    for seat in seats:
        assert seat.role is not None
        teams.setdefault(seat.team, set()).add((seat.result, elo[seat.name]))
    assert len(teams) == 2
    assert all(len(members) == 1 for members in teams.values())
    assert {result for ((result, _),) in map(tuple, teams.values())} == {"won", "lost"}


class Once:
    """A player that goes on as `player` does, but whose gateway fails at the turn `fails_at`."""

    waits = True

    def __init__(self, player: Player, fails_at: int | None) -> None:
        self.player, self.left = player, fails_at

    async def act(self, request: TurnRequest) -> Decision:
        if self.left == 0:
            raise PlayerFault(FaultKind.GATEWAY_ERROR, "503 from the machine room")
        if self.left is not None:
            self.left -= 1
        return await self.player.act(request)


@pytest.mark.parametrize("fails_at", [0, 1])
def test_a_match_paused_by_a_gateway_goes_on_from_its_journal(
    store: Store, recorder: Recorder, toy: Toy, fails_at: int
) -> None:
    (plan,) = plans(store, toy, 1)
    undisturbed = asyncio.run(play(recorder, plan, toy.players))
    options = RunnerOptions(journal_owner="first")
    fails_at = min(fails_at, len(undisturbed.steps) - 1)
    failing = [Once(player, fails_at) for player in toy.players]

    with pytest.raises(MatchPaused, match="503 from the machine room"):
        asyncio.run(play(recorder, plan, failing, options))

    (left,) = abandoned(store)
    assert left.state == "paused"
    taken = take_over(store, left.uuid, "second")
    assert taken is not None
    finished = asyncio.run(play_on(*taken, toy.players, RunnerOptions()))
    recorder.record([finished])
    assert [step.state for step in finished.steps] == [step.state for step in undisturbed.steps]
    assert [one.status for one in verify_matches(store, recorder.replay_dir)] == ["verified"]
