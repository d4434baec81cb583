from datetime import UTC, datetime, timedelta

import dagster as dg
import pytest

from arena_pipeline.definitions import defs
from arena_pipeline.defs.resources import Arena
from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.store import Store
from arena_pipeline_tests.defs.conftest import Materialize
from arena_pipeline_tests.defs.seen import metadata
from arena_pipeline_tests.operations.purging.called import days_before, payloads, record_calls


def test_old_payloads_go_to_the_archive_as_the_settings_say(
    materialize: Materialize,
    arena: Arena,
    store: Store,
    recorder: Recorder,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = record_calls(store, recorder, days_before(datetime.now(UTC), 20, 5))
    monkeypatch.setenv("ARENA_PURGE_CALLS_DAYS", "10")

    result = materialize("purged")

    assert result.success
    assert payloads(store) == {2: before[2]}
    assert len(list(arena.settings.archive_dir.rglob("*.parquet"))) == 1
    shown = metadata(result, "purged")
    assert "| payloads of calls | 1 |" in shown["purged"]
    assert shown["older than"].endswith(
        f"{datetime.now(UTC) - timedelta(days=10):%Y-%m-%d} (calls)"
    )


def test_purging_waits_to_be_switched_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARENA_PURGE_CRON", "5 4 * * *")

    [purge] = [s for s in defs().get_repository_def().schedule_defs if s.name == "purge"]

    assert isinstance(purge, dg.ScheduleDefinition)
    assert purge.cron_schedule == "5 4 * * *"
    assert purge.default_status is dg.DefaultScheduleStatus.STOPPED
