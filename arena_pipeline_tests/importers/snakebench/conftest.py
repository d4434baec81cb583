"""An import into a store of the test's own, from a folder that the test fills."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from arena_pipeline.importers.snakebench.importing import import_history
from arena_pipeline.importers.snakebench.telling.report import (
    ImportReport,
)
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store

Import = Callable[..., ImportReport]


@pytest.fixture
def replay_dir(arena_settings: Settings) -> Path:
    return arena_settings.replay_dir


@pytest.fixture
def history(tmp_path: Path) -> Path:
    folder = tmp_path / "history"
    folder.mkdir()
    return folder


@pytest.fixture
def take(store: Store, replay_dir: Path) -> Import:
    """Imports paths into `store`."""

    def run(*paths: Path, **how: Any) -> ImportReport:
        return import_history(store, replay_dir, paths, **{"workers": 1, **how})

    return run
