"""The overview: how much was played, when, by whom."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from arena_pipeline.leaderboard.ladders import ensure_ladder
from arena_pipeline.leaderboard.overview import (
    LadderSummary,
    counts,
    faulty_agents,
    ladders,
    latest_matches,
    matches_per_day,
    participants_per_agent,
)
from arena_pipeline.matches.plan import Entrant
from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Purpose
from arena_pipeline_tests.agents import NOON, add_agents, finished_match
from arena_pipeline_tests.leaderboard.deciding import LOST, TIED, WON, decided


@pytest.fixture
def agents(store: Store) -> dict[str, Entrant]:
    return add_agents(store, "anna", "bert", "cleo")


def test_the_counts_of_an_empty_store_are_zero(store: Store) -> None:
    empty = counts(store)

    assert (empty.matches, empty.participants, empty.rating_events) == (0, 0, 0)
    assert (empty.rated, empty.last_ended_at) == ({"snake": 0}, None)
    assert matches_per_day(store) == []
    assert latest_matches(store) == []
    assert participants_per_agent(store) == []


def test_everything_played_is_counted(
    store: Store, recorder: Recorder, agents: dict[str, Entrant]
) -> None:
    anna, bert = agents["anna"], agents["bert"]
    matches = [
        decided(store, [anna, bert], [WON, LOST]),
        decided(store, [bert, anna], [TIED, TIED], seed=2, purpose=Purpose.PLACEMENT),
        decided(store, [anna, anna], [WON, LOST], seed=3),
    ]
    recorder.record(matches)

    found = counts(store)

    assert (found.matches, found.participants, found.rating_events) == (3, 6, 4)
    assert found.states == {"finished": 3}
    assert found.purposes == {"league": 2, "placement": 1}
    assert found.rated == {"snake": 2}
    assert found.not_rated == {"snake": {"self_play": 1}}
    assert (found.first_ended_at, found.last_ended_at) == (
        matches[0].ended_at, matches[-1].ended_at,
    )  # fmt: skip


def test_days_are_those_of_utc_and_none_is_left_out(
    store: Store, recorder: Recorder, agents: dict[str, Entrant]
) -> None:
    duel = [agents["anna"], agents["bert"]]
    starts = [
        datetime(2026, 10, 20, 12, tzinfo=UTC),
        datetime(2026, 11, 3, 23, 59, 30, tzinfo=UTC),
        datetime(2026, 11, 3, 23, 59, 55, tzinfo=UTC),
        datetime(2026, 11, 5, 0, 30, tzinfo=UTC),
    ]
    recorder.record(
        [
            decided(store, duel, [WON, LOST], seed=seed, started_at=start)
            for seed, start in enumerate(starts)
        ]
    )

    assert matches_per_day(store, days=3) == [
        (date(2026, 11, 3), 1), (date(2026, 11, 4), 1), (date(2026, 11, 5), 1),
    ]  # fmt: skip
    assert sum(count for _, count in matches_per_day(store)) == 4


def test_agents_are_listed_by_how_often_they_played(
    store: Store, recorder: Recorder, agents: dict[str, Entrant]
) -> None:
    pairs = [("anna", "bert"), ("bert", "cleo"), ("bert", "anna")]
    recorder.record(
        [
            decided(store, [agents[a], agents[b]], [WON, LOST], seed=seed)
            for seed, (a, b) in enumerate(pairs)
        ]
    )

    assert participants_per_agent(store) == [("bert", 3), ("anna", 2), ("cleo", 1)]
    assert participants_per_agent(store, limit=1) == [("bert", 3)]


def test_the_latest_matches_come_newest_first_with_their_players(
    store: Store, recorder: Recorder, agents: dict[str, Entrant]
) -> None:
    duel = [agents["anna"], agents["bert"]]
    older = decided(store, duel, [WON, LOST], scores=[5.0, 2.5])
    newer = decided(store, duel, [TIED, TIED], seed=9)
    recorder.record([newer, older])

    first, second = latest_matches(store)

    assert (first.uuid, second.uuid) == (newer.uuid, older.uuid)
    assert second.players == ("anna 5 (won)", "bert 2.5 (lost)")
    assert second.ended_at == NOON + timedelta(minutes=1, seconds=9)
    assert latest_matches(store, limit=1) == [first]


def test_ladders_are_summed_up_the_default_one_first(
    store: Store, recorder: Recorder, agents: dict[str, Entrant]
) -> None:
    ensure_ladder(store, "another", "snake", title="Another")
    recorder.record([decided(store, [agents["anna"], agents["bert"]], [WON, LOST])])

    assert ladders(store) == [
        LadderSummary("snake", "Snake", 1, 1, 2),
        LadderSummary("another", "Another", 1, 1, 2),
    ]


def test_who_does_wrong_is_named_with_how_often(store: Store, recorder: Recorder) -> None:
    anna, bert = add_agents(store, "anna", "bert").values()
    matches = [finished_match(store, [anna, bert], seed=seed) for seed in range(3)]
    first, *others = matches[0].steps
    wrong = replace(first, turns=(replace(first.turns[0], fault="crashed"), *first.turns[1:]))
    recorder.record([replace(matches[0], steps=(wrong, *others)), *matches[1:]])

    assert faulty_agents(store, NOON) == [("anna", 1, 3)]
    assert faulty_agents(store, NOON + timedelta(days=30)) == []
