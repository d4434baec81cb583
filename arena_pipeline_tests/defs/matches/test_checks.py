import pytest
from sqlalchemy import delete

from arena_pipeline.defs.matches import checks as match_checks
from arena_pipeline.defs.resources import Arena
from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.store import Store
from arena_pipeline.store.tables import RatingEvent
from arena_pipeline_tests.defs.conftest import Materialize
from arena_pipeline_tests.defs.played import play
from arena_pipeline_tests.defs.seen import checks


def test_whole_matches_pass(materialize: Materialize, store: Store, recorder: Recorder) -> None:
    play(store, recorder)

    assert {name: passed for name, (passed, _) in _checks(materialize).items()} == {
        "replays_are_whole": True,
        "no_orphan_rows": True,
        "nothing_is_set_aside_in_vain": True,
        "replies_are_usable": True,
        "hosts_are_alike": True,
    }


def test_the_replay_check_says_that_it_looked_at_all(
    materialize: Materialize, store: Store, recorder: Recorder
) -> None:
    play(store, recorder, 3)

    assert _checks(materialize)["replays_are_whole"] == (
        True,
        "All 3 replays are there and unaltered.",
    )


def test_the_replay_check_says_how_many_of_the_replays_it_looked_at(
    materialize: Materialize,
    store: Store,
    recorder: Recorder,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(match_checks, "NEWEST", 2)
    play(store, recorder, 3)

    assert _checks(materialize)["replays_are_whole"] == (
        True,
        "The newest 2 of 3 replays are there and unaltered.",
    )


def test_a_missing_replay_fails_the_check_and_is_named(
    materialize: Materialize, store: Store, recorder: Recorder, arena: Arena
) -> None:
    [uuid] = play(store, recorder, 1)
    [replay] = [path for path in arena.settings.replay_dir.rglob("*") if path.is_file()]
    replay.unlink()

    passed, said = _checks(materialize)["replays_are_whole"]

    assert not passed
    assert uuid in str(said)


def test_a_row_that_lost_its_counterpart_fails_the_check(
    materialize: Materialize, store: Store, recorder: Recorder
) -> None:
    play(store, recorder)
    with store.write() as connection:
        connection.execute(delete(RatingEvent).where(RatingEvent.sequence == 2))

    assert not _checks(materialize)["no_orphan_rows"][0]


def _checks(materialize: Materialize) -> dict[str, tuple[bool, str | None]]:
    return checks(materialize("matches", "participants"))
