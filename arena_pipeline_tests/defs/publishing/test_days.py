from datetime import UTC, datetime

import dagster as dg
import pytest

from arena_pipeline.definitions import defs
from arena_pipeline.leaderboard.days import standings_on
from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.store import Store
from arena_pipeline_tests.defs.conftest import Materialize
from arena_pipeline_tests.defs.played import play
from arena_pipeline_tests.defs.seen import metadata


def test_every_ladder_s_day_is_taken(
    materialize: Materialize, store: Store, recorder: Recorder
) -> None:
    play(store, recorder, 3)

    first, second = materialize("standing_days"), materialize("standing_days")

    today = datetime.now(UTC).date()
    assert standings_on(store, "snake", today).matches == 3
    assert f"| snake | {today} | 2 |" in metadata(first, "standing_days")["taken"]
    assert f"| snake | {today} | as before |" in metadata(second, "standing_days")["taken"]


@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo"])
def test_days_are_taken_before_they_end_in_utc(monkeypatch: pytest.MonkeyPatch, zone: str) -> None:
    monkeypatch.setenv("ARENA_TIME_ZONE", zone)

    schedules = {one.name: one for one in defs().get_repository_def().schedule_defs}

    daily = schedules["standings_by_day"]
    assert (daily.cron_schedule, daily.execution_timezone) == ("55 23 * * *", "UTC")
    assert daily.default_status is dg.DefaultScheduleStatus.RUNNING
