import json

from arena_pipeline.defs.resources import Arena
from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.store import Store
from arena_pipeline_tests.defs.conftest import Materialize
from arena_pipeline_tests.defs.played import play
from arena_pipeline_tests.defs.seen import metadata


def test_the_leaderboard_is_shown_and_published(
    materialize: Materialize, store: Store, recorder: Recorder, arena: Arena
) -> None:
    play(store, recorder, 3)

    result = materialize("leaderboard", "exports")

    assert metadata(result, "leaderboard")["dagster/row_count"] == 2
    folder = arena.settings.export_dir / "snake"
    assert metadata(result, "exports")["folder"] == str(folder)
    assert json.loads((folder / "stats.json").read_text(encoding="utf-8"))
