"""Preparing a store: not where a restore is half done."""

from pathlib import Path

import pytest

from arena_pipeline.errors import StoreError
from arena_pipeline.settings import Settings
from arena_pipeline.store.opening import RESTORING, prepare_store


def test_no_new_arena_is_begun_in_a_half_restored_one(tmp_path: Path) -> None:
    settings = Settings.load(data_dir=tmp_path / "data")
    (settings.root / RESTORING).mkdir(parents=True)

    with pytest.raises(StoreError, match="run arena restore again"):
        prepare_store(settings)

    assert [path.name for path in settings.root.iterdir()] == [RESTORING]
