"""A published warehouse for audits: built once, copied for each test."""

import shutil
from pathlib import Path

import pytest

from arena_pipeline.evaluation.setup import prepare_arena
from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.settings import Settings
from arena_pipeline.warehouse.build import build
from arena_pipeline_tests.warehouse.auditing.published import fill


@pytest.fixture(scope="session")
def published_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Parquet folder of an arena that has something of everything."""
    settings = Settings.load(data_dir=tmp_path_factory.mktemp("published"))
    store = prepare_arena(settings).store
    fill(store, Recorder(store, settings.replay_dir))
    built = build(store, settings)
    store.close()
    return built.parquet


@pytest.fixture
def folder(published_template: Path, tmp_path: Path) -> Path:
    """A copy of it, as an outsider has it; its path has all that makes trouble."""
    copy = tmp_path / "it's [a] copy*"
    shutil.copytree(published_template, copy)
    return copy
