"""Open matches that are given up: which, and what stays of them."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select, update

from arena_pipeline.matches.journal import LeaseLost
from arena_pipeline.matches.plan import Entrant
from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.matches.resuming import abandoned, take_over
from arena_pipeline.matches.runner import MatchPaused, RunnerOptions, play, play_on
from arena_pipeline.matches.voiding import void_matches, void_stale
from arena_pipeline.players.protocol import FaultKind, PlayerFault, TurnPostponed
from arena_pipeline.registry.acts.audit import audit
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline.store.tables import EvaluationState, Match, Participant, Standing, Turn
from arena_pipeline_tests.agents import add_agents, plan
from arena_pipeline_tests.matches.looking import count
from arena_pipeline_tests.matches.thinking import (
    add_calls,
    add_evaluation,
    calls_of,
    match_row,
    thinking,
)

OPTIONS = RunnerOptions(journal_owner="me", turn_timeout_s=None)
SOON = timedelta(hours=71)
LATE = timedelta(hours=73)

GATEWAY = PlayerFault(FaultKind.GATEWAY_ERROR, "503 for days")


@pytest.fixture
def entrants(store: Store) -> list[Entrant]:
    return list(add_agents(store, "anna", "bert").values())


def paused(
    recorder: Recorder,
    entrants: list[Entrant],
    trouble: BaseException,
    evaluation: int | None = None,
    seed: int = 12,
) -> str:
    """A match that was paused in its second step; its uuid."""
    duel = replace(plan(recorder.store, entrants, seed=seed), evaluation_id=evaluation)
    with pytest.raises(MatchPaused):
        asyncio.run(play(recorder, duel, thinking(duel, {1: trouble}), OPTIONS))
    return duel.uuid


def void_after(store: Store, settings: Settings, age: timedelta) -> list[str]:
    return void_stale(store, settings, datetime.now(UTC) + age)


def test_a_match_that_a_gateway_holds_up_for_days_is_void_and_stays_on_record(
    store: Store, recorder: Recorder, entrants: list[Entrant], arena_settings: Settings
) -> None:
    evaluation = add_evaluation(store, entrants[0])
    uuid = paused(recorder, entrants, GATEWAY, evaluation)
    add_calls(store, uuid, [{"step": 0, "slot": 0, "cost_counted": Decimal("0.5")}])

    assert void_after(store, arena_settings, SOON) == []
    assert void_after(store, arena_settings, LATE) == [uuid]
    assert void_after(store, arena_settings, LATE) == []

    row = match_row(store, uuid)
    assert (row.state, row.cost, row.revision) == ("void", Decimal("0.5"), 1)
    assert row.void_reason == (
        "It stood still for more than 72 hours (ARENA_VOID_AFTER_HOURS): "
        "gateway_error: 503 for days"
    )
    assert (row.paused_at, row.pause_reason, row.lease_owner) == (None, None, None)
    assert count(store, Turn) == 3
    assert count(store, Standing) == 0
    assert calls_of(store, uuid)[0].payload is not None
    with store.read() as connection:
        costs = connection.scalars(select(Participant.cost).order_by(Participant.slot)).all()
    assert costs == [Decimal("0.5"), None]
    assert [(act.actor, act.action, act.subject) for act in audit(store)] == [
        ("arena", "void", uuid)
    ]
    assert abandoned(store) == []


@pytest.mark.parametrize("kind", ["budget", "quota", "paused", "no_key"])
def test_a_match_of_an_open_evaluation_waits_for_money_as_long_as_it_takes(
    store: Store, recorder: Recorder, entrants: list[Entrant], arena_settings: Settings, kind: str
) -> None:
    open_one = add_evaluation(store, entrants[0])
    uuid = paused(recorder, entrants, TurnPostponed(f"{kind}: not now"), open_one)

    assert void_after(store, arena_settings, LATE * 9) == []
    assert match_row(store, uuid).state == "paused"


def test_what_nobody_goes_on_with_is_void_whatever_it_waits_for(
    store: Store, recorder: Recorder, entrants: list[Entrant], arena_settings: Settings
) -> None:
    ended = add_evaluation(store, entrants[0], EvaluationState.FAILED)
    uuids = [
        paused(recorder, entrants, TurnPostponed("budget: none"), ended),
        paused(recorder, entrants, TurnPostponed("budget: none"), None, seed=13),
    ]

    assert void_after(store, arena_settings, SOON) == []
    assert void_after(store, arena_settings, LATE) == uuids


def test_a_match_left_by_a_dead_process_waits_for_its_evaluation(
    store: Store, recorder: Recorder, entrants: list[Entrant], arena_settings: Settings
) -> None:
    evaluation = add_evaluation(store, entrants[0])
    uuid = paused(recorder, entrants, GATEWAY, evaluation)
    assert take_over(store, uuid, "dead") is not None

    assert void_after(store, arena_settings, LATE) == []
    assert [left.uuid for left in abandoned(store, datetime.now(UTC) + LATE)] == [uuid]


def test_a_match_that_is_played_is_not_stale(
    store: Store, recorder: Recorder, entrants: list[Entrant], arena_settings: Settings
) -> None:
    uuid = paused(recorder, entrants, GATEWAY)
    now = datetime.now(UTC) + LATE
    with store.write() as connection:
        connection.execute(
            update(Match)
            .where(Match.uuid == uuid)
            .values(state="running", lease_owner="x", lease_until=now + timedelta(minutes=1))
        )

    assert void_stale(store, arena_settings, now) == []


def test_the_calls_of_a_given_up_match_are_settled_as_lost(
    store: Store, recorder: Recorder, entrants: list[Entrant], arena_settings: Settings
) -> None:
    uuid = paused(recorder, entrants, GATEWAY)
    add_calls(
        store,
        uuid,
        [{"step": 1, "slot": 0, "settled_at": None, "cost_counted": None, "payload": None}],
    )

    void_after(store, arena_settings, LATE)

    (call,) = calls_of(store, uuid)
    assert call.error_kind == "lost"
    assert call.settled_at is not None


def test_a_cancelled_evaluation_gives_up_its_matches_also_those_being_played(
    store: Store, recorder: Recorder, entrants: list[Entrant]
) -> None:
    evaluation = add_evaluation(store, entrants[0])
    uuid = paused(recorder, entrants, GATEWAY, evaluation)
    other = paused(recorder, entrants, GATEWAY, None, seed=13)
    held = take_over(store, uuid, "other")
    assert held is not None

    voided = void_matches(store, evaluation, "its placement was cancelled", datetime.now(UTC))

    assert voided == 1
    assert match_row(store, uuid).void_reason == "its placement was cancelled"
    assert match_row(store, other).state == "paused"
    with pytest.raises(LeaseLost):
        asyncio.run(play_on(*held, thinking(held[0].plan), OPTIONS))
    with store.read() as connection:
        assert connection.scalar(select(func.count()).where(Match.state == "void")) == 1
