"""`arena evaluate`: agents placed by command, over a real socket where they call models."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from arena_pipeline.leaderboard.ladders import PRACTICE_LADDER
from arena_pipeline.practice.line_up import PracticeModel
from arena_pipeline.practice.server import PracticeGateway
from arena_pipeline.practice.serving import served
from arena_pipeline_tests.cli.conftest import Arena

ONE = "practice/one"


@pytest.fixture
def practice(
    arena: Arena, fresh_dir: Path, models_file: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[PracticeGateway]:
    """An arena with two bots whose catalog is that of a practice server with one model."""
    gateway = PracticeGateway([PracticeModel(slug=ONE)], fault_rate=0.0, latency_s=0.0, seed=1)
    with served(gateway) as at:
        with models_file.open("a", encoding="utf-8") as file:
            file.write(f'gateways:\n  - {{name: practice, base_url: "{at.base_url}"}}\n')
        for name, value in {
            "CATALOG_URL": at.catalog_url,
            "CATALOG_GATEWAY": "practice",
            "BUDGET": "1",
            "PLACEMENT_MATCHES": "1",
        }.items():
            monkeypatch.setenv(f"ARENA_{name}", value)
        assert arena("sync").code == 0
        yield gateway


@pytest.mark.usefixtures("practice")
def test_a_model_is_placed_by_its_name_and_told_with_its_cost(arena: Arena) -> None:
    ran = arena("evaluate", ONE, "--json")

    assert ran.code == 0
    [ladder] = ran.document["ladders"]
    [placed] = ladder["placed"]
    assert (ladder["ladder"], placed["agent"], placed["state"]) == (PRACTICE_LADDER, ONE, "ranked")
    assert float(placed["expense"]["cost"]) > 0
    again = arena("evaluate", ONE)
    assert "is ranked on practice already; nothing was played" in again.err


@pytest.mark.usefixtures("practice")
def test_without_a_name_the_whole_queue_is_worked_off_and_who_waits_is_told(
    arena: Arena,
) -> None:
    ran = arena("evaluate")

    assert ran.code == 0
    assert "random: ranked, 1 matches" in ran.err
    assert "practice: Nobody to place. 2 agents ranked; 1 wait: 1 not active" in ran.err


@pytest.mark.usefixtures("practice")
def test_what_can_not_be_cancelled_or_is_not_known_is_named(arena: Arena) -> None:
    assert "names" not in arena("evaluate", "--cancel").out
    assert "name the models or agents" in arena("evaluate", "--cancel").err
    assert "Nobody plays with practice/one yet" in arena("evaluate", "--cancel", ONE).err
    assert "no open placement" in arena("evaluate", "--cancel", "random").err
    assert "No model goes by 'nobody'" in arena("evaluate", "nobody").err
