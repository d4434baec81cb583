"""Arenas for tests of the warehouse."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from arena_pipeline.evaluation.setup import prepare_arena
from arena_pipeline.importers.snakebench.importing import import_history
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline.store.opening import open_ready_store
from arena_pipeline.warehouse.build import build
from arena_pipeline.warehouse.query import Asking
from arena_pipeline_tests.importers.snakebench.small_history import write_history
from arena_pipeline_tests.warehouse.filled import fill
from arena_pipeline_tests.warehouse.stocked import stock


@pytest.fixture
def stocked(store: Store, arena_settings: Settings) -> Store:
    """A store with something in every table; its settings are `arena_settings`."""
    stock(store, arena_settings)
    return store


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """An arena in which much happened, with its warehouse; only to be read."""
    settings = Settings.load(data_dir=tmp_path_factory.mktemp("filled") / "data")
    with closing(prepare_arena(settings).store) as store:
        fill(store, settings)
        build(store, settings, moves=True)
    return settings


@pytest.fixture
def filled_store(filled: Settings) -> Iterator[Store]:
    """The store of `filled`."""
    with closing(open_ready_store(filled)) as store:
        yield store


@pytest.fixture
def asking(filled: Settings) -> Iterator[Asking]:
    """The warehouse of `filled`, open to be asked."""
    with Asking(filled) as asking:
        yield asking


@pytest.fixture(scope="session")
def moved_in(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """An arena into which a small history came, with its warehouse; only to be read."""
    folder = tmp_path_factory.mktemp("moved_in")
    settings = Settings.load(data_dir=folder / "data")
    with closing(prepare_arena(settings).store) as store:
        import_history(store, settings.replay_dir, [write_history(folder / "history")])
        build(store, settings, moves=True)
    return settings


@pytest.fixture
def asking_history(moved_in: Settings) -> Iterator[Asking]:
    """The warehouse of `moved_in`, open to be asked."""
    with Asking(moved_in) as asking:
        yield asking
