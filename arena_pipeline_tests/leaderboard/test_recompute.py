"""A rebuild gives what the recorder kept, bit for bit, and names whatever does not fit."""

import multiprocessing
import os
import signal
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from arena_pipeline.errors import NotFound
from arena_pipeline.leaderboard import history
from arena_pipeline.leaderboard import recompute as rebuilding
from arena_pipeline.leaderboard.comparing import compare
from arena_pipeline.leaderboard.ladders import ensure_ladder, ladder_names
from arena_pipeline.leaderboard.recompute import recompute
from arena_pipeline.matches.plan import Entrant
from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.store import Store, open_store
from arena_pipeline.store.tables import (
    Ladder,
    LadderMatch,
    Match,
    Ordering,
    Participant,
    RatingEvent,
    Standing,
)
from arena_pipeline_tests.agents import add_agents, finished_match

AGENTS = ("anna", "bert", "cleo", "dora")


@pytest.fixture
def filled(store: Store, recorder: Recorder) -> Store:
    """A store with 30 matches of two to four players, some of them self-play."""
    agents = list(add_agents(store, *AGENTS).values())
    matches = [
        finished_match(
            store, [agents[(seed + n) % (2 + seed % 3)] for n in range(2 + seed % 3)], seed=seed
        )
        for seed in range(28)
    ]
    matches += [finished_match(store, [agents[0], agents[0]], seed=seed) for seed in (50, 51)]
    recorder.record(matches[:20])
    for match in matches[20:]:
        recorder.record([match])
    return store


def elo_of(store: Store, ladder: str = "snake") -> dict[str, float | None]:
    with store.read() as connection:
        rows = connection.execute(
            select(Standing.competitor, Standing.elo)
            .join_from(Standing, Ladder)
            .where(Ladder.name == ladder)
        )
        return {row.competitor: row.elo for row in rows}


def test_given_more_matches_than_are_kept_in_memory_when_rebuilt_then_they_are_read_again(
    filled: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = elo_of(filled)
    monkeypatch.setattr(history, "_FITTING", 7)
    with filled.write() as connection:
        connection.execute(update(Standing).values(elo=1.0))

    recompute(filled, "snake")

    assert elo_of(filled) == before
    assert compare(filled, "snake") == []


def test_a_sound_ladder_has_no_differences(filled: Store) -> None:
    assert compare(filled, "snake") == []


def drop_standings(store: Store) -> None:
    with store.write() as connection:
        connection.execute(delete(Standing))


def test_a_rebuild_of_a_sound_ladder_leaves_no_trace(filled: Store) -> None:
    before = elo_of(filled)

    done = recompute(filled, "snake")

    assert (done.epoch, done.matches, done.mended, done.changed) == (1, 28, 0, ())
    assert elo_of(filled) == before


def test_a_rebuild_from_nothing_gives_every_number_back(filled: Store) -> None:
    before = elo_of(filled)
    drop_standings(filled)

    done = recompute(filled, "snake")

    assert (done.epoch, done.matches) == (2, 28)
    assert done.mended == len(done.changed) > 0
    assert elo_of(filled) == before
    assert compare(filled, "snake") == []


def test_the_old_ledger_stays_readable_after_a_rebuild(filled: Store) -> None:
    drop_standings(filled)
    recompute(filled, "snake")

    with filled.read() as connection:
        first, second = (
            connection.execute(
                select(RatingEvent.sequence, RatingEvent.competitor, RatingEvent.after)
                .where(RatingEvent.epoch == epoch)
                .order_by(RatingEvent.sequence, RatingEvent.competitor)
            ).all()
            for epoch in (1, 2)
        )
    assert first == second


def test_recording_goes_on_after_a_rebuild(filled: Store, recorder: Recorder) -> None:
    drop_standings(filled)
    recompute(filled, "snake")
    with filled.read() as connection:
        anna, bert = (
            connection.execute(
                select(Participant.name, Participant.agent_id).where(Participant.name == name)
            ).first()
            for name in AGENTS[:2]
        )
    assert anna is not None
    assert bert is not None
    recorder.record([finished_match(filled, [Entrant(*anna), Entrant(*bert)], seed=77)])

    assert compare(filled, "snake") == []


@pytest.mark.parametrize(
    ("damage", "named"),
    [
        (update(Standing).where(Standing.competitor == "anna").values(elo=1500.0001), "anna: elo"),
        (
            update(Standing).where(Standing.competitor == "bert").values(score_total=1e6),
            "score_total",
        ),
        (delete(Standing).where(Standing.competitor == "cleo"), "cleo: matches"),
        (update(RatingEvent).where(RatingEvent.sequence == 3).values(after=0.0), "match 3"),
        (delete(RatingEvent).where(RatingEvent.sequence == 4), "match 4"),
        (update(Ladder).values(next_sequence=99), "rated matches"),
        (update(Participant).where(Participant.slot == 0).values(result="lost"), "rating events"),
    ],
)
def test_drift_is_named_and_a_rebuild_mends_it(filled: Store, damage: object, named: str) -> None:
    with filled.write() as connection:
        connection.execute(damage)  # type: ignore[call-overload]

    assert any(named in str(difference) for difference in compare(filled, "snake"))

    recompute(filled, "snake")
    assert compare(filled, "snake") == []


def test_a_new_ladder_gets_the_matches_before_it_by_a_rebuild(filled: Store) -> None:
    ensure_ladder(filled, "twin", "snake")
    assert elo_of(filled, "twin") == {}

    recompute(filled, "twin")

    assert elo_of(filled, "twin") == elo_of(filled)
    assert compare(filled, "twin") == []


def test_a_ladder_ordered_by_time_is_numbered_by_it(filled: Store) -> None:
    ensure_ladder(filled, "by-time", "snake", ordering=Ordering.ENDED_AT)
    with filled.write() as connection:
        earliest = connection.scalar(select(Match.id).order_by(Match.ended_at).limit(1))
        connection.execute(
            update(Match)
            .where(Match.id == earliest)
            .values(ended_at=datetime(2030, 1, 1, tzinfo=UTC))
        )

    recompute(filled, "by-time")

    with filled.read() as connection:
        in_sequence = connection.execute(
            select(Match.id, Match.ended_at)
            .join(LadderMatch, LadderMatch.match_id == Match.id)
            .join(Ladder, Ladder.id == LadderMatch.ladder_id)
            .where(Ladder.name == "by-time", LadderMatch.sequence.is_not(None))
            .order_by(LadderMatch.sequence)
        ).all()
    times = [row.ended_at for row in in_sequence]
    assert len(times) == 28
    assert all(before <= after for before, after in pairwise(times) if before and after)
    assert in_sequence[-1].id == earliest
    assert compare(filled, "by-time") == []


def test_a_voided_match_is_gone_after_a_rebuild(filled: Store) -> None:
    with filled.write() as connection:
        ended = connection.scalar(select(LadderMatch.match_id).where(LadderMatch.sequence == 5))
        connection.execute(update(Match).where(Match.id == ended).values(state="void"))

    done = recompute(filled, "snake")

    assert done.matches == 27
    assert {change.field for change in done.changed} >= {"elo", "matches"}
    assert compare(filled, "snake") == []


def test_an_empty_ladder_is_sound_and_can_be_rebuilt(store: Store) -> None:
    assert compare(store, "snake") == []
    assert recompute(store, "snake").matches == 0


def test_a_ladder_nobody_knows_is_named_with_those_there_are(store: Store) -> None:
    for act in (compare, recompute):
        with pytest.raises(NotFound, match="No ladder 'chess'; there are: snake"):
            act(store, "chess")


def test_making_a_ladder_again_leaves_it_as_it_is(store: Store) -> None:
    ensure_ladder(store, "snake", "snake", title="Another title")

    with store.read() as connection:
        assert connection.scalars(select(Ladder.title)).all() == ["Snake"]
    assert ladder_names(store) == ["snake"]


def rebuild_and_die(url: str, at: int) -> None:
    def die(count: int) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    vars(rebuilding)["PROGRESS_EVERY"] = at
    recompute(open_store(url), "snake", progress=die)


@pytest.mark.parametrize("at", [1, 11])
def test_a_rebuild_killed_half_way_leaves_the_old_ladder(
    filled: Store, store_url: str, at: int
) -> None:
    with filled.write() as connection:
        connection.execute(update(Standing).values(top_score=77))
    before = elo_of(filled)

    process = multiprocessing.get_context("spawn").Process(
        target=rebuild_and_die, args=(store_url, at)
    )
    process.start()
    process.join()

    assert process.exitcode == -signal.SIGKILL
    assert elo_of(filled) == before
    with filled.read() as connection:
        assert set(connection.scalars(select(Standing.top_score))) == {77}
        assert connection.scalars(select(LadderMatch.epoch).distinct()).all() == [1]


def test_inserting_a_place_twice_is_refused_by_the_store(filled: Store) -> None:
    with filled.read() as connection:
        place = connection.execute(select(LadderMatch.__table__)).first()
    assert place is not None
    with pytest.raises(IntegrityError), filled.write() as connection:
        connection.execute(insert(LadderMatch), [dict(place._mapping)])


def test_a_wrong_reason_is_put_right(filled: Store) -> None:
    with filled.write() as connection:
        connection.execute(
            update(LadderMatch).where(LadderMatch.reason.is_not(None)).values(reason="void")
        )

    (one, _) = compare(filled, "snake")
    done = recompute(filled, "snake")

    assert (one.field, one.stored, one.rebuilt) == ("reason", "void", "self_play")
    assert (done.epoch, done.mended, done.changed) == (2, 2, ())
    assert compare(filled, "snake") == []
