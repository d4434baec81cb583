"""The default ladder of an arena made earlier comes to rank models, and nobody's rating changes."""

from typing import Any

import pytest
from sqlalchemy import select, update

from arena_pipeline.evaluation.setup import prepare_arena
from arena_pipeline.leaderboard.adopting import rank_models
from arena_pipeline.leaderboard.board import board
from arena_pipeline.leaderboard.comparing import compare
from arena_pipeline.leaderboard.ladders import BadLadder, ensure_ladder, ladder_row
from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.registry.acts.audit import audit
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline.store.tables import CompetitorKind, Ladder, Standing
from arena_pipeline_tests.agents import add_agents, finished_match
from arena_pipeline_tests.leaderboard.deciding import record_duels


@pytest.fixture
def earlier(store: Store, recorder: Recorder) -> Store:
    """A store whose default ladder ranks agents, with bots that have played."""
    with store.write() as connection:
        connection.execute(update(Ladder).values(competitor=CompetitorKind.AGENT.value))
    record_duels(store, recorder, list(add_agents(store, "anna", "bert", "cleo").values()), 9)
    return store


def standings(store: Store) -> list[tuple[Any, ...]]:
    with store.read() as connection:
        return sorted(map(tuple, connection.execute(select(Standing.__table__))))


def test_a_new_arena_s_ladder_ranks_models(store: Store) -> None:
    with store.read() as connection:
        assert ladder_row(connection, "snake").competitor == CompetitorKind.MODEL

    assert rank_models(store) is None
    assert audit(store) == ()


def test_bots_keep_names_and_ratings_and_the_chain_begins_anew(earlier: Store) -> None:
    before, shown = standings(earlier), board(earlier)

    done = rank_models(earlier)

    assert done is not None
    assert (done.epoch, done.matches, done.changed) == (2, 9, ())
    assert standings(earlier) == before
    after = board(earlier)
    assert after.rows == shown.rows
    assert (after.chain.epoch, after.chain.sequence) == (2, 9)
    assert after.chain.head != shown.chain.head
    assert compare(earlier, "snake") == []


def test_it_is_written_down_once(earlier: Store) -> None:
    rank_models(earlier)
    assert rank_models(earlier) is None

    (act,) = audit(earlier)

    assert (act.actor, act.action, act.subject) == ("arena", "rank models", "snake")
    assert (act.before, act.after) == (
        {"competitor": "agent"},
        {"competitor": "model", "epoch": 2},
    )


def test_an_arena_without_matches_needs_no_new_epoch(store: Store) -> None:
    with store.write() as connection:
        connection.execute(update(Ladder).values(competitor=CompetitorKind.AGENT.value))

    done = rank_models(store)

    assert done is not None
    assert (done.epoch, done.matches) == (1, 0)


def test_preparing_an_arena_does_it(earlier: Store, arena_settings: Settings) -> None:
    prepare_arena(arena_settings).store.close()

    with earlier.read() as connection:
        row = ladder_row(connection, "snake")
    assert (row.competitor, row.epoch) == (CompetitorKind.MODEL, 2)


def test_recording_goes_on(earlier: Store, recorder: Recorder) -> None:
    rank_models(earlier)

    recorder.record([finished_match(earlier, list(add_agents(earlier, "dora", "emil").values()))])

    assert compare(earlier, "snake") == []
    assert board(earlier).matches == 10


def test_a_ladder_that_a_person_made_stays_as_it_is(store: Store) -> None:
    ensure_ladder(store, "agents", "snake")
    rank_models(store)

    with store.read() as connection:
        assert ladder_row(connection, "agents").competitor == CompetitorKind.AGENT


def test_trueskill_is_refused_on_a_ladder_that_rates_as_matches_finish(store: Store) -> None:
    with pytest.raises(BadLadder, match="order it by ended_at"):
        ensure_ladder(store, "skilled", "snake", policy={"trueskill": "started_at"})
