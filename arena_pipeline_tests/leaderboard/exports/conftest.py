"""What the tests of exports share: agents, one with a hostile name, and a folder to export into."""

from pathlib import Path

import pytest

from arena_pipeline.matches.plan import Entrant
from arena_pipeline.store import Store
from arena_pipeline_tests.agents import add_agents
from arena_pipeline_tests.leaderboard.exports.published import HOSTILE


@pytest.fixture
def agents(store: Store) -> dict[str, Entrant]:
    return add_agents(store, "anna", "bert", "cleo", HOSTILE)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "exports" / "snake"
