"""Matches that stand still and go on: pauses, leases that outlive long turns, broken-off runs."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from arena_pipeline.matches.plan import MatchPlan
from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.matches.resuming import (
    play_resumed,
    take_over,
    waiting_matches,
)
from arena_pipeline.matches.runner import MatchPaused, RunnerOptions, play, play_on
from arena_pipeline.matches.verifying import verify_matches
from arena_pipeline.players.protocol import (
    Decision,
    FaultKind,
    PlayerFault,
    TurnPostponed,
    TurnRequest,
)
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Turn
from arena_pipeline_tests.agents import add_agents, plan
from arena_pipeline_tests.matches.seat import Steady, steady
from arena_pipeline_tests.matches.thinking import (
    Thinking,
    add_calls,
    add_evaluation,
    calls_of,
    match_row,
    thinking,
)

SEED = 12
"""The seed of a match that lasts fourteen rounds."""

OPTIONS = RunnerOptions(journal_owner="me", turn_timeout_s=None)
LATER = datetime(2099, 1, 1, tzinfo=UTC)


@pytest.fixture
def duel(store: Store) -> MatchPlan:
    return plan(store, list(add_agents(store, "anna", "bert").values()), seed=SEED)


def play_until_paused(
    recorder: Recorder, duel: MatchPlan, trouble: dict[int, BaseException]
) -> MatchPaused:
    with pytest.raises(MatchPaused) as caught:
        asyncio.run(play(recorder, duel, thinking(duel, trouble), OPTIONS))
    return caught.value


def resume(recorder: Recorder, duel: MatchPlan, trouble: dict[int, BaseException]) -> None:
    asyncio.run(play_resumed(recorder, duel.uuid, lambda _: thinking(duel, trouble), OPTIONS))


def test_a_player_that_waits_is_told_where_its_turn_belongs_and_what_it_did_before(
    store: Store, recorder: Recorder, duel: MatchPlan
) -> None:
    players = thinking(duel)

    asyncio.run(play(recorder, duel, players, OPTIONS))

    row = match_row(store, duel.uuid)
    fifth = players[1].requests[4]
    assert fifth.site is not None
    assert (fifth.site.match_id, fifth.site.match_uuid) == (row.id, duel.uuid)
    assert (fifth.site.step, fifth.site.slot, fifth.site.question) == (4, 1, 0)
    assert fifth.site.agent_id == duel.entrants[1].agent_id
    assert [past.step for past in fifth.past][:4] == [0, 1, 2, 3]


def test_a_match_in_memory_has_no_place_for_calls(recorder: Recorder, duel: MatchPlan) -> None:
    players = thinking(duel)

    asyncio.run(play(recorder, duel, players))

    assert players[0].requests[3].site is None
    assert len(players[0].requests[3].past) >= 3


def test_a_postponed_turn_pauses_the_match_with_reason_and_time(
    store: Store, recorder: Recorder, duel: MatchPlan
) -> None:
    trouble = TurnPostponed("budget: no money\nleft", LATER)

    paused = play_until_paused(recorder, duel, {3: trouble})

    assert (paused.uuid, paused.until) == (duel.uuid, LATER)
    row = match_row(store, duel.uuid)
    assert (row.state, row.lease_owner, row.resume_at) == ("paused", None, LATER)
    assert row.pause_reason == "budget: no money left"
    assert row.paused_at is not None


def test_the_answer_that_came_beside_a_postponed_one_is_kept(
    store: Store, recorder: Recorder, duel: MatchPlan
) -> None:
    play_until_paused(recorder, duel, {3: TurnPostponed("circuit: open")})

    with store.read() as connection:
        kept = connection.execute(select(Turn.step, Turn.slot).where(Turn.step == 3)).all()
    assert [tuple(row) for row in kept] == [(3, 1)]


def test_before_its_time_a_match_is_taken_up_by_nobody_but_who_insists(
    store: Store, recorder: Recorder, duel: MatchPlan
) -> None:
    play_until_paused(recorder, duel, {3: TurnPostponed("quota: none left", LATER)})

    assert take_over(store, duel.uuid, "other") is None
    assert take_over(store, duel.uuid, "other", early=True) is not None


def test_since_when_a_match_stands_still_is_kept_until_it_gets_on(
    store: Store, recorder: Recorder, duel: MatchPlan
) -> None:
    trouble = {3: PlayerFault(FaultKind.GATEWAY_ERROR, "503")}
    play_until_paused(recorder, duel, dict(trouble))
    first = match_row(store, duel.uuid).paused_at

    with pytest.raises(MatchPaused):
        resume(recorder, duel, dict(trouble))
    again = match_row(store, duel.uuid)
    with pytest.raises(MatchPaused):
        resume(recorder, duel, {6: TurnPostponed("failing: 502")})
    later = match_row(store, duel.uuid)

    assert again.paused_at == first
    assert again.pause_reason == "gateway_error: 503"
    assert later.paused_at > first
    assert later.pause_reason == "failing: 502"


def test_a_match_paused_and_resumed_many_times_ends_as_the_undisturbed_one(
    store: Store, recorder: Recorder, duel: MatchPlan
) -> None:
    expected = asyncio.run(play(recorder, duel, steady(duel)))
    play_until_paused(recorder, duel, {0: TurnPostponed("rate: wait")})
    for step in (1, 4, 5, 11):
        with pytest.raises(MatchPaused):
            resume(recorder, duel, {step: TurnPostponed("rate: wait")})

    finished = asyncio.run(play_resumed(recorder, duel.uuid, thinking, OPTIONS))

    assert finished is not None
    recorder.record([finished])
    assert [step.state for step in finished.steps] == [step.state for step in expected.steps]
    assert [one.status for one in verify_matches(store, recorder.replay_dir)] == ["verified"]
    row = match_row(store, duel.uuid)
    assert (row.paused_at, row.resume_at, row.pause_reason) == (None, None, None)


def test_what_a_failed_turn_cost_is_kept_with_it(
    store: Store, recorder: Recorder, duel: MatchPlan
) -> None:
    spent = Decision("", "I wonder", input_tokens=7, output_tokens=9, extra={"host": "here"})
    trouble = PlayerFault(FaultKind.NO_ACTION, "no word of it", spent)

    finished = asyncio.run(play(recorder, duel, thinking(duel, {2: trouble}), OPTIONS))

    turn = next(turn for turn in finished.steps[2].turns if turn.slot == 0)
    assert (turn.fault, turn.rationale) == ("no_action", "I wonder")
    assert (turn.input_tokens, turn.output_tokens) == (7, 9)
    assert turn.extra == {"host": "here", "fault_detail": "no word of it"}
    assert turn.action != ""


class Mixed(Thinking):
    """Looks into the store while it thinks."""

    def __init__(self, seed: int | None, store: Store) -> None:
        super().__init__(seed)
        self.store, self.seen = store, [0]

    async def act(self, request: TurnRequest) -> Decision:
        with self.store.read() as connection:
            self.seen.append(connection.scalar(select(func.count()).select_from(Turn)) or 0)
        return await super().act(request)


def test_who_does_not_wait_is_journaled_with_the_first_answer(
    store: Store, recorder: Recorder, duel: MatchPlan
) -> None:
    mixed = Mixed(duel.seed, store)
    players: Sequence[Steady] = [Steady(duel.seed), mixed]

    finished = asyncio.run(play(recorder, duel, players, OPTIONS))

    assert mixed.seen[1:4] == [0, 2, 4]
    assert all(len(step.turns) == 2 for step in finished.steps[:-1])


def test_a_bots_turn_is_kept_when_the_model_beside_it_is_postponed(
    store: Store, recorder: Recorder, duel: MatchPlan
) -> None:
    players = [Steady(duel.seed), Thinking(duel.seed, {2: TurnPostponed("rate: wait")})]

    with pytest.raises(MatchPaused):
        asyncio.run(play(recorder, duel, players, OPTIONS))

    with store.read() as connection:
        assert connection.scalars(select(Turn.slot).where(Turn.step == 2)).all() == [0]


def test_the_matches_of_an_evaluation_say_whether_and_when_they_go_on(
    store: Store, recorder: Recorder
) -> None:
    entrants = list(add_agents(store, "anna", "bert").values())
    evaluation = add_evaluation(store, entrants[0])
    plans = [
        replace(plan(store, entrants, seed=seed), evaluation_id=evaluation)
        for seed in (SEED, 13, 14)
    ]
    play_until_paused(recorder, plans[0], {0: TurnPostponed("quota: used up", LATER)})
    play_until_paused(recorder, plans[1], {0: TurnPostponed("circuit: open")})
    play_until_paused(recorder, plans[2], {0: TurnPostponed("circuit: open")})
    held = take_over(store, plans[2].uuid, "other")
    assert held is not None

    with store.read() as connection:
        waiting = waiting_matches(connection, evaluation, datetime.now(UTC))

    assert [(one.can_resume, one.reason) for one in waiting] == [
        (False, "quota: used up"),
        (True, "circuit: open"),
        (False, None),
    ]
    assert waiting[0].until == LATER
    assert waiting[1].until is None
    assert waiting[2].until is not None
    assert asyncio.run(play_on(*held, thinking(plans[2]), OPTIONS)).uuid == plans[2].uuid


def test_who_takes_a_match_over_gives_up_the_calls_of_whoever_had_it(
    store: Store, recorder: Recorder, duel: MatchPlan
) -> None:
    play_until_paused(recorder, duel, {3: TurnPostponed("circuit: open")})
    under_way = {"step": 3, "slot": 0, "settled_at": None, "cost_counted": None, "payload": None}
    add_calls(store, duel.uuid, [{"step": 2, "slot": 0}, under_way])

    assert take_over(store, duel.uuid, "other") is not None

    assert [call.error_kind for call in calls_of(store, duel.uuid)] == [None, "lost"]


def test_keys_and_accounts_in_a_reason_are_masked(
    store: Store, recorder: Recorder, duel: MatchPlan
) -> None:
    secret = "sk-or-v1-0123456789abcdef0123456789abcdef"
    trouble = PlayerFault(
        FaultKind.GATEWAY_ERROR, f"401 for {secret} of user_2abcDEF0123456789xyz at the door"
    )

    paused = play_until_paused(recorder, duel, {1: trouble})

    told = f"{paused} {paused.reason} {match_row(store, duel.uuid).pause_reason}"
    assert "at the door" in told
    assert secret not in told
    assert "2abcDEF0123456789xyz" not in told
