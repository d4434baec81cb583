"""Placements of language models, over real sockets: played, held up, taken up again, given up."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import delete, func, select, update

from arena_pipeline.evaluation import failing, switch
from arena_pipeline.evaluation.cancelling import NothingToCancel, cancel
from arena_pipeline.evaluation.placement import next_placements, place
from arena_pipeline.evaluation.queue import enqueue
from arena_pipeline.evaluation.working import WorkReport, work_off
from arena_pipeline.leaderboard.comparing import compare
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Circuit, Match, Model, Turn
from arena_pipeline_tests.evaluation.arenas import set_evaluation
from arena_pipeline_tests.evaluation.practising import (
    BROKEN,
    GARBAGE,
    LADDER,
    ONE,
    TWO,
    Practice,
    practising,
)


def work(practice: Practice, *agents: str, settings: Settings | None = None) -> WorkReport:
    used = settings or practice.settings
    enqueue(practice.store, used, LADDER)
    return work_off(practice.store, used, LADDER, agents or None)


def model_of(store: Store, slug: str) -> Model:
    with store.read() as connection:
        return connection.execute(select(Model.__table__).where(Model.slug == slug)).one()  # type: ignore[return-value]


def test_models_and_bots_are_placed_side_by_side_and_every_cent_is_told(
    store: Store, arena_settings: Settings
) -> None:
    with practising(store, arena_settings, ONE, TWO, rate=0.1) as practice:
        report = work(practice, ONE, TWO)

    assert {one.agent for one in report.placed} == {ONE, TWO}
    assert (report.failed, report.waiting) == ((), ())
    [one] = [placed for placed in report.placed if placed.agent == ONE]
    assert (one.played, one.planned) == (1, 1)
    assert one.expense.cost == practice.evaluation(ONE).spent
    assert one.expense.cost
    assert one.expense.input_tokens
    assert practice.reserved() == 0
    assert model_of(store, ONE).is_active
    assert compare(store, LADDER) == []
    assert {call.payload for call in practice.calls()} == {None}  # they are in the replays
    with store.read() as connection:
        assert connection.scalar(select(func.count()).select_from(Turn)) == 0


def test_a_placement_taken_up_again_asks_for_no_answer_twice(
    store: Store, arena_settings: Settings
) -> None:
    with practising(store, arena_settings, ONE) as practice:
        settings = practice.with_settings(placement_matches=2)
        enqueue(store, settings, LADDER)
        with pytest.raises(KeyboardInterrupt):
            place(store, settings, ONE, ladder=LADDER, on_match=lambda *_: interrupt())
        stop_in_a_match(practice)
        report = place(store, settings, ONE, ladder=LADDER)

    assert (report.resumed, report.played) == (True, 2)
    answered = Counter(
        (c.match_id, c.step, c.slot, c.question) for c in practice.calls() if c.error_kind is None
    )
    assert set(answered.values()) == {1}
    assert practice.reserved() == 0


def interrupt() -> None:
    raise KeyboardInterrupt


def stop_in_a_match(practice: Practice) -> None:
    """Let the gateway break in the middle of the next match, and heal again."""
    practice.misbehave(ONE, {"server": 0.5})
    settings = practice.with_settings(circuit_open_s=3600.0, circuit_failures=1, call_attempts=1)
    report = work(practice, ONE, settings=settings)
    assert [one.agent for one in report.waiting] == [ONE], report
    heal(practice)


def heal(practice: Practice) -> None:
    """The gateway is well again, and nobody has to wait for it."""
    practice.misbehave("*", {})
    with practice.store.write() as connection:
        connection.execute(delete(Circuit))
        connection.execute(update(Match).values(resume_at=None))
    set_evaluation(practice.store, ONE, wait_until=datetime.now(UTC))


def test_only_gateway_faults_never_give_a_rating_and_a_healed_gateway_lets_it_end(
    store: Store, arena_settings: Settings
) -> None:
    with practising(store, arena_settings, ONE) as practice:
        settings = practice.with_settings(circuit_open_s=3600.0)
        practice.misbehave("*", BROKEN)
        waiting = work(practice, ONE, settings=settings).waiting
        assert [one.agent for one in waiting] == [ONE]
        assert waiting[0].played == 0
        assert practice.match_states() == ["paused"]
        row = practice.evaluation(ONE)
        assert (row.state, row.lease_owner) == ("waiting", None)
        assert row.wait_until > datetime.now(UTC) + timedelta(minutes=30)
        assert row.error.startswith("failing: ")
        assert next_placements(store, settings, 9, LADDER).waiting == {"waiting, failing": 1}
        report = work(practice, ONE, settings=settings)
        assert "waits until" in str(report.waiting[0].notice)

        heal(practice)
        report = work(practice, ONE, settings=settings)

    assert [one.agent for one in report.placed] == [ONE]
    assert practice.match_states() == ["finished"]
    assert practice.reserved() == 0


def test_a_model_that_only_babbles_is_rated_with_its_faults(
    store: Store, arena_settings: Settings
) -> None:
    with practising(store, arena_settings, ONE) as practice:
        practice.misbehave(ONE, GARBAGE)
        [report] = work(practice, ONE).placed

    assert report.played == 1
    assert report.expense.agent_faults > 0
    assert report.expense.gateway_faults == 0
    assert set(report.expense.faults) == {"no_action"}


def test_a_model_that_is_never_found_fails_backs_off_and_is_retired_after_the_third(
    store: Store, arena_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(failing, "IN_A_ROW", 3)
    with practising(store, arena_settings, ONE) as practice:
        with store.write() as connection:
            connection.execute(update(Model).values(client_name="practice/gone"))
        settings = practice.with_settings(circuit_open_s=0.01, circuit_failures=100)
        for attempt in (1, 2, 3):
            enqueue(store, settings, LADDER)
            assert practice.evaluation(ONE).attempt == attempt
            work_until_it_fails(practice, settings)
            set_evaluation(store, ONE, finished_at=datetime.now(UTC) - timedelta(days=9))

    row = model_of(store, ONE)
    assert (row.retired_set_by, row.retired_until_change) == ("policy", True)
    assert "3 placements failed in a row" in str(row.retired_reason)
    waiting = next_placements(store, settings, 9, LADDER).waiting
    assert waiting == {"retired": 1}


def work_until_it_fails(practice: Practice, settings: Settings) -> None:
    for _ in range(40):
        report = work_off(practice.store, settings, LADDER, [ONE], asked=False)
        if report.failed:
            assert practice.evaluation(ONE).state == "failed"
            assert "not_found" in report.failed[0][1]
            return
        set_evaluation(practice.store, ONE, wait_until=datetime.now(UTC))
        with practice.store.write() as connection:
            connection.execute(update(Match).values(resume_at=None))
    pytest.fail("it never failed")


def test_without_money_for_a_match_nothing_is_called_and_the_limit_is_named(
    store: Store, arena_settings: Settings
) -> None:
    with practising(store, arena_settings, ONE) as practice:
        settings = practice.with_settings(evaluation_budget=Decimal("0.000001"))
        [report] = work(practice, ONE, settings=settings).waiting
        set_evaluation(store, ONE, wait_until=datetime.now(UTC))
        still = next_placements(store, settings, 9, LADDER)
        rich = next_placements(store, practice.settings, 9, LADDER)

    assert ONE not in {one.agent for one in still.ready}
    assert ONE in {one.agent for one in rich.ready}
    assert practice.calls() == []
    assert practice.match_states() == []
    assert "ARENA_EVALUATION_BUDGET" in str(report.notice)
    assert still.waiting == {"waiting, budget (ARENA_EVALUATION_BUDGET)": 1}


def test_a_paused_arena_starts_nothing(store: Store, arena_settings: Settings) -> None:
    with practising(store, arena_settings, ONE) as practice:
        switch.pause(store, "ann", "a look at the bill")
        [report] = work(practice, ONE).waiting
        assert "paused since" in str(report.notice)
        assert practice.calls() == []

        switch.resume(store, "ann")
        assert [one.agent for one in work(practice, ONE).placed] == [ONE]


def test_a_cancelled_placement_is_void_counts_as_no_failure_and_waits_for_a_person(
    store: Store, arena_settings: Settings
) -> None:
    with practising(store, arena_settings, ONE) as practice:
        settings = practice.with_settings(circuit_open_s=3600.0)
        practice.misbehave("*", BROKEN)
        work(practice, ONE, settings=settings)

        done = cancel(store, ONE, actor="ann", ladder=LADDER)

        assert (done.attempt, done.voided) == (1, 1)
        assert practice.match_states() == ["void"]
        assert practice.evaluation(ONE).cancelled_at is not None
        enqueue(store, settings, LADDER)
        assert next_placements(store, settings, 9, LADDER).waiting == {
            "cancelled until somebody asks again": 1
        }
        with pytest.raises(NothingToCancel):
            cancel(store, ONE, actor="ann", ladder=LADDER)
        assert practice.reserved() == 0
