import json
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest
import yaml
from dagster._core.definitions.sensor_definition import DefaultSensorStatus

import arena_pipeline.defs
from arena_pipeline.definitions import defs
from arena_pipeline.defs.running import ORIGIN
from arena_pipeline.settings import PROJECT_ROOT

GRAPH = {
    "openrouter_catalog": ("catalog", set(), {"catalog_is_sane"}),
    "models": ("registry", {"openrouter_catalog"}, set()),
    "agents": ("registry", {"models"}, set()),
    "evaluation_queue": ("evaluation", {"models", "agents"}, set()),
    "placement_matches": ("evaluation", {"evaluation_queue"}, set()),
    "league_matches": ("evaluation", {"evaluation_queue"}, set()),
    "imported_history": (
        "history",
        {"models", "agents"},
        {
            "every_document_accounted",
            "imported_matches_verified",
            "published_ladder_equals_recomputed",
        },
    ),
    "matches": (
        "matches",
        {"placement_matches", "league_matches", "imported_history"},
        {"replays_are_whole"},
    ),
    "participants": (
        "matches",
        {"matches"},
        {
            "no_orphan_rows",
            "replies_are_usable",
            "hosts_are_alike",
            "nothing_is_set_aside_in_vain",
        },
    ),
    "elo_ratings": (
        "ratings",
        {"participants"},
        {"live_equals_recomputed", "wins_equal_losses"},
    ),
    "leaderboard": ("publishing", {"elo_ratings"}, set()),
    "exports": ("publishing", {"leaderboard"}, {"export_equals_store"}),
    "warehouse": (
        "publishing",
        {"elo_ratings", "evaluation_queue", "standing_days"},
        {"warehouse_matches_store", "warehouse_recomputes"},
    ),
    "standing_days": ("publishing", {"leaderboard"}, set()),
    "purged": ("operations", set(), set()),
    "backup": ("operations", set(), set()),
}
"""Each asset: group, what it depends on, checks."""

KEEPS_ITSELF_UP_TO_DATE = {
    "matches", "participants", "elo_ratings", "leaderboard", "exports", "standing_days",
    "warehouse",
}  # fmt: skip

HEAVY = ("pandas", "pyarrow", "altair", "vl_convert", "numba", "duckdb")


def specs(definitions: dg.Definitions) -> dict[str, dg.AssetSpec]:
    return {spec.key.to_user_string(): spec for spec in definitions.resolve_all_asset_specs()}


def in_a_fresh_process(code: str, *options: str) -> str:
    done = subprocess.run(
        [sys.executable, *options, "-c", code],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_the_graph_is_the_one_of_the_design(
    definitions: dg.Definitions, repository: dg.RepositoryDefinition
) -> None:
    checks: dict[str, set[str]] = {name: set() for name in GRAPH}
    for check in repository.asset_graph.asset_check_keys:
        checks[check.asset_key.to_user_string()].add(check.name)

    assert {
        name: (
            spec.group_name,
            {dep.asset_key.to_user_string() for dep in spec.deps},
            checks[name],
        )
        for name, spec in specs(definitions).items()
    } == GRAPH


@pytest.mark.parametrize("asset", GRAPH)
def test_every_asset_introduces_itself(definitions: dg.Definitions, asset: str) -> None:
    spec = specs(definitions)[asset]

    assert spec.description
    assert spec.owners == ["team:arena"]
    assert spec.kinds
    assert spec.freshness_policy is not None


def test_what_lies_behind_the_matches_keeps_itself_up_to_date(definitions: dg.Definitions) -> None:
    automated = {
        name for name, spec in specs(definitions).items() if spec.automation_condition is not None
    }

    assert automated == KEEPS_ITSELF_UP_TO_DATE


def test_placements_are_partitioned_by_agent_and_nothing_else_is(
    definitions: dg.Definitions,
) -> None:
    partitioned = {
        name: spec.partitions_def.name
        for name, spec in specs(definitions).items()
        if isinstance(spec.partitions_def, dg.DynamicPartitionsDefinition)
    }

    assert partitioned == {"placement_matches": "agents"}


def test_an_insane_catalog_and_wrong_ratings_block_what_follows(
    repository: dg.RepositoryDefinition,
) -> None:
    graph = repository.asset_graph
    blocking = {key.name for key in graph.asset_check_keys if graph.get(key).blocking}

    assert blocking == {"catalog_is_sane", "live_equals_recomputed"}


def test_the_catalog_is_synced_daily_and_the_league_waits_to_be_switched_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ARENA_CATALOG_CRON", "30 4 * * *")
    monkeypatch.setenv("ARENA_TIME_ZONE", "Europe/Berlin")

    schedules = {schedule.name: schedule for schedule in defs().get_repository_def().schedule_defs}

    daily, league = schedules["daily_catalog_sync"], schedules["league"]
    assert daily.default_status is dg.DefaultScheduleStatus.RUNNING
    assert (daily.cron_schedule, daily.execution_timezone) == ("30 4 * * *", "Europe/Berlin")
    assert league.default_status is dg.DefaultScheduleStatus.STOPPED


def test_every_sensor_is_on_and_looks_as_often_as_the_settings_say(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ARENA_SENSOR_INTERVAL_S", "7")

    sensors = defs().get_repository_def().sensor_defs

    assert {sensor.name for sensor in sensors} == {
        "untested_agents",
        "models_file_changed",
        "failed_runs",
        "notices",
        "unpublished_matches",
        "default_automation_condition_sensor",
    }
    for sensor in sensors:
        assert sensor.default_status is DefaultSensorStatus.RUNNING
        assert sensor.minimum_interval_seconds == 7
        assert sensor.description


def test_definitions_load_without_a_warning() -> None:
    load = "from arena_pipeline.definitions import defs; defs().get_repository_def()"

    in_a_fresh_process(load, "-W", "error")


def test_loading_definitions_imports_nothing_heavy() -> None:
    code = (
        "import sys; from arena_pipeline.definitions import defs; defs().get_repository_def(); "
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )

    assert in_a_fresh_process(code) == "[]"


def test_all_ways_to_start_dagster_name_the_code_location_alike() -> None:
    shipped = Path(arena_pipeline.defs.__file__).parent / "workspace.yaml"
    in_arena_up, for_tools = (
        yaml.safe_load(file.read_text(encoding="utf-8"))["load_from"][0]["python_module"]
        for file in (shipped, PROJECT_ROOT / "workspace.yaml")
    )

    assert in_arena_up == for_tools
    assert in_arena_up["location_name"] == ORIGIN.code_location_origin.location_name


def test_whoever_loads_the_definitions_writes_log_lines_as_the_settings_say(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ARENA_LOG_FORMAT", "json")
    code = (
        "import sys; sys.stderr = sys.stdout; from arena_pipeline import definitions, logs; "
        "definitions.defs(); logs.logger('arena_pipeline.x').info('an act')"
    )

    assert json.loads(in_a_fresh_process(code))["event"] == "an act"
