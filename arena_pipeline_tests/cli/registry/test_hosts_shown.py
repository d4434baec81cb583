"""`arena models SLUG`: whether its hosts differ."""

from datetime import UTC, datetime
from pathlib import Path

from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.settings import Settings
from arena_pipeline.store.opening import open_ready_store
from arena_pipeline_tests.cli.conftest import Arena
from arena_pipeline_tests.evaluation.hosted import SLUG, hosted_matches

HOSTILE = "[red]bad"


def test_differing_hosts_are_shown_with_the_model(synced: Arena, fresh_dir: Path) -> None:
    settings = Settings.load(data_dir=fresh_dir)
    store = open_ready_store(settings)
    hosted_matches(
        store,
        Recorder(store, settings.replay_dir),
        *["good"] * 8,
        *[HOSTILE] * 8,
        now=datetime.now(UTC),
    )
    store.close()

    found = synced("models", SLUG, "--json").document["hosts"]
    out = synced("models", SLUG).out

    flagged = {one["measure"]: one["flagged"] for one in found}
    assert flagged == {"faults": True, "results": False}
    assert [one["host"] for one in found[0]["hosts"]] == [HOSTILE, "good"]
    assert f"{HOSTILE} 50.0%, good 0.0%" in " ".join(out.split())
