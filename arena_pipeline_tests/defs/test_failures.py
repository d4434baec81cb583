from pathlib import Path

import dagster as dg
import pytest

from arena_pipeline.defs.failures import failed_runs
from arena_pipeline.defs.resources import Arena
from arena_pipeline.evaluation.incidents import incidents
from arena_pipeline.evaluation.placement import next_placements
from arena_pipeline.store import Store
from arena_pipeline_tests.defs.conftest import Materialize


def failure_of(
    result: dg.ExecuteInProcessResult, instance: dg.DagsterInstance
) -> dg.RunFailureSensorContext:
    return dg.build_run_status_sensor_context(
        sensor_name="failed_runs",
        dagster_instance=instance,
        dagster_run=result.dagster_run,
        dagster_event=result.get_run_failure_event(),
    ).for_run_failure()


def test_a_failed_run_becomes_an_incident_in_plain_words(
    store: Store,
    arena: Arena,
    materialize: Materialize,
    instance: dg.DagsterInstance,
    models_file: Path,
) -> None:
    models_file.write_text("bots:\n  - alias: x\n    polcy: greedy\n", encoding="utf-8")
    result = materialize("agents")

    failed_runs(failure_of(result, instance), arena)

    [incident] = incidents(store)
    assert (incident.run_id, incident.step) == (result.run_id, "agents")
    assert "polcy" in incident.error
    assert "Traceback" not in incident.error


def test_a_failed_run_told_of_twice_is_one_incident(
    store: Store,
    arena: Arena,
    materialize: Materialize,
    instance: dg.DagsterInstance,
    models_file: Path,
) -> None:
    models_file.unlink()
    result = materialize("agents")

    for _ in range(2):
        failed_runs(failure_of(result, instance), arena)

    assert len(incidents(store)) == 1


@pytest.mark.usefixtures("registered")
def test_what_a_failed_placement_held_can_be_started_again_under_another_key(
    store: Store,
    arena: Arena,
    materialize: Materialize,
    instance: dg.DagsterInstance,
) -> None:
    before = {p.agent: p.run_key for p in next_placements(store, arena.settings, 10).ready}
    replays = arena.settings.replay_dir
    replays.parent.mkdir(exist_ok=True)
    replays.write_text("a file where the folder of replays should be", encoding="utf-8")
    result = materialize("placement_matches", partition="greedy")
    replays.unlink()

    failed_runs(failure_of(result, instance), arena)

    after = {p.agent: p.run_key for p in next_placements(store, arena.settings, 10).ready}
    assert not result.success
    assert after.keys() == before.keys()
    assert [agent for agent in after if after[agent] != before[agent]] == ["greedy"]
