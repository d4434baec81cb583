from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest
import yaml

from arena_pipeline.defs.instance import ABANDONED, open_instance, reap, write_configuration
from arena_pipeline.defs.resources import Arena
from arena_pipeline.evaluation.incidents import incidents
from arena_pipeline.evaluation.leases import claim
from arena_pipeline.evaluation.placement import next_placements
from arena_pipeline.registry.agents import agent
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store


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


@pytest.mark.usefixtures("registered")
def test_a_run_left_behind_is_ended_and_what_it_held_is_free(
    arena: Arena, store: Store, instance: dg.DagsterInstance
) -> None:
    run = instance.create_run_for_job(
        work,
        status=dg.DagsterRunStatus.STARTED,
        tags={"dagster/partition": "greedy"},
    )
    [placement] = [
        p for p in next_placements(store, arena.settings, 10).ready if p.agent == "greedy"
    ]
    assert claim(store, agent(store, "greedy").id, 1, timedelta(minutes=9), run.run_id)

    assert reap(instance, store) == [run.run_id]

    ended = instance.get_run_by_id(run.run_id)
    assert ended is not None
    assert ended.status is dg.DagsterRunStatus.FAILURE
    [incident] = incidents(store)
    assert incident.error == ABANDONED
    again = {p.agent: p for p in next_placements(store, arena.settings, 10).ready}
    assert again["greedy"].run_key != placement.run_key
    assert datetime.now(UTC) - incident.happened_at < timedelta(minutes=1)
