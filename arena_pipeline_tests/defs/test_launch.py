import io
import json
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from arena_pipeline.defs.launch import launch
from arena_pipeline.defs.resources import Arena
from arena_pipeline.defs.telling import Teller
from arena_pipeline.evaluation.incidents import incidents
from arena_pipeline.leaderboard.board import board
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline_tests.defs.storage import for_dagster


@pytest.fixture
def settings(arena: Arena, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The arena's settings; Dagster's storage is where they say."""
    if (url := arena.settings.dagster_storage_url) is not None:
        monkeypatch.setenv("ARENA_DAGSTER_DATABASE_URL", for_dagster(url))
    return arena.settings


def told(settings: Settings) -> tuple[bool, list[dict[str, Any]]]:
    """Launch, and return whether it succeeded and what it told."""
    stream = io.StringIO()
    succeeded = launch(settings, Teller(stream))
    return succeeded, [json.loads(line) for line in stream.getvalue().splitlines()]


def test_one_pass_goes_from_catalog_to_exports_and_tells_each_step(
    settings: Settings, store: Store
) -> None:
    succeeded, lines = told(settings)

    assert succeeded
    made = [line["asset"] for line in lines if line["event"] == "step_succeeded"]
    assert made[:4] == ["openrouter_catalog", "models", "agents", "evaluation_queue"]
    assert made[4:10] == ["placement_matches"] * 5 + ["league_matches"]
    assert set(made[10:]) == {
        "matches", "participants", "elo_ratings", "leaderboard", "exports", "standing_days",
        "warehouse",
    }  # fmt: skip
    [notice] = [line["message"] for line in lines if line["event"] == "notice"]
    assert "sample catalog" in notice
    league = [line for line in lines if line.get("asset") == "league_matches"]
    assert [line["event"] for line in league] == [
        "step_started",
        *["progress"] * settings.league_matches,
        "step_succeeded",
    ]
    assert (league[-2]["done"], league[-2]["total"]) == (4, 4)
    assert (league[-1]["group"], league[-1]["seconds"] > 0) == ("evaluation", True)
    assert {row.status for row in board(store).rows} == {"ranked"}
    assert (settings.export_dir / "snake" / "leaderboard.md").exists()


def test_the_next_pass_goes_on_where_it_was(settings: Settings, store: Store) -> None:
    told(settings)
    before = board(store).matches

    succeeded, lines = told(settings)

    assert succeeded
    assert "placement_matches" not in {line.get("asset") for line in lines}
    assert board(store).matches == before + settings.league_matches


def test_a_bad_catalog_fails_the_pass_but_keeps_nobody_from_playing(
    settings: Settings, store: Store, httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    httpserver.expect_request("/models").respond_with_json({"data": []})
    monkeypatch.setenv("ARENA_CATALOG_URL", httpserver.url_for("/models"))

    succeeded, lines = told(settings)

    assert not succeeded
    assert [line["asset"] for line in lines if line["event"] == "step_failed"] == [
        "openrouter_catalog"
    ]
    assert len(board(store).rows) == 5
    [incident] = incidents(store)
    assert incident.step == "openrouter_catalog"
