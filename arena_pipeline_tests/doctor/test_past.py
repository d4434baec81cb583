"""Whether chain and standings by day are there, on each database."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import update

from arena_pipeline.doctor import past
from arena_pipeline.doctor.findings import Health
from arena_pipeline.doctor.past import Kept, judge_chain, judge_days
from arena_pipeline.leaderboard.days import take_day
from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Ladder, LadderMatch
from arena_pipeline_tests.agents import add_agents, finished_match

NOW = datetime(2026, 11, 10, 12, tzinfo=UTC)
SOUND = Kept("snake", 1, 4, "a" * 64, "a" * 64, 0, NOW, date(2026, 11, 10), (1, 4))


@pytest.fixture
def played(store: Store, recorder: Recorder) -> Store:
    """A store with four recorded matches."""
    entrants = list(add_agents(store, "one", "two").values())
    recorder.record([finished_match(store, entrants, seed=seed) for seed in range(4)])
    return store


@pytest.mark.parametrize(
    ("kept", "health"),
    [
        (SOUND, Health.OK),
        (replace(SOUND, sequence=0, head=None, link=None), Health.OK),
        (replace(SOUND, head="b" * 64), Health.FAIL),
        (replace(SOUND, head=None), Health.FAIL),
        (replace(SOUND, without_link=1), Health.FAIL),
        (replace(SOUND, head=None, link=None), Health.FAIL),
    ],
)
def test_a_chain_must_be_whole_and_end_where_the_ladder_says(kept: Kept, health: Health) -> None:
    assert judge_chain(kept).health is health


@pytest.mark.parametrize(
    ("kept", "health"),
    [
        (SOUND, Health.OK),
        (replace(SOUND, taken=(1, 3)), Health.OK),
        (replace(SOUND, taken=(1, 3), day=date(2026, 11, 1)), Health.WARN),
        (replace(SOUND, taken=None, day=None), Health.OK),
        (replace(SOUND, taken=None, day=None, rated_at=NOW - timedelta(days=9)), Health.WARN),
    ],
)
def test_days_that_are_not_taken_are_worth_a_look(kept: Kept, health: Health) -> None:
    assert judge_days(kept, NOW).health is health


def test_a_sound_store_is_sound(played: Store) -> None:
    take_day(played)

    assert [one.health for one in past.chains(played)] == [Health.OK]
    assert [one.what for one in past.days(played, datetime.now(UTC))] == [
        "ladder snake: standings by day are up to date"
    ]


def test_a_head_that_was_altered_and_a_link_that_is_missing_are_found(played: Store) -> None:
    with played.write() as connection:
        connection.execute(update(Ladder).values(chain_head="b" * 64))
    altered = [one.what for one in past.chains(played)]
    with played.write() as connection:
        connection.execute(update(LadderMatch).values(digest=None))

    assert altered == ["ladder snake: its head is not its newest link"]
    assert [one.health for one in past.chains(played)] == [Health.FAIL]
