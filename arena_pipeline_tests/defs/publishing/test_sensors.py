"""Matches recorded outside of Dagster are published too."""

import dagster as dg

from arena_pipeline.defs.publishing.sensors import unpublished_matches
from arena_pipeline.defs.resources import Arena
from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.store import Store
from arena_pipeline_tests.agents import add_agents, finished_match
from arena_pipeline_tests.defs.conftest import Materialize


def look(arena: Arena, instance: dg.DagsterInstance) -> dg.RunRequest | dg.SkipReason:
    return unpublished_matches(dg.build_sensor_context(instance), arena)


def test_a_match_played_by_hand_asks_for_one_publication(
    store: Store,
    arena: Arena,
    instance: dg.DagsterInstance,
    recorder: Recorder,
    materialize: Materialize,
) -> None:
    agents = list(add_agents(store, "anna", "bert").values())
    recorder.record([finished_match(store, agents, seed=1)])
    materialize("exports", "warehouse")
    fresh = look(arena, instance)
    recorder.record([finished_match(store, agents, seed=2)])

    asked, again = look(arena, instance), look(arena, instance)

    assert isinstance(fresh, dg.SkipReason)
    assert isinstance(asked, dg.RunRequest)
    assert isinstance(again, dg.RunRequest)
    assert asked.run_key == again.run_key
    assert "match 1 of epoch 1, the store is at match 2" in str(asked.run_key)
    materialize("exports", "warehouse")
    assert isinstance(look(arena, instance), dg.SkipReason)


def test_a_warehouse_that_is_behind_asks_for_publication_too(
    store: Store,
    arena: Arena,
    instance: dg.DagsterInstance,
    recorder: Recorder,
    materialize: Materialize,
) -> None:
    agents = list(add_agents(store, "anna", "bert").values())
    recorder.record([finished_match(store, agents, seed=1)])
    materialize("exports")

    missing = look(arena, instance)
    materialize("warehouse")
    recorder.record([finished_match(store, agents, seed=2)])
    materialize("exports")
    late = look(arena, instance)

    assert isinstance(missing, dg.RunRequest)
    assert "no warehouse" in str(missing.run_key)
    assert isinstance(late, dg.RunRequest)
    assert "behind: the store is at snake 1:2" in str(late.run_key)


def test_nothing_published_yet_asks_for_it(arena: Arena, instance: dg.DagsterInstance) -> None:
    assert isinstance(look(arena, instance), dg.RunRequest)


def test_a_run_at_work_is_left_to_end(arena: Arena, instance: dg.DagsterInstance) -> None:
    instance.add_run(dg.DagsterRun(job_name="placement", status=dg.DagsterRunStatus.STARTED))

    skipped = look(arena, instance)

    assert isinstance(skipped, dg.SkipReason)
    assert "a run is at work" in str(skipped.skip_message)
