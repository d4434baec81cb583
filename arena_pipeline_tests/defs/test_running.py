"""What `running` relies on in Dagster, private parts too: a new version has to prove itself."""

import dagster as dg
import pytest

from arena_pipeline.defs.ownership import OWNER_TAG, owner_tags
from arena_pipeline.defs.resources import Arena
from arena_pipeline.defs.running import ORIGIN, Graph
from arena_pipeline.store import Store


@pytest.fixture
def graph(arena: Arena, store: Store, instance: dg.DagsterInstance) -> Graph:
    return Graph(instance)


def test_a_run_goes_on_as_its_events_are_read(graph: Graph) -> None:
    run_id, events = graph.run({"matches"})

    def status() -> dg.DagsterRunStatus:
        run = graph.instance.get_run_by_id(run_id)
        assert run is not None
        return run.status

    assert status() is dg.DagsterRunStatus.NOT_STARTED
    first = next(event for event in events if event.is_step_start)
    assert (first.step_key, status()) == ("matches", dg.DagsterRunStatus.STARTED)
    assert [event.is_job_success for event in events][-1]
    assert status() is dg.DagsterRunStatus.SUCCESS


def test_a_run_makes_only_what_it_was_asked_for_and_checks_it(graph: Graph) -> None:
    _, events = graph.run({"participants", "elo_ratings"})

    made, checked = set(), set()
    for event in events:
        if event.event_type is dg.DagsterEventType.ASSET_MATERIALIZATION:
            made.add(event.step_key)
        if event.event_type is dg.DagsterEventType.ASSET_CHECK_EVALUATION:
            checked.add(event.asset_check_evaluation_data.check_name)

    assert made == {"participants", "elo_ratings"}
    assert checked == {
        "no_orphan_rows", "replies_are_usable", "hosts_are_alike", "nothing_is_set_aside_in_vain",
        "live_equals_recomputed", "wins_equal_losses",
    }  # fmt: skip


def test_a_run_is_found_by_the_ui_with_its_code_its_owner_and_its_partition(graph: Graph) -> None:
    graph.instance.add_dynamic_partitions("agents", ["greedy"])

    run_id, _ = graph.run({"placement_matches"}, partition="greedy")

    run = graph.instance.get_run_by_id(run_id)
    assert run is not None
    assert run.remote_job_origin is not None
    assert run.remote_job_origin.repository_origin == ORIGIN
    assert run.asset_selection == {dg.AssetKey("placement_matches")}
    assert run.tags["dagster/partition"] == "greedy"
    assert run.tags[OWNER_TAG] == owner_tags(graph.instance)[OWNER_TAG]
    assert [
        r.run_id for r in graph.instance.get_runs(dg.RunsFilter(tags=owner_tags(graph.instance)))
    ] == [run_id]


def test_groups_are_those_of_the_assets(graph: Graph) -> None:
    assert graph.assets("ratings") == {"elo_ratings"}
    assert graph.groups["openrouter_catalog"] == "catalog"
