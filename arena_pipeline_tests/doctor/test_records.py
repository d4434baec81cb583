"""Judgements about what is on record, on each database."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, update

from arena_pipeline.doctor import records
from arena_pipeline.doctor.findings import Health
from arena_pipeline.doctor.records import judge_catalog, judge_drift, judge_incidents, judge_leases
from arena_pipeline.leaderboard.comparing import Difference
from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.registry.syncing.snapshots import Snapshot
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Incident, Match, Standing
from arena_pipeline_tests.agents import add_agents, finished_match

NOW = datetime(2026, 11, 10, 12, tzinfo=UTC)
SNAPSHOT = Snapshot(1, NOW, "catalog", "d" * 64, None, None, False, True, None, 400)


@pytest.fixture
def played(store: Store, recorder: Recorder) -> Store:
    """A store with four recorded matches."""
    entrants = list(add_agents(store, "one", "two").values())
    recorder.record([finished_match(store, entrants, seed=seed) for seed in range(4)])
    return store


@pytest.mark.parametrize(
    ("age", "health"),
    [(timedelta(hours=1), Health.OK), (timedelta(days=2, hours=1), Health.WARN)],
)
def test_a_catalog_is_judged_by_when_it_was_last_looked_at(age: timedelta, health: Health) -> None:
    assert judge_catalog(SNAPSHOT, NOW - age, NOW).health is health


def test_no_catalog_and_a_sample_are_worth_a_look() -> None:
    assert judge_catalog(None, None, NOW).health is Health.WARN
    sample = judge_catalog(replace(SNAPSHOT, is_sample=True), None, NOW)
    assert (sample.health, "sample of 2026-11-10" in sample.what) == (Health.WARN, True)


def test_drift_names_the_first_difference_and_the_command_that_mends_it() -> None:
    finding = judge_drift("snake", [Difference("greedy", "elo", 1.0, 2.0)])

    assert finding.health is Health.FAIL
    assert "greedy: elo is 1.0, a rebuild gives 2.0" in finding.what
    assert finding.advice == "arena recompute --ladder snake"
    assert judge_drift("snake", []).health is Health.OK


@pytest.mark.parametrize(("evaluations", "matches"), [(1, 0), (0, 1)])
def test_work_of_dead_processes_is_worth_a_look(evaluations: int, matches: int) -> None:
    assert judge_leases(evaluations, matches).health is Health.WARN
    assert judge_leases(0, 0).health is Health.OK


def test_incidents_show_the_first_line_of_the_last_error() -> None:
    finding = judge_incidents(3, "disk full\nTraceback ...")

    assert finding.what == "3 failed runs in 7 days, the last: disk full"
    assert judge_incidents(0, None).health is Health.OK


def test_a_sound_store_is_sound_in_every_respect(played: Store, arena_settings: Settings) -> None:
    findings = [
        records.damage(played),
        records.rows(played),
        *records.drift(played),
        records.replays(played, arena_settings),
        records.leases(played, NOW),
        records.incidents(played, NOW),
    ]

    assert {finding.health for finding in findings} == {Health.OK}


def test_a_standing_that_drifted_is_found(played: Store) -> None:
    with played.write() as connection:
        connection.execute(update(Standing).where(Standing.competitor == "one").values(elo=3000))

    assert [finding.health for finding in records.drift(played)] == [Health.FAIL]


def test_a_missing_replay_is_found(played: Store, arena_settings: Settings) -> None:
    next(arena_settings.replay_dir.rglob("*.zst")).unlink()

    assert records.replays(played, arena_settings).health is Health.FAIL


def test_a_match_whose_lease_ran_out_is_found(played: Store) -> None:
    with played.write() as connection:
        connection.execute(
            update(Match)
            .where(Match.id == 1)
            .values(state="running", lease_until=NOW - timedelta(seconds=1))
        )

    assert records.leases(played, NOW).health is Health.WARN
    assert records.leases(played, NOW - timedelta(minutes=1)).health is Health.OK


def test_only_incidents_of_the_last_days_are_told(store: Store) -> None:
    with store.write() as connection:
        connection.execute(
            insert(Incident),
            [
                {"happened_at": NOW - timedelta(days=age), "kind": "run", "error": f"day {age}"}
                for age in (30, 3, 1)
            ],
        )

    assert records.incidents(store, NOW).what == "2 failed runs in 7 days, the last: day 1"


def test_a_damaged_file_is_found(played: Store, arena_settings: Settings) -> None:
    if not played.is_sqlite:
        assert records.damage(played).health is Health.OK
        return
    with played.write() as connection:
        connection.exec_driver_sql("PRAGMA writable_schema = ON")
        connection.exec_driver_sql(
            "UPDATE sqlite_schema SET rootpage = 2 WHERE name = 'ix_matches_ended_at'"
        )
    played.close()

    assert records.damage(played).health is Health.FAIL


def test_bots_of_unknown_policies_are_named(tmp_path: Path) -> None:
    file = tmp_path / "models.yaml"
    file.write_text("bots: [{alias: r, policy: random}, {alias: x, policy: greddy}]")

    finding = records.models_file(Settings.load(models_file=file))

    assert finding.health is Health.WARN
    assert finding.what.endswith("unknown policies: x")
