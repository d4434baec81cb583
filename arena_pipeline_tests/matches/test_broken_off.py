"""Matches whose playing is broken off, and leases that outlive long turns."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from arena_pipeline.matches.journal import LeaseLost, Scribe
from arena_pipeline.matches.plan import MatchPlan
from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.matches.resuming import (
    abandoned,
)
from arena_pipeline.matches.runner import RunnerOptions, play
from arena_pipeline.players.protocol import (
    Decision,
    TurnRequest,
)
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Match
from arena_pipeline_tests.agents import add_agents, plan
from arena_pipeline_tests.matches.thinking import (
    Thinking,
    match_row,
    thinking,
)

SEED = 12
"""The seed of a match that lasts fourteen rounds."""

OPTIONS = RunnerOptions(journal_owner="me", turn_timeout_s=None)
LATER = datetime(2099, 1, 1, tzinfo=UTC)


@pytest.fixture
def duel(store: Store) -> MatchPlan:
    return plan(store, list(add_agents(store, "anna", "bert").values()), seed=SEED)


def test_a_broken_off_match_may_be_taken_up_at_once(
    store: Store, recorder: Recorder, duel: MatchPlan
) -> None:
    async def interrupted() -> None:
        asked = asyncio.Event()

        class Endless(Thinking):
            async def act(self, request: TurnRequest) -> Decision:
                if request.round == 2:
                    asked.set()
                    await asyncio.Event().wait()
                return await super().act(request)

        players = [Endless(duel.seed), Endless(duel.seed)]
        async with Scribe(store) as scribe:
            own = Recorder(store, recorder.replay_dir, scribe)
            playing = asyncio.create_task(play(own, duel, players, OPTIONS))
            await asked.wait()
            playing.cancel()
            with pytest.raises(asyncio.CancelledError):
                await playing

    asyncio.run(interrupted())

    row = match_row(store, duel.uuid)
    assert (row.state, row.lease_owner, row.resume_at, row.pause_reason) == (
        "paused", None, None, None,
    )  # fmt: skip
    assert [left.uuid for left in abandoned(store)] == [duel.uuid]


def test_an_error_of_the_program_leaves_the_match_paused_with_its_name(
    store: Store, recorder: Recorder, duel: MatchPlan
) -> None:
    def broken(_: object) -> None:
        raise ZeroDivisionError("who watches broke down")

    with pytest.raises(ZeroDivisionError):
        asyncio.run(play(recorder, duel, thinking(duel), OPTIONS, on_step=broken))

    row = match_row(store, duel.uuid)
    assert (row.state, row.pause_reason) == (
        "paused", "ZeroDivisionError: who watches broke down",
    )  # fmt: skip


def test_what_is_raised_while_a_match_is_opened_keeps_it_from_being_opened(
    store: Store, recorder: Recorder, duel: MatchPlan
) -> None:
    def too_dear(connection: object, match_id: int) -> None:
        raise ValueError(f"no money for match {match_id}")

    with pytest.raises(ValueError, match="no money for match"):
        asyncio.run(play(recorder, duel, thinking(duel), OPTIONS, on_open=too_dear))

    with store.read() as connection:
        assert connection.scalar(select(func.count()).select_from(Match)) == 0


def test_the_lease_is_renewed_while_a_turn_lasts_longer_than_it(
    store: Store, recorder: Recorder, duel: MatchPlan
) -> None:
    options = RunnerOptions(journal_owner="me", turn_timeout_s=None, lease=timedelta(seconds=2))

    async def renewed_by() -> timedelta:
        match_opened = asyncio.Event()

        class Slow(Thinking):
            async def act(self, request: TurnRequest) -> Decision:
                match_opened.set()
                await asyncio.Event().wait()
                return await super().act(request)

        playing = asyncio.create_task(play(recorder, duel, [Slow(1), Slow(1)], options))
        await match_opened.wait()
        first = match_row(store, duel.uuid).lease_until
        while (now := match_row(store, duel.uuid).lease_until) == first:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
        playing.cancel()
        await asyncio.gather(playing, return_exceptions=True)
        assert isinstance(now, datetime)
        assert isinstance(first, datetime)
        return now - first

    assert asyncio.run(renewed_by()) > timedelta(seconds=0.5)


def test_who_lost_the_lease_stops_with_the_next_answer(
    store: Store, recorder: Recorder, duel: MatchPlan
) -> None:
    class Robbed(Thinking):
        async def act(self, request: TurnRequest) -> Decision:
            if request.round == 3:
                with store.write() as connection:
                    connection.execute(update(Match).values(lease_owner="other"))
            return await super().act(request)

    with pytest.raises(LeaseLost):
        asyncio.run(play(recorder, duel, [Robbed(SEED), Thinking(SEED)], OPTIONS))

    row = match_row(store, duel.uuid)
    assert (row.state, row.lease_owner) == ("running", "other")
