"""Renumbering a live ladder by the time its matches ended."""

from collections.abc import Sequence

import pytest
from sqlalchemy import select

from arena_pipeline.importers.snakebench.ladder import AS_PUBLISHED, ensure_ladder_as_published
from arena_pipeline.leaderboard.comparing import compare
from arena_pipeline.leaderboard.recompute import BadOrder, Order, recompute
from arena_pipeline.leaderboard.restricted import select_matches
from arena_pipeline.leaderboard.voiding import unvoid, void
from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.registry.acts.audit import By, audit
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Ladder, LadderMatch, Match
from arena_pipeline_tests.agents import add_agents
from arena_pipeline_tests.leaderboard.deciding import record_duels


@pytest.fixture
def mixed(store: Store, recorder: Recorder) -> Store:
    """A ladder on which the later half of its matches was recorded first."""
    agents = list(add_agents(store, "anna", "bert", "cleo").values())
    record_duels(store, recorder, agents, 5, first_seed=20)
    record_duels(store, recorder, agents, 5, first_seed=1)
    return store


def ends(store: Store) -> Sequence[object]:
    """When the matches were over, in the order in which they count."""
    with store.read() as connection:
        return connection.scalars(
            select(Match.ended_at)
            .join(LadderMatch, LadderMatch.match_id == Match.id)
            .join(Ladder, Ladder.id == LadderMatch.ladder_id)
            .where(LadderMatch.epoch == Ladder.epoch)
            .order_by(LadderMatch.sequence)
        ).all()


def test_by_time_of_ending_is_a_new_epoch_that_stays(mixed: Store, recorder: Recorder) -> None:
    recorded = ends(mixed)

    done = recompute(mixed, "snake", order=Order.ENDED_AT)

    assert recorded != sorted(recorded, key=str)
    assert (done.epoch, done.matches) == (2, 10)
    assert ends(mixed) == sorted(recorded, key=str)
    assert compare(mixed, "snake") == []
    assert recompute(mixed, "snake").epoch == 2
    assert recompute(mixed, "snake", order=Order.SEQUENCE).epoch == 2
    assert recompute(mixed, "snake", order=Order.ENDED_AT).mended == 0


def test_matches_recorded_afterwards_count_as_they_finish(mixed: Store, recorder: Recorder) -> None:
    recompute(mixed, "snake", order=Order.ENDED_AT)
    agents = list(add_agents(mixed, "dora", "emil").values())

    record_duels(mixed, recorder, agents, 1, first_seed=10)

    assert ends(mixed)[:10] == sorted(ends(mixed)[:10], key=str)
    assert ends(mixed)[-1] < ends(mixed)[9]  # type: ignore[operator]
    assert compare(mixed, "snake") == []


def test_a_voided_match_comes_back_to_its_place_by_time(mixed: Store) -> None:
    recompute(mixed, "snake", order=Order.ENDED_AT)
    before = ends(mixed)
    with mixed.read() as connection:
        uuid = connection.scalar(select(Match.uuid).where(Match.ended_at == before[3]))

    void(mixed, [str(uuid)], actor="me", reason="a test")
    recompute(mixed, "snake", order=Order.ENDED_AT)
    unvoid(mixed, [str(uuid)], actor="me")

    assert ends(mixed) == before


def test_the_audit_says_who_asked_for_which_order(mixed: Store) -> None:
    recompute(mixed, "snake", order=Order.ENDED_AT, by=By("me"))

    (act,) = audit(mixed)

    assert (act.before, act.after and act.after["order"]) == ({"epoch": 1}, "ended_at")


def test_some_matches_alone_may_be_taken_by_time_without_a_trace(mixed: Store) -> None:
    as_recorded = select_matches(mixed, "snake")
    by_time = select_matches(mixed, "snake", by_time=True)

    assert as_recorded.standings != by_time.standings
    recompute(mixed, "snake", order=Order.ENDED_AT)
    assert select_matches(mixed, "snake").standings == by_time.standings


def test_a_ladder_ordered_by_time_has_no_other_sequence(store: Store) -> None:
    ensure_ladder_as_published(store)

    with pytest.raises(BadOrder, match="has no other sequence"):
        recompute(store, AS_PUBLISHED, order=Order.SEQUENCE)
    assert recompute(store, AS_PUBLISHED, order=Order.ENDED_AT).mended == 0
