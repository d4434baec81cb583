"""Standings day by day: what was published stays looked up, whatever comes after."""

import subprocess
import sys
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from arena_pipeline.errors import NotFound
from arena_pipeline.leaderboard.board import board
from arena_pipeline.leaderboard.days import DayBoard, standings_on, take_day, take_days
from arena_pipeline.leaderboard.ladders import ensure_ladder
from arena_pipeline.leaderboard.recompute import recompute
from arena_pipeline.matches.plan import Entrant
from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.store import Store
from arena_pipeline.store.tables import RatingEvent, StandingDay
from arena_pipeline_tests.agents import add_agents, finished_match

MONDAY = datetime(2026, 11, 16, 23, 55, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def entrants(store: Store) -> list[Entrant]:
    """Three agents."""
    return list(add_agents(store, "anna", "bert", "cleo").values())


def play(store: Store, recorder: Recorder, entrants: list[Entrant], *seeds: int) -> None:
    recorder.record(
        finished_match(store, [entrants[seed % 3], entrants[(seed + 1) % 3]], seed=seed)
        for seed in seeds
    )


def shown(store: Store) -> list[tuple[object, ...]]:
    """What the board says now, as the rows of a day say it."""
    return [
        (r.rank, r.competitor, r.rating, r.matches, r.wins, r.losses, r.ties, r.score_total)
        for r in board(store).rows
    ]


def said(day: DayBoard) -> list[tuple[object, ...]]:
    return [
        (r.rank, r.competitor, r.rating, r.matches, r.wins, r.losses, r.ties, r.score_total)
        for r in day.rows
    ]


def test_a_past_day_is_what_the_board_was_then(
    store: Store, recorder: Recorder, entrants: list[Entrant]
) -> None:
    boards = {}
    for age, seeds in enumerate(((1, 2, 3), (4, 5), (6, 7, 8))):
        play(store, recorder, entrants, *seeds)
        taken = take_day(store, now=MONDAY + age * DAY)
        boards[taken.day] = shown(store)
        assert taken.competitors == len(boards[taken.day])

    assert {day: said(standings_on(store, "snake", day)) for day in boards} == boards
    assert standings_on(store, "snake", date(2026, 11, 17)).matches == 5


def test_taken_twice_on_a_day_the_later_one_holds(
    store: Store, recorder: Recorder, entrants: list[Entrant]
) -> None:
    play(store, recorder, entrants, 1)
    take_day(store, now=MONDAY - timedelta(hours=5))
    play(store, recorder, entrants, 2, 3)

    take_day(store, now=MONDAY)

    found = standings_on(store, "snake", MONDAY.date())
    assert (said(found), found.taken_at) == (shown(store), MONDAY)


def test_a_day_on_which_nothing_was_rated_has_no_rows_and_is_found_all_the_same(
    store: Store, recorder: Recorder, entrants: list[Entrant]
) -> None:
    play(store, recorder, entrants, 1, 2)
    take_day(store, now=MONDAY)

    assert take_day(store, now=MONDAY + DAY).competitors is None

    found = standings_on(store, "snake", MONDAY.date() + 30 * DAY)
    assert (found.day, said(found)) == (MONDAY.date(), shown(store))


def test_a_day_before_the_first_and_a_ladder_nobody_knows_are_named(
    store: Store, recorder: Recorder, entrants: list[Entrant]
) -> None:
    with pytest.raises(NotFound, match="no standings by day yet"):
        standings_on(store, "snake", MONDAY.date())
    assert take_day(store, now=MONDAY).competitors is None

    play(store, recorder, entrants, 1)
    take_day(store, now=MONDAY)

    with pytest.raises(NotFound, match="the first are of 2026-11-16"):
        standings_on(store, "snake", date(2026, 11, 15))
    with pytest.raises(NotFound, match="No ladder 'chess'"):
        take_day(store, "chess")


def test_a_rebuild_changes_today_and_no_day_before(
    store: Store, recorder: Recorder, entrants: list[Entrant]
) -> None:
    play(store, recorder, entrants, 1, 2, 3)
    take_day(store, now=MONDAY)
    before = said(standings_on(store, "snake", MONDAY.date()))
    with store.write() as connection:
        connection.execute(update(RatingEvent).values(after=3000.0))
    recompute(store, "snake")

    assert take_day(store, now=MONDAY + DAY).competitors == len(before)

    assert said(standings_on(store, "snake", MONDAY.date())) == before
    assert standings_on(store, "snake", MONDAY.date() + DAY).epoch == 2


def test_a_clock_that_ran_ahead_spoils_no_day_before_it_and_is_put_right_when_that_day_comes(
    store: Store, recorder: Recorder, entrants: list[Entrant]
) -> None:
    play(store, recorder, entrants, 1)
    take_day(store, now=MONDAY + 5 * DAY)
    play(store, recorder, entrants, 2, 3)

    take_day(store, now=MONDAY)

    assert said(standings_on(store, "snake", MONDAY.date())) == shown(store)
    take_day(store, now=MONDAY + 5 * DAY)
    assert said(standings_on(store, "snake", MONDAY.date() + 5 * DAY)) == shown(store)


def test_equal_ratings_share_a_place_and_every_ladder_is_taken(
    store: Store, recorder: Recorder, entrants: list[Entrant]
) -> None:
    ensure_ladder(store, "scores", "snake", policy={"system": "mean_score"})
    play(store, recorder, entrants, 1, 2, 3)

    taken = {one.ladder: one.competitors for one in take_days(store, MONDAY)}

    assert taken == {"snake": 3, "scores": 3}
    scores = standings_on(store, "scores", MONDAY.date())
    assert [(r.rank, r.rating) for r in scores.rows] == [
        (r.rank, r.rating) for r in board(store, "scores").rows
    ]


def test_many_processes_beside_a_recorder_leave_one_whole_day(
    store: Store, store_url: str, recorder: Recorder, entrants: list[Entrant]
) -> None:
    play(store, recorder, entrants, 1, 2, 3)
    takers = [
        subprocess.Popen(
            [sys.executable, "-m", "arena_pipeline_tests.leaderboard.day_taker", store_url, "20"],
            stdout=subprocess.PIPE,
        )
        for _ in range(2)
    ]
    for seed in range(4, 40):
        play(store, recorder, entrants, seed)
    for taker in takers:
        taker.communicate()
    take_day(store)

    assert [taker.returncode for taker in takers] == [0, 0]
    with store.read() as connection:
        whole = connection.execute(
            select(StandingDay.day, func.count(StandingDay.sequence.distinct())).group_by(
                StandingDay.day
            )
        ).all()
    assert {count for _, count in whole} == {1}
    assert said(standings_on(store, "snake", datetime.now(UTC).date())) == shown(store)


def test_killed_at_any_time_a_day_is_the_old_one_or_the_new_one(
    store: Store, store_url: str, recorder: Recorder, entrants: list[Entrant]
) -> None:
    for kill in range(3):
        play(store, recorder, entrants, kill)
        before = shown(store)
        with subprocess.Popen(
            [sys.executable, "-m", "arena_pipeline_tests.leaderboard.day_taker", store_url, "9999"],
            stdout=subprocess.PIPE,
        ) as taker:
            assert taker.stdout is not None
            taker.stdout.readline()
            play(store, recorder, entrants, 100 + kill)
            taker.kill()
        found = said(standings_on(store, "snake", datetime.now(UTC).date()))
        assert found in (before, shown(store))


def test_a_clock_put_back_leaves_a_past_day_as_it_was(
    store: Store, recorder: Recorder, entrants: list[Entrant]
) -> None:
    play(store, recorder, entrants, 1)
    take_day(store, now=MONDAY)
    was = shown(store)
    play(store, recorder, entrants, 2)
    take_day(store, now=MONDAY + DAY)
    play(store, recorder, entrants, 3)

    assert take_day(store, now=MONDAY).competitors is None

    assert said(standings_on(store, "snake", MONDAY.date())) == was
