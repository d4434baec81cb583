"""An arena with its warehouse: built once on SQLite, copied for each test."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from arena_pipeline.evaluation.setup import prepare_arena
from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline.store.opening import open_ready_store
from arena_pipeline.warehouse.build import build
from arena_pipeline_tests.warehouse.auditing.published import fill


@pytest.fixture(scope="session")
def built_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of an arena whose warehouse is up to date."""
    settings = Settings.load(data_dir=tmp_path_factory.mktemp("built"))
    store = prepare_arena(settings).store
    fill(store, Recorder(store, settings.replay_dir))
    build(store, settings)
    store.close()
    return settings.root


@pytest.fixture
def built(built_template: Path, tmp_path: Path) -> Settings:
    """The settings of a copy of it."""
    shutil.copytree(built_template, tmp_path / "data", symlinks=True)
    return Settings.load(data_dir=tmp_path / "data")


@pytest.fixture
def built_store(built: Settings) -> Iterator[Store]:
    """Its store."""
    store = open_ready_store(built)
    yield store
    store.close()
