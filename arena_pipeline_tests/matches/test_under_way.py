"""Matches under way as whoever watches sees them, without touching any."""

import asyncio
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from sqlalchemy import select, update

from arena_pipeline.leaderboard.ladders import ensure_ladder, ladder_row
from arena_pipeline.matches.finishing import IS_OPEN
from arena_pipeline.matches.ledger import rule_of
from arena_pipeline.matches.plan import Entrant
from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.matches.resuming import take_over
from arena_pipeline.matches.runner import MatchPaused, RunnerOptions, play
from arena_pipeline.matches.under_way import UnderWay, under_way
from arena_pipeline.players.protocol import FaultKind, PlayerFault, TurnPostponed
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Match, Purpose
from arena_pipeline_tests.agents import add_agents, plan
from arena_pipeline_tests.matches.thinking import add_calls, match_row, thinking

OPTIONS = RunnerOptions(journal_owner="me", turn_timeout_s=None)
LATER = datetime(2099, 1, 1, tzinfo=UTC)


@pytest.fixture
def entrants(store: Store) -> list[Entrant]:
    return list(add_agents(store, "anna", "bert").values())


def paused(recorder: Recorder, entrants: list[Entrant], seed: int = 12) -> str:
    """A match paused at its second step, in whose first the first seat had failed; its uuid."""
    duel = plan(recorder.store, entrants, seed=seed, purpose=Purpose.PLACEMENT)
    trouble: dict[int, BaseException] = {
        0: PlayerFault(FaultKind.NO_ACTION, "nothing"),
        1: TurnPostponed("budget: all spent", LATER),
    }
    with pytest.raises(MatchPaused):
        asyncio.run(play(recorder, duel, thinking(duel, trouble), OPTIONS))
    return duel.uuid


def look(store: Store, limit: int = 10) -> UnderWay:
    return under_way(store, datetime.now(UTC), rule=None, limit=limit)


def test_a_paused_match_is_shown_where_it_stands_and_left_as_it_is(
    store: Store, recorder: Recorder, entrants: list[Entrant]
) -> None:
    uuid = paused(recorder, entrants)
    add_calls(
        store,
        uuid,
        [
            {"step": 0, "slot": 0, "cost_counted": Decimal("0.25"), "error_kind": "server"},
            {"step": 0, "slot": 0, "attempt": 2, "cost_counted": Decimal("0.5")},
            {"step": 1, "slot": 0, "settled_at": None, "cost_counted": None},
        ],
    )
    before = match_row(store, uuid)

    seen = look(store)

    (match,) = seen.matches
    first, second = match.seats
    assert (seen.played, seen.paused, seen.left) == (0, 1, 0)
    assert (match.uuid, match.turn, match.is_played) == (uuid, 1, False)
    assert (match.pause_reason, match.resume_at) == ("budget: all spent", LATER)
    assert match.state["round"] == 1
    assert (first.name, first.faults, first.calls, first.failed_calls) == ("anna", 1, 3, 1)
    assert (first.cost, first.is_asked) == (Decimal("0.75"), True)
    assert (second.faults, second.calls, second.cost, second.is_asked) == (0, 0, None, False)
    assert match.cost == Decimal("0.75")
    assert match_row(store, uuid) == before


def test_those_played_come_first_and_all_are_counted(
    store: Store, recorder: Recorder, entrants: list[Entrant]
) -> None:
    uuids = [paused(recorder, entrants, seed) for seed in (12, 13, 14)]
    assert take_over(store, uuids[1], "other", early=True) is not None
    assert take_over(store, uuids[2], "dead", early=True) is not None
    with store.write() as connection:
        connection.execute(
            update(Match)
            .where(Match.uuid == uuids[2])
            .values(lease_until=datetime(2026, 1, 1, tzinfo=UTC))
        )

    seen = look(store, limit=2)

    assert (seen.played, seen.paused, seen.left) == (1, 1, 1)
    assert [match.uuid for match in seen.matches] == [uuids[1], uuids[0]]


def test_of_a_ladder_only_its_matches_are_shown(
    store: Store, recorder: Recorder, entrants: list[Entrant]
) -> None:
    paused(recorder, entrants)
    ensure_ladder(store, "league only", "snake", filter={"purposes": ["league"]})
    with store.read() as connection:
        rules = [rule_of(ladder_row(connection, name)) for name in ("snake", "league only")]

    seen = [under_way(store, datetime.now(UTC), rule=rule, limit=9) for rule in rules]

    assert [one.paused for one in seen] == [1, 0]
    assert [len(one.matches) for one in seen] == [1, 0]


@pytest.mark.parametrize("database", ["sqlite"])
def test_matches_under_way_are_found_without_reading_those_that_are_over(store: Store) -> None:
    statement = select(Match.uuid).where(IS_OPEN).compile(dialect=store.engine.dialect)

    with store.read() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}").all()

    assert [row[3] for row in plan] == ["SCAN matches USING INDEX ix_matches_open"]
