import json

import dagster as dg
import pytest
from sqlalchemy import delete, update

from arena_pipeline.defs.evaluation.sensors import untested_agents
from arena_pipeline.defs.resources import Arena
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Agent, Evaluation
from arena_pipeline_tests.defs.conftest import Materialize

BOTS = {"random", "careful_random", "greedy", "flood", "search"}


def look(arena: Arena, instance: dg.DagsterInstance) -> dg.SensorResult | dg.SkipReason:
    return untested_agents(dg.build_sensor_context(instance), arena)


@pytest.mark.usefixtures("registered")
def test_every_untested_bot_gets_a_run_of_its_own(
    arena: Arena, instance: dg.DagsterInstance
) -> None:
    asked = look(arena, instance)

    assert isinstance(asked, dg.SensorResult)
    requests = asked.run_requests or []
    assert {request.partition_key for request in requests} == BOTS
    for request in requests:
        assert request.run_key == f"snake/{request.partition_key}/attempt 1"
    [partitions] = asked.dynamic_partitions_requests or []
    assert set(partitions.partition_keys) == BOTS


@pytest.mark.usefixtures("registered")
def test_a_tick_asks_for_no_more_than_the_settings_allow(
    arena: Arena, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARENA_PLACEMENTS_PER_TICK", "2")

    asked = look(arena, instance)

    assert isinstance(asked, dg.SensorResult)
    assert len(asked.run_requests or []) == 2


@pytest.mark.usefixtures("registered")
def test_the_same_placement_is_asked_for_under_the_same_key(
    arena: Arena, instance: dg.DagsterInstance
) -> None:
    first, second = look(arena, instance), look(arena, instance)

    assert isinstance(first, dg.SensorResult)
    assert isinstance(second, dg.SensorResult)
    assert {r.run_key for r in first.run_requests or []} == {
        r.run_key for r in second.run_requests or []
    }


@pytest.mark.usefixtures("registered")
def test_when_all_are_placed_the_skip_counts_who_waits_and_why(
    arena: Arena, instance: dg.DagsterInstance, materialize: Materialize
) -> None:
    for bot in sorted(BOTS):
        assert materialize("placement_matches", partition=bot).success

    skipped = look(arena, instance)

    assert isinstance(skipped, dg.SkipReason)
    assert "5 agents ranked" in str(skipped.skip_message)
    assert "no key (set OPENROUTER_API_KEY)" in str(skipped.skip_message)


@pytest.mark.usefixtures("registered")
def test_an_idle_tick_repeats_the_last_reason_until_there_is_somebody_new(
    arena: Arena, instance: dg.DagsterInstance, store: Store
) -> None:
    with store.write() as connection:
        connection.execute(delete(Evaluation))
        connection.execute(update(Agent).values(active=False))
    context = dg.build_sensor_context(instance)
    first = untested_agents(context, arena)
    assert context.cursor is not None

    told = json.dumps({**json.loads(context.cursor), "told": "as before"})
    second = untested_agents(dg.build_sensor_context(instance, cursor=told), arena)
    with store.write() as connection:
        connection.execute(update(Agent).values(active=True))
    third = untested_agents(dg.build_sensor_context(instance, cursor=told), arena)

    assert isinstance(first, dg.SkipReason)
    assert isinstance(second, dg.SkipReason)
    assert second.skip_message == "as before"
    assert isinstance(third, dg.SensorResult)
