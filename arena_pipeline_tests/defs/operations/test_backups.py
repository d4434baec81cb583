from pathlib import Path

import dagster as dg
import pytest
from sqlalchemy import select

from arena_pipeline.definitions import defs
from arena_pipeline.defs.resources import Arena
from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.operations.backup import check_backup
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Match
from arena_pipeline_tests.defs.conftest import Materialize
from arena_pipeline_tests.defs.played import play
from arena_pipeline_tests.defs.seen import failures, metadata


def test_the_asset_makes_a_backup_and_tells_what_is_in_it(
    materialize: Materialize, store: Store, recorder: Recorder, arena: Arena
) -> None:
    play(store, recorder, 3)

    seen = metadata(materialize("backup"), "backup")

    assert Path(seen["file"]).parent == arena.settings.backups
    assert check_backup(Path(seen["file"])).store.matches == seen["matches"] == 3
    assert (seen["left out"], seen["older ones removed"]) == (0, 0)
    assert "notice" not in seen


def test_what_could_not_be_taken_along_is_a_notice(
    materialize: Materialize, store: Store, recorder: Recorder, arena: Arena
) -> None:
    play(store, recorder, 1)
    with store.read() as connection:
        path = connection.scalar(select(Match.replay_path))
    (arena.settings.replay_dir / str(path)).unlink()

    seen = metadata(materialize("backup"), "backup")

    assert "1 files could not be taken along" in seen["notice"]
    assert str(path)[:20] in seen["what was left out"]


def test_a_backup_that_fails_says_why(materialize: Materialize, arena: Arena) -> None:
    arena.settings.backups.write_text("no folder")

    assert "Can't write the backup" in failures(materialize("backup"))["backup"]


def test_the_schedule_waits_to_be_switched_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARENA_BACKUP_CRON", "15 4 * * *")
    monkeypatch.setenv("ARENA_TIME_ZONE", "Europe/Berlin")

    [daily] = [s for s in defs().get_repository_def().schedule_defs if s.name == "daily_backup"]

    assert isinstance(daily, dg.ScheduleDefinition)
    assert daily.default_status is dg.DefaultScheduleStatus.STOPPED
    assert (daily.cron_schedule, daily.execution_timezone) == ("15 4 * * *", "Europe/Berlin")
