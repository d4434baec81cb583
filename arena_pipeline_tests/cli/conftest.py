"""Running the `arena` command in tests, and an arena in which a league has been played."""

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from arena_pipeline.cli import main
from arena_pipeline.evaluation.setup import prepare_arena
from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline.store.opening import open_ready_store
from arena_pipeline_tests.agents import add_agents, finished_match

MATCHES = 12

MODELS_FILE = """
bots:
  - {alias: random, policy: random, title: Random}
  - {alias: greedy, policy: greedy, title: Greedy}
"""


@dataclass(frozen=True, slots=True)
class Ran:
    """What a run of the command left: exit code, stdout, stderr."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """Stdout as the one JSON document it must be."""
        return json.loads(self.out)


Arena = Callable[..., Ran]


@pytest.fixture
def arena(
    capsys: pytest.CaptureFixture[str], models_file: Path, monkeypatch: pytest.MonkeyPatch
) -> Arena:
    """Runs `arena ARGUMENTS...` in this process, in a terminal of no known width."""
    monkeypatch.delenv("COLUMNS", raising=False)

    def run(*arguments: object) -> Ran:
        capsys.readouterr()
        code = main([str(one) for one in arguments])
        captured = capsys.readouterr()
        return Ran(code, captured.out, captured.err)

    return run


@pytest.fixture
def models_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A models file with two bots, which is the one in force."""
    path = tmp_path / "models.yaml"
    path.write_text(MODELS_FILE)
    monkeypatch.setenv("ARENA_MODELS_FILE", str(path))
    return path


@pytest.fixture
def fresh_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data folder of an arena that was never started; it is the one in force."""
    path = tmp_path / "data"
    monkeypatch.setenv("ARENA_DATA_DIR", str(path))
    return path


@pytest.fixture(scope="session")
def played_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An arena with three bots and twelve league matches of random moves, to be copied."""
    settings = Settings.load(data_dir=tmp_path_factory.mktemp("played") / "data")
    store = prepare_arena(settings).store
    entrants = list(add_agents(store, "random", "greedy", "flood").values())
    Recorder(store, settings.replay_dir).record(
        [
            finished_match(store, [entrants[seed % 3], entrants[(seed + 1) % 3]], seed=seed)
            for seed in range(MATCHES)
        ]
    )
    store.close()
    return settings.root


@pytest.fixture
def played_dir(played_template: Path, fresh_dir: Path) -> Path:
    """The data folder of an arena in which a league has been played; it is the one in force."""
    shutil.copytree(played_template, fresh_dir)
    return fresh_dir


@pytest.fixture
def played_store(played_dir: Path) -> Iterator[Store]:
    """Its store."""
    store = open_ready_store(Settings.load(data_dir=played_dir))
    yield store
    store.close()
