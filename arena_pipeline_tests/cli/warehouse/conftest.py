"""An arena with a warehouse, for the commands that ask it."""

import shutil
from contextlib import closing
from pathlib import Path

import pytest

from arena_pipeline.settings import Settings
from arena_pipeline.store.opening import open_ready_store
from arena_pipeline.warehouse.build import build


@pytest.fixture(scope="session")
def asked_template(played_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The played arena with its warehouse, to be copied."""
    folder = tmp_path_factory.mktemp("asked") / "data"
    shutil.copytree(played_template, folder)
    settings = Settings.load(data_dir=folder)
    with closing(open_ready_store(settings)) as store:
        build(store, settings)
    return folder


@pytest.fixture
def asked_dir(asked_template: Path, fresh_dir: Path) -> Path:
    """The data folder of a played arena that has a warehouse; it is the one in force."""
    shutil.copytree(asked_template, fresh_dir, symlinks=True)
    return fresh_dir
