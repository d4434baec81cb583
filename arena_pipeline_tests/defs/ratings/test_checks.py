from sqlalchemy import update

from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Participant, Standing
from arena_pipeline_tests.defs.conftest import Materialize
from arena_pipeline_tests.defs.played import play
from arena_pipeline_tests.defs.seen import checks


def test_ratings_kept_live_are_those_of_a_rebuild(
    materialize: Materialize, store: Store, recorder: Recorder
) -> None:
    play(store, recorder)

    found = checks(materialize("elo_ratings"))

    assert {name: passed for name, (passed, _) in found.items()} == {
        "live_equals_recomputed": True,
        "wins_equal_losses": True,
    }


def test_a_rating_off_by_the_last_bit_fails_the_check(
    materialize: Materialize, store: Store, recorder: Recorder
) -> None:
    play(store, recorder)
    with store.write() as connection:
        connection.execute(
            update(Standing)
            .where(Standing.competitor == "left")
            .values(elo=Standing.elo * (1 + 2.0**-52))
        )

    passed, said = checks(materialize("elo_ratings"))["live_equals_recomputed"]

    assert not passed
    assert "arena recompute" in str(said)


def test_two_winners_of_one_match_fail_the_check(
    materialize: Materialize, store: Store, recorder: Recorder
) -> None:
    play(store, recorder)
    with store.write() as connection:
        connection.execute(update(Participant).values(result="won"))

    assert not checks(materialize("elo_ratings"))["wins_equal_losses"][0]
