"""Agents that call models: asked for together, placed in one run, each with its own numbers."""

from collections.abc import Iterator

import dagster as dg
import pytest

from arena_pipeline.defs.evaluation.partitions import run_tags
from arena_pipeline.defs.evaluation.sensors import placement_job, untested_agents
from arena_pipeline.defs.failures import AGENTS_TAG, LADDER_TAG
from arena_pipeline.defs.resources import Arena
from arena_pipeline.evaluation import switch
from arena_pipeline.evaluation.queue import enqueue
from arena_pipeline.store import Store
from arena_pipeline_tests.evaluation.practising import LADDER, ONE, TWO, Practice, practising


@pytest.fixture
def practice(arena: Arena, store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[Practice]:
    """An arena with two models to practise with."""
    monkeypatch.setenv("ARENA_BUDGET", "5")
    with practising(store, arena.settings, ONE, TWO) as found:
        yield found


def look(arena: Arena, instance: dg.DagsterInstance) -> list[dg.RunRequest]:
    asked = untested_agents(dg.build_sensor_context(instance), arena)
    assert isinstance(asked, dg.SensorResult)
    return list(asked.run_requests or [])


@pytest.mark.usefixtures("practice")
def test_models_of_one_ladder_share_a_run_and_nobody_is_asked_for_twice(
    arena: Arena, instance: dg.DagsterInstance, repository: dg.RepositoryDefinition
) -> None:
    requests = look(arena, instance)
    assert {(one.tags[LADDER_TAG], one.partition_key) for one in requests} == {
        ("snake", "random"), ("snake", "greedy"),
        (LADDER, "random"), (LADDER, "greedy"), (LADDER, None),
    }  # fmt: skip
    [shared] = [one for one in requests if one.partition_key is None]
    assert shared.tags[AGENTS_TAG] == f'["{ONE}", "{TWO}"]'

    instance.add_dynamic_partitions("agents", [ONE, TWO])
    instance.create_run_for_job(repository.get_job(placement_job.name), tags=dict(shared.tags))

    assert shared.run_key not in {one.run_key for one in look(arena, instance)}


def test_one_run_places_several_models_and_tells_of_each(
    practice: Practice, instance: dg.DagsterInstance, repository: dg.RepositoryDefinition
) -> None:
    enqueue(practice.store, practice.settings, LADDER)
    instance.add_dynamic_partitions("agents", [ONE, TWO])

    job = repository.get_job(placement_job.name)
    result = job.execute_in_process(instance=instance, tags=run_tags(LADDER, [ONE, TWO]))

    told = {
        event.materialization.partition: event.materialization.metadata
        for event in result.all_events
        if event.is_step_materialization
    }
    assert set(told) == {ONE, TWO}
    for facts in told.values():
        assert facts["state"].value == "ranked"
        assert float(str(facts["cost, USD"].value)) > 0
        assert str(facts["rating over its matches"].value).startswith("![chart](data:image/svg")
    assert practice.reserved() == 0


def test_a_paused_arena_says_who_paused_it(
    practice: Practice, arena: Arena, instance: dg.DagsterInstance
) -> None:
    switch.pause(practice.store, "ann", "lunch")

    skipped = untested_agents(dg.build_sensor_context(instance), arena)

    assert isinstance(skipped, dg.SkipReason)
    assert "by ann: lunch" in str(skipped.skip_message)


@pytest.mark.usefixtures("practice")
def test_without_a_budget_the_skip_names_the_setting(
    arena: Arena, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARENA_BUDGET", "0")
    asked = untested_agents(dg.build_sensor_context(instance), arena)
    assert isinstance(asked, dg.SensorResult)
    assert {one.partition_key for one in asked.run_requests or []} == {"random", "greedy"}
