"""What becomes of an evaluation whose run fails, dies or is stopped, and the record of it."""

from datetime import UTC, datetime, timedelta

import pytest

from arena_pipeline.evaluation.incidents import incidents, record_failure
from arena_pipeline.evaluation.leases import Claim, Heartbeat, PlacementTaken, claim, rank, renew
from arena_pipeline.evaluation.placement import next_placements
from arena_pipeline.evaluation.queue import enqueue, reap, release
from arena_pipeline.evaluation.releasing import StopKind
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline.store.tables import EvaluationState
from arena_pipeline_tests.agents import add_agents
from arena_pipeline_tests.calls.spending.seats import (
    add_gateway,
    open_matches,
    priced,
    reserved,
    wealthy,
)
from arena_pipeline_tests.evaluation.arenas import evaluation

LEASE = timedelta(minutes=2)
NO_LEASE = timedelta(seconds=-1)


@pytest.fixture
def queued(store: Store, arena_settings: Settings) -> Store:
    """A store with `greedy` and `random` in the queue."""
    add_agents(store, "greedy", "random")
    enqueue(store, arena_settings)
    return store


def take(store: Store, run_id: str | None = None, lease: timedelta = LEASE) -> Claim | None:
    row = evaluation(store, "greedy")
    return claim(store, row.agent_id, row.ladder_id, lease, run_id)


def taken(store: Store, run_id: str | None = None, lease: timedelta = LEASE) -> Claim:
    found = take(store, run_id, lease)
    assert found is not None
    return found


def run_key(store: Store, settings: Settings) -> str:
    return next(
        one.run_key for one in next_placements(store, settings, 9).ready if one.agent == "greedy"
    )


def fail(store: Store, run_id: str, agent: str | None = None) -> str | None:
    return record_failure(
        store,
        run_id=run_id,
        job="job",
        step="step",
        error="broken",
        agents=[agent] if agent else [],
    ).released


def test_one_of_two_gets_an_evaluation(queued: Store) -> None:
    assert [take(queued) is not None for _ in range(2)] == [True, False]


def test_a_lease_that_has_run_out_lets_another_one_in(queued: Store) -> None:
    first = taken(queued, lease=NO_LEASE)
    second = taken(queued)

    renew(queued, second)
    with pytest.raises(PlacementTaken):
        renew(queued, first)
    with pytest.raises(PlacementTaken):
        rank(queued, first)
    assert release(queued, first.id, "too late", owner=first.owner) is None
    assert evaluation(queued, "greedy").lease_owner == second.owner


def test_a_lease_taken_before_the_clock_was_put_back_lets_another_one_in(queued: Store) -> None:
    first = taken(queued, lease=timedelta(days=2))
    second = taken(queued)

    renew(queued, second)
    with pytest.raises(PlacementTaken):
        renew(queued, first)


def test_an_evaluation_claimed_until_days_ahead_is_given_back_with_an_incident_that_says_so(
    queued: Store, arena_settings: Settings
) -> None:
    taken(queued, lease=timedelta(days=2))

    ready = next_placements(queued, arena_settings, 9).ready

    assert "greedy" in {one.agent for one in ready}
    (incident,) = incidents(queued)
    assert "claims it until" in incident.error


def test_a_run_takes_its_own_evaluation_up_again(queued: Store) -> None:
    first = taken(queued, run_id="r1")
    assert take(queued, run_id="r2") is None

    assert taken(queued, run_id="r1").owner != first.owner


def test_a_heartbeat_renews_only_when_it_is_time(queued: Store) -> None:
    held = taken(queued)
    given = evaluation(queued, "greedy").lease_until

    Heartbeat(queued, held)()
    assert evaluation(queued, "greedy").lease_until == given

    Heartbeat(queued, held, last=-LEASE.total_seconds())()
    assert evaluation(queued, "greedy").lease_until > given


def test_a_failed_run_is_recorded_and_its_evaluation_queued_again(queued: Store) -> None:
    taken(queued, run_id="r1")

    assert fail(queued, "r1") == "placement of greedy on snake: queued again"

    row = evaluation(queued, "greedy")
    assert (row.state, row.lease_owner, row.error, row.attempt) == ("queued", None, "broken", 1)
    (incident,) = incidents(queued)
    assert (incident.kind, incident.evaluation_id, incident.job) == ("run failed", row.id, "job")


def test_a_failure_told_twice_is_one_incident_and_frees_nobody_elses_work(queued: Store) -> None:
    taken(queued, run_id="r1")
    fail(queued, "r1", agent="greedy")
    other = taken(queued, run_id="r2")

    fail(queued, "r1", agent="greedy")

    assert len(incidents(queued)) == 1
    assert evaluation(queued, "greedy").lease_owner == other.owner


def test_a_run_that_held_nothing_is_recorded_too(queued: Store) -> None:
    assert fail(queued, "r1") is None
    assert [one.released for one in incidents(queued)] == [None]


def test_each_stop_changes_the_run_key_so_that_it_is_started_again(
    queued: Store, arena_settings: Settings
) -> None:
    keys = [run_key(queued, arena_settings)]
    taken(queued, run_id="r1")
    fail(queued, "r1")
    keys.append(run_key(queued, arena_settings))
    taken(queued, lease=NO_LEASE)
    keys.append(run_key(queued, arena_settings))
    fail(queued, "failed before it took anything", agent="greedy")

    assert len(set(keys)) == 3
    assert evaluation(queued, "greedy").state == EvaluationState.FAILED


@pytest.mark.parametrize("taken_first", [True, False])
def test_the_third_failure_is_the_last(queued: Store, taken_first: bool) -> None:
    for number in range(3):
        if taken_first:
            taken(queued, run_id=f"r{number}")
        said = fail(queued, f"r{number}", agent="greedy")

    assert said == "placement of greedy on snake: failed for good"
    row = evaluation(queued, "greedy")
    assert (row.state, row.error) == ("failed", "broken")
    assert row.finished_at is not None


def test_deaths_of_processes_that_wait_for_models_end_the_placement_of_a_bot_no_sooner(
    queued: Store, arena_settings: Settings
) -> None:
    mine = taken(queued, lease=NO_LEASE)
    add_gateway(queued)
    (site,) = open_matches(queued, evaluation_id=mine.id)
    reserved(queued, wealthy(arena_settings), priced(site, 1))

    for _ in range(3):
        reap(queued, datetime.now(UTC))
        taken(queued, lease=NO_LEASE)

    assert evaluation(queued, "greedy").state == EvaluationState.RUNNING


def test_being_stopped_on_purpose_is_no_failure(queued: Store) -> None:
    for number in range(5):
        held = taken(queued, run_id=f"r{number}")
        released = release(queued, held.id, "stopped", owner=held.owner, kind=StopKind.INTERRUPTED)

    assert str(released) == "placement of greedy on snake: waiting to be asked for again"
    assert evaluation(queued, "greedy").state == EvaluationState.WAITING
    assert len(incidents(queued, limit=3)) == 3


def test_reaping_gives_back_what_the_dead_held_and_nothing_else(queued: Store) -> None:
    now = datetime.now(UTC)
    taken(queued, run_id="r1")
    assert reap(queued, now).released == ()

    (released,) = reap(queued, now + 2 * LEASE).released

    assert (released.agent, released.state) == ("greedy", EvaluationState.QUEUED)
    assert reap(queued, now + 2 * LEASE).released == ()
    assert [one.kind for one in incidents(queued)] == ["lease expired"]
