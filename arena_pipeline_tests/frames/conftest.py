"""Fixtures of the frames' tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from arena_pipeline.frames import Arena, open_arena
from arena_pipeline.store import Store
from arena_pipeline_tests.registry.days import Days


@pytest.fixture
def days(store: Store, tmp_path: Path) -> Days:
    """A store that takes over one catalog a day."""
    return Days(store, tmp_path / "catalog")


@pytest.fixture
def arena(store_url: str) -> Iterator[Arena]:
    """The store of `days`, opened as its users open it."""
    with open_arena(store_url) as arena:
        yield arena
