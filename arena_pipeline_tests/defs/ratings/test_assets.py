from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.store import Store
from arena_pipeline_tests.defs.conftest import Materialize
from arena_pipeline_tests.defs.played import play
from arena_pipeline_tests.defs.seen import metadata


def test_ratings_are_shown_with_their_history(
    materialize: Materialize, store: Store, recorder: Recorder
) -> None:
    play(store, recorder, 3)

    told = metadata(materialize("elo_ratings"), "elo_ratings")

    assert told["rated matches"] == 3
    assert "| left |" in told["ratings"]
    assert "data:image/svg+xml;base64," in told["history"]
