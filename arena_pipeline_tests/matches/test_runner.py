"""The runner: faults are recorded and replaced, one bad match stops no other, time-outs end."""

import asyncio
from collections.abc import Sequence

import pytest

from arena_pipeline.games.protocol import SettingsError
from arena_pipeline.matches.plan import Entrant, FinishedMatch, MatchPlan, TurnRecord
from arena_pipeline.matches.recorder import OpenMatch, Recorder
from arena_pipeline.matches.runner import MatchFailed, RunnerOptions, play, play_many
from arena_pipeline.matches.verifying import verify_matches
from arena_pipeline.players.protocol import Decision, FaultKind, PlayerFault, TurnRequest
from arena_pipeline.store import Store
from arena_pipeline_tests.agents import add_agents, plan


class Going:
    """Goes one way, at once."""

    waits = False

    def __init__(self, action: str) -> None:
        self.action = action

    async def act(self, request: TurnRequest) -> Decision:
        return Decision(self.action, rationale="always")


class Crashing(Going):
    async def act(self, request: TurnRequest) -> Decision:
        raise ZeroDivisionError("no such thing")


class Silent(Going):
    async def act(self, request: TurnRequest) -> Decision:
        raise PlayerFault(FaultKind.NO_ACTION, "said nothing")


class Chatting(Going):
    async def act(self, request: TurnRequest) -> Decision:
        return "UP"  # type: ignore[return-value]


class Stalling(Going):
    waits = True

    async def act(self, request: TurnRequest) -> Decision:
        await asyncio.Event().wait()
        return Decision("UP")


class Meeting(Going):
    """Decides only once everybody else at the table was asked too."""

    waits = True

    def __init__(self, action: str, barrier: asyncio.Barrier) -> None:
        super().__init__(action)
        self.barrier = barrier

    async def act(self, request: TurnRequest) -> Decision:
        await self.barrier.wait()
        return Decision(self.action)


@pytest.fixture
def duel(store: Store) -> MatchPlan:
    return plan(store, list(add_agents(store, "anna", "bert").values()), seed=3)


def turns(match: FinishedMatch, slot: int) -> list[TurnRecord]:
    return [turn for step in match.steps for turn in step.turns if turn.slot == slot]


@pytest.mark.parametrize(
    ("player", "fault", "detail"),
    [
        (Going("SIDEWAYS"), "illegal_action", "'SIDEWAYS' is not legal"),
        (Going("<script>" * 500), "illegal_action", "is not legal"),
        (Crashing("UP"), "crashed", "ZeroDivisionError: no such thing"),
        (Silent("UP"), "no_action", "said nothing"),
        (Chatting("UP"), "crashed", "answered with str, not a Decision"),
        (Stalling("UP"), "timeout", "no decision within 0.01 s"),
    ],
)
def test_a_fault_is_recorded_and_replaced_by_a_legal_action(
    store: Store, recorder: Recorder, duel: MatchPlan, player: Going, fault: str, detail: str
) -> None:
    options = RunnerOptions(turn_timeout_s=0.01)

    match = asyncio.run(play(recorder, duel, [player, Going("UP")], options))

    assert {turn.fault for turn in turns(match, 0)} == {fault}
    assert all(turn.action in {"UP", "DOWN", "LEFT", "RIGHT"} for turn in turns(match, 0))
    assert all(detail in str(turn.extra["fault_detail"]) for turn in turns(match, 0))
    assert {turn.fault for turn in turns(match, 1)} == {None}
    recorder.record([match])
    assert [one.status for one in verify_matches(store, recorder.replay_dir)] == ["verified"]


def test_the_same_faults_are_replaced_the_same_way(recorder: Recorder, duel: MatchPlan) -> None:
    first, second = (
        asyncio.run(play(recorder, duel, [Silent(""), Going("LEFT")])) for _ in range(2)
    )

    assert first.steps[-1].state == second.steps[-1].state


def test_players_that_wait_are_asked_side_by_side(recorder: Recorder, duel: MatchPlan) -> None:
    async def together() -> FinishedMatch:
        barrier = asyncio.Barrier(2)
        players = [Meeting("UP", barrier), Meeting("DOWN", barrier)]
        return await play(recorder, duel, players, RunnerOptions(turn_timeout_s=5))

    match = asyncio.run(together())

    assert {turn.fault for step in match.steps for turn in step.turns} == {None}


async def gather(
    recorder: Recorder, plans: Sequence[MatchPlan], options: RunnerOptions
) -> list[FinishedMatch | MatchFailed]:
    def seat(plan: MatchPlan) -> list[Going]:
        if plan.seed == 2:
            raise LookupError("nobody plays this seat")
        return [Going("UP") for _ in plan.entrants]

    return [ended async for ended in play_many(recorder, plans, seat, options)]


def test_one_bad_match_is_reported_and_stops_no_other(store: Store, recorder: Recorder) -> None:
    agents = list(add_agents(store, "anna", "bert").values())
    crowd = [agents[0]] * 9
    planned = [plan(store, crowd if seed == 4 else agents, seed=seed) for seed in range(6)]

    ended = asyncio.run(gather(recorder, planned, RunnerOptions(concurrency=2)))

    failed = {one.plan.seed: one.error for one in ended if isinstance(one, MatchFailed)}
    assert {seed: type(error) for seed, error in failed.items()} == {
        2: LookupError,
        4: SettingsError,
    }
    played = [one for one in ended if isinstance(one, FinishedMatch)]
    assert {one.plan.seed for one in played} == {0, 1, 3, 5}


def test_no_more_matches_are_open_at_once_than_allowed(store: Store, recorder: Recorder) -> None:
    agents: list[Entrant] = list(add_agents(store, "anna", "bert").values())
    open_now: set[str] = set()
    most = 0

    def watch(match: OpenMatch) -> None:
        nonlocal most
        open_now.add(match.plan.uuid)
        most = max(most, len(open_now))

    async def run() -> None:
        options = RunnerOptions(concurrency=3)
        planned = [plan(store, agents, seed=seed) for seed in range(12)]
        seats = [Going("UP"), Going("DOWN")]
        async for ended in play_many(recorder, planned, lambda _: seats, options, watch):
            assert isinstance(ended, FinishedMatch)
            open_now.discard(ended.uuid)

    asyncio.run(run())

    assert 1 < most <= 3
