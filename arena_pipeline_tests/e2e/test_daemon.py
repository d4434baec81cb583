"""The arena running by itself, with the live daemon, on SQLite and on PostgreSQL."""

from collections.abc import Callable, Mapping
from pathlib import Path

import dagster as dg
import pytest

from arena_pipeline.defs.instance import open_instance
from arena_pipeline.defs.ownership import OWNER_TAG
from arena_pipeline.settings import Settings
from arena_pipeline_tests.defs.storage import for_dagster
from arena_pipeline_tests.e2e.conftest import LONGEST_STOP_S, UpProcess, until

NEWCOMER = "  - {alias: newcomer, policy: flood}\n"


@pytest.fixture
def where(database: str, request: pytest.FixtureRequest) -> dict[str, str]:
    """The one setting that PostgreSQL takes; none for SQLite."""
    if database == "sqlite":
        return {}
    cluster = request.getfixturevalue("postgres_cluster")
    return {"ARENA_DATABASE_URL": cluster.create_database()}


@pytest.fixture
def two_bots(models_file: Path) -> Path:
    """A models file with two bots, to which more can be added at its end."""
    models_file.write_text(
        "bots:\n  - {alias: random, policy: random}\n  - {alias: greedy, policy: greedy}\n",
        encoding="utf-8",
    )
    return models_file


def published(folder: Path) -> dict[str, str]:
    """Who stands on the published leaderboard, and how sure that is."""
    lines = (folder / "exports" / "snake" / "leaderboard.csv").read_text("utf-8").splitlines()
    head = lines[0].split(",")
    rows = [dict(zip(head, line.split(","), strict=False)) for line in lines[1:]]
    return {row["competitor"]: row["status"] for row in rows}


def tags_of_runs(
    where: dict[str, str], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> list[Mapping[str, str]]:
    """The tags of every run that was started, by `arena up` itself or by its daemon."""
    for name, url in where.items():
        monkeypatch.setenv("ARENA_DAGSTER_DATABASE_URL", for_dagster(url))
        monkeypatch.setenv(name, url)
    with open_instance(Settings.load(data_dir=folder)) as instance:
        runs = instance.get_runs()
    not_yet = (dg.DagsterRunStatus.QUEUED, dg.DagsterRunStatus.STARTING)
    started = [run for run in runs if run.status not in not_yet]
    assert {run.job_name for run in started} >= {"__ASSET_JOB", "registry", "placement"}
    return [run.tags for run in started]


def test_a_bot_added_to_the_models_file_ends_on_the_published_leaderboard_by_itself(
    arena_up: Callable[..., UpProcess],
    folder: Path,
    two_bots: Path,
    where: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    up = arena_up(**where)
    up.until_printed("Dagster UI")
    assert published(folder).keys() == {"random", "greedy"}

    with two_bots.open("a", encoding="utf-8") as file:
        file.write(NEWCOMER)

    until(lambda: published(folder).get("newcomer") == "ranked")
    assert all(OWNER_TAG in tags for tags in tags_of_runs(where, folder, monkeypatch))
    code, seconds = up.stop()
    assert code == 0
    assert seconds < LONGEST_STOP_S
