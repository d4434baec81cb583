"""Fixtures of the registry's tests."""

from pathlib import Path

import pytest

from arena_pipeline.store import Store
from arena_pipeline_tests.registry.days import Days


@pytest.fixture
def days(store: Store, tmp_path: Path) -> Days:
    """A store that takes over one catalog a day."""
    return Days(store, tmp_path / "catalog")
