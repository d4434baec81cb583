from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.store import Store
from arena_pipeline_tests.defs.conftest import Materialize
from arena_pipeline_tests.defs.played import play
from arena_pipeline_tests.defs.seen import checks, metadata


def test_matches_and_seats_are_counted_and_drawn(
    materialize: Materialize, store: Store, recorder: Recorder
) -> None:
    play(store, recorder, 3)

    result = materialize("matches", "participants")

    assert metadata(result, "matches")["dagster/row_count"] == 3
    assert "data:image/svg+xml;base64," in metadata(result, "matches")["matches per day"]
    assert metadata(result, "participants")["dagster/row_count"] == 6
    assert "| left | 3 |" in metadata(result, "participants")["seats taken"]


def test_an_arena_without_matches_is_shown_too(materialize: Materialize) -> None:
    result = materialize("matches", "participants", "elo_ratings", "leaderboard", "exports")

    assert result.success
    assert all(passed for passed, _ in checks(result).values())
