from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest
import yaml

from arena_pipeline.defs.instance import ABANDONED, open_instance, reap, write_configuration
from arena_pipeline.defs.ownership import owner_tags
from arena_pipeline.defs.resources import Arena
from arena_pipeline.defs.running import ORIGIN
from arena_pipeline.evaluation.incidents import incidents
from arena_pipeline.evaluation.leases import claim
from arena_pipeline.evaluation.placement import next_placements
from arena_pipeline.evaluation.setup import prepare_arena
from arena_pipeline.registry.agents import agent
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline_tests.defs.storage import for_dagster
from arena_pipeline_tests.postgres import Cluster


@dg.job
def work() -> None:
    """A job of which only the name matters."""


def configuration(settings: Settings) -> dict[str, object]:
    text = (settings.dagster_home / "dagster.yaml").read_text(encoding="utf-8")
    return dict(yaml.safe_load(text))


def test_dagster_sends_nothing_home_and_greets_nobody(tmp_path: Path) -> None:
    settings = Settings.load(data_dir=tmp_path)

    write_configuration(settings)

    written = configuration(settings)
    assert written["telemetry"] == {"enabled": False}
    assert written["nux"] == {"enabled": False}
    assert "storage" not in written


def test_a_run_that_failed_by_itself_is_not_started_again(tmp_path: Path) -> None:
    with open_instance(Settings.load(data_dir=tmp_path)) as instance:
        assert instance.run_retries_enabled
        assert instance.run_monitoring_enabled
        assert instance.get_settings("run_retries")["retry_on_asset_or_op_failure"] is False
        assert not instance.telemetry_enabled


def test_on_postgresql_dagsters_storage_is_there_and_no_file_has_the_password(
    tmp_path: Path,
) -> None:
    url = "postgresql://arena:secret@127.0.0.1/arena"
    settings = Settings.load(data_dir=tmp_path, database_url=url)

    write_configuration(settings)

    variable = {"env": "ARENA_DAGSTER_DATABASE_URL"}
    assert configuration(settings)["storage"] == {"postgres": {"postgres_url": variable}}
    written = [file.read_text(encoding="utf-8") for file in settings.dagster_home.iterdir()]
    assert not any("secret" in text for text in written)


def left_behind(
    instance: dg.DagsterInstance, status: dg.DagsterRunStatus, owner: dict[str, str] | None = None
) -> str:
    """A run of which nothing is heard any more; returns its id."""
    tags = (owner_tags(instance) if owner is None else owner) | {"dagster/partition": "greedy"}
    origin = ORIGIN.get_job_origin("work")
    run = instance.create_run_for_job(work, status=status, tags=tags, remote_job_origin=origin)
    return run.run_id


def status_of(instance: dg.DagsterInstance, run_id: str) -> dg.DagsterRunStatus:
    run = instance.get_run_by_id(run_id)
    assert run is not None
    return run.status


@pytest.mark.usefixtures("registered")
def test_a_run_left_behind_is_ended_and_what_it_held_is_free(
    arena: Arena, store: Store, instance: dg.DagsterInstance
) -> None:
    run = left_behind(instance, dg.DagsterRunStatus.STARTED)
    [placement] = [
        p for p in next_placements(store, arena.settings, 10).ready if p.agent == "greedy"
    ]
    assert claim(store, agent(store, "greedy").id, 1, timedelta(minutes=9), run)

    assert reap(instance, store) == [run]

    assert status_of(instance, run) is dg.DagsterRunStatus.FAILURE
    [incident] = incidents(store)
    assert incident.error == ABANDONED
    again = {p.agent: p for p in next_placements(store, arena.settings, 10).ready}
    assert again["greedy"].run_key != placement.run_key
    assert datetime.now(UTC) - incident.happened_at < timedelta(minutes=1)


@pytest.mark.parametrize("status", ["NOT_STARTED", "STARTING", "STARTED", "CANCELING"])
def test_whatever_a_killed_arena_left_unfinished_is_ended(
    store: Store, instance: dg.DagsterInstance, status: str
) -> None:
    run = left_behind(instance, dg.DagsterRunStatus(status))

    assert reap(instance, store) == [run]
    assert status_of(instance, run) is dg.DagsterRunStatus.FAILURE
    assert reap(instance, store) == []


def test_a_run_that_waits_its_turn_is_left_in_the_queue(
    store: Store, instance: dg.DagsterInstance
) -> None:
    run = left_behind(instance, dg.DagsterRunStatus.QUEUED)

    assert reap(instance, store) == []
    assert status_of(instance, run) is dg.DagsterRunStatus.QUEUED


@pytest.fixture
def neighbours(
    postgres_cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Settings, Settings]]:
    """Two arenas with a data folder each that share one PostgreSQL for Dagster's storage."""
    url = postgres_cluster.create_database()
    monkeypatch.setenv("ARENA_DAGSTER_DATABASE_URL", for_dagster(url))
    yield (
        Settings.load(data_dir=tmp_path / "here", dagster_database_url=url),
        Settings.load(data_dir=tmp_path / "there", dagster_database_url=url),
    )
    postgres_cluster.drop_database(url)


def test_an_arena_that_starts_lets_the_runs_of_its_neighbour_live(
    neighbours: tuple[Settings, Settings],
) -> None:
    here, there = neighbours
    store = prepare_arena(here).store
    with open_instance(there) as instance:
        theirs = left_behind(instance, dg.DagsterRunStatus.STARTED)
    with open_instance(here) as instance:
        mine = left_behind(instance, dg.DagsterRunStatus.STARTED)
        nobodys = left_behind(instance, dg.DagsterRunStatus.STARTED, owner={})

        assert reap(instance, store) == [mine]

        assert status_of(instance, theirs) is dg.DagsterRunStatus.STARTED
        assert status_of(instance, nobodys) is dg.DagsterRunStatus.STARTED
    store.close()
