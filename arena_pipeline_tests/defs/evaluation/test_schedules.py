import dagster as dg
import pytest

from arena_pipeline.definitions import defs


def test_the_league_plays_when_the_settings_say(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARENA_LEAGUE_CRON", "15 */2 * * *")

    [league] = [s for s in defs().get_repository_def().schedule_defs if s.name == "league"]

    assert isinstance(league, dg.ScheduleDefinition)
    assert league.cron_schedule == "15 */2 * * *"
