"""What tests of calls share."""

import pytest

from arena_pipeline.calls import retrying
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline_tests.calls.asking import KEY, Asking


@pytest.fixture
def asking(store: Store, arena_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Asking:
    monkeypatch.setenv("GATE_KEY", KEY)
    monkeypatch.setattr(retrying, "FIRST_PAUSE_S", 0.05)
    return Asking(store, arena_settings)
