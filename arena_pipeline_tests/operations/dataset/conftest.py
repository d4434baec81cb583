"""A short history, and where its dataset goes."""

from pathlib import Path

import pytest

from arena_pipeline.matches.plan import FinishedMatch
from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.store import Store
from arena_pipeline_tests.operations.dataset.history import fill


@pytest.fixture
def played(store: Store, recorder: Recorder) -> list[FinishedMatch]:
    """The matches of a short history."""
    return fill(store, recorder)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the dataset goes."""
    return tmp_path / "out" / "dataset"
