"""Judgements about what keeps an arena going, and the files as they really are."""

import os
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from arena_pipeline.doctor import upkeep
from arena_pipeline.doctor.findings import Health
from arena_pipeline.doctor.upkeep import (
    judge_backups,
    judge_logs,
    judge_notices,
    judge_records,
    judge_room,
    judge_warehouse,
)
from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.operations.notices.outbox import Notice
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline.warehouse.manifest import FORMAT, VERSION, PartFacts, WarehouseManifest
from arena_pipeline_tests.agents import add_agents, finished_match

NOW = datetime(2026, 11, 10, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WAITING = Notice(
    1, "k", "test", NOW, NOW, "t", {}, 1, NOW, sent_at=None, given_up_at=None, error="refused"
)


def built(age: timedelta, matches: int) -> WarehouseManifest:
    """The manifest of a warehouse with so many matches."""
    part = PartFacts("m.parquet", None, matches, 1, "d", "f", {})
    tables: Mapping[str, list[PartFacts]] = {"matches": [part]}
    at = (NOW - age).isoformat()
    return WarehouseManifest(FORMAT, VERSION, "b", at, "full", "0004", "s", [], dict(tables))


@pytest.mark.parametrize(
    ("manifest", "matches", "has_log", "health"),
    [
        (None, 0, False, Health.OK),
        (None, 5, False, Health.WARN),
        (built(HOUR, 5), 9, False, Health.OK),
        (built(2 * DAY, 9), 9, False, Health.OK),
        (built(2 * DAY, 5), 9, False, Health.WARN),
        (built(HOUR, 9), 9, True, Health.WARN),
    ],
)
def test_a_warehouse_is_judged_by_what_it_lacks_and_since_when(
    manifest: WarehouseManifest | None, matches: int, has_log: bool, health: Health
) -> None:
    assert judge_warehouse(manifest, matches, has_log, NOW).health is health


def test_a_warehouse_says_how_far_it_is_behind() -> None:
    assert judge_warehouse(built(3 * DAY, 5), 9, has_log=False, now=NOW).what == (
        "built 3 days ago, 4 matches behind"
    )
    assert judge_warehouse(built(HOUR, 5), 4, has_log=False, now=NOW).what == (
        "built 1 hour ago, 1 match more than the store"
    )


def test_a_warehouse_with_all_matches_is_old_if_they_were_rated_again() -> None:
    young = judge_warehouse(built(HOUR, 5), 5, has_log=False, now=NOW, outdated=True)
    old = judge_warehouse(built(2 * DAY, 5), 5, has_log=False, now=NOW, outdated=True)

    assert (young.health, old.health) == (Health.OK, Health.WARN)
    assert young.what == "built 1 hour ago, matches were rated again since"


def test_backups_are_judged_by_the_newest_if_there_is_any() -> None:
    assert judge_backups(0, None, NOW).health is Health.OK
    assert judge_backups(2, NOW - HOUR, NOW).health is Health.OK
    assert judge_backups(2, NOW - 3 * DAY, NOW).health is Health.WARN
    assert judge_backups(1, NOW, NOW).what == "1 backup, the newest made within the hour"


def test_the_advice_on_backups_names_a_schedule_that_there_is() -> None:
    assert "schedule daily_backup," in str(judge_backups(2, NOW - 3 * DAY, NOW).advice)


def test_the_newest_backup_is_found_by_when_it_was_made(tmp_path: Path) -> None:
    settings = Settings.load(data_dir=tmp_path)
    settings.backups.mkdir()
    for name, age in (("mine.tar", HOUR), ("auto-20261101T000000Z.tar", 9 * DAY)):
        file = settings.backups / name
        file.touch()
        os.utime(file, ((NOW - age).timestamp(),) * 2)

    assert upkeep.backups(settings, NOW).what == "2 backups, the newest made 1 hour ago"


def test_notices_that_do_not_arrive_are_worth_a_look() -> None:
    late = replace(WAITING, created_at=NOW - 2 * HOUR)

    assert judge_notices(False, [], [], NOW).health is Health.OK
    assert judge_notices(True, [WAITING], [], NOW).health is Health.OK
    assert judge_notices(True, [WAITING, late], [], NOW).health is Health.WARN
    assert judge_notices(True, [], [late], NOW).health is Health.WARN


def test_much_of_dagster_or_of_logs_is_worth_a_look() -> None:
    assert judge_records(upkeep.MUCH_DAGSTER).health is Health.OK
    assert judge_records(upkeep.MUCH_DAGSTER + 1).health is Health.WARN
    assert judge_logs("json", "info", 0).what == "json lines from info on, 0.0 MB in files"
    assert judge_logs("json", "info", upkeep.MUCH_LOG + 1).health is Health.WARN


def test_room_is_judged_by_what_is_needed() -> None:
    assert judge_room("backup", 10**9, 10**9).health is Health.OK
    assert judge_room("backup", 10**9, 10**9 - 1).health is Health.WARN


def test_an_arena_at_work_is_sound(
    store: Store, recorder: Recorder, arena_settings: Settings
) -> None:
    entrants = list(add_agents(store, "one", "two").values())
    recorder.record([finished_match(store, entrants, seed=seed) for seed in range(4)])

    room = [*upkeep.room(store, arena_settings)]

    assert upkeep.warehouse(store, arena_settings, NOW).what == "none, and 4 matches for it"
    assert {one.health for one in room} == {Health.OK}
    assert upkeep.told(store, arena_settings, NOW).health is Health.OK
    assert upkeep.records(arena_settings).health is Health.OK
    assert upkeep.log_lines(arena_settings).health is Health.OK
