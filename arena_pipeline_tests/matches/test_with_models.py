"""A match of a language model over a real socket: the gateway breaks down half-way, the match
stands still, goes on elsewhere, and its replay tells every call.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from arena_pipeline.calls.asking import Callee
from arena_pipeline.calls.caller import Caller
from arena_pipeline.calls.clerk import Clerk
from arena_pipeline.catalog.tariff import Tariff
from arena_pipeline.matches import replay
from arena_pipeline.matches.journal import Scribe
from arena_pipeline.matches.plan import MatchPlan
from arena_pipeline.matches.recorder import OpenMatch, Recorder
from arena_pipeline.matches.resuming import play_resumed
from arena_pipeline.matches.runner import MakePlayers, MatchPaused, RunnerOptions, play
from arena_pipeline.matches.verifying import verify_matches
from arena_pipeline.players.llm.player import LLMPlayer
from arena_pipeline.players.protocol import Player
from arena_pipeline.practice.line_up import PracticeModel
from arena_pipeline.practice.server import PracticeGateway
from arena_pipeline.practice.serving import served
from arena_pipeline.registry.gateways import GatewayRow
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline.store.tables import LlmCall, Spend
from arena_pipeline_tests.agents import add_agents, plan
from arena_pipeline_tests.calls.spending.seats import add_gateway, wealthy
from arena_pipeline_tests.looping import in_loop
from arena_pipeline_tests.matches.seat import Steady
from arena_pipeline_tests.matches.thinking import calls_of, match_row
from arena_pipeline_tests.players.llm.prompts import built_in

SLUG, NAME = "practice/model", "practice"
PRICES = Decimal(1), Decimal(4)
OPTIONS = RunnerOptions(journal_owner="me", turn_timeout_s=None)
MODEL = PracticeModel(slug=SLUG, policy="greedy", prompt=PRICES[0], completion=PRICES[1])


@asynccontextmanager
async def process(
    store: Store, settings: Settings, url: str
) -> AsyncIterator[tuple[Recorder, MakePlayers]]:
    """What a process that plays opens; seats a model and a bot."""
    gateways = {NAME: GatewayRow(NAME, url, None)}
    async with (
        Scribe(store) as scribe,
        Clerk(store, settings) as clerk,
        Caller(clerk, gateways, settings) as caller,
    ):
        callee = Callee(NAME, SLUG, Tariff.of(*PRICES, {}), context_length=8_192)

        def seated(made: MatchPlan) -> list[Player]:
            model = LLMPlayer(caller, callee, built_in(), "snake", turn_timeout_s=30)
            return [model, Steady(made.seed)]

        yield Recorder(store, settings.replay_dir, scribe), seated


@pytest.mark.parametrize("database", ["sqlite"])
@in_loop
async def test_a_gateway_that_breaks_down_half_way_costs_a_pause_and_no_answer_twice(
    store: Store, arena_settings: Settings
) -> None:
    settings = wealthy(arena_settings).model_copy(update={"call_attempts": 2, "retry_wait_s": 0.01})
    add_gateway(store, name=NAME)
    duel = plan(store, list(add_agents(store, "model", "bert").values()), seed=12)
    gateway = PracticeGateway((MODEL,), fault_rate=0.0, latency_s=0.0, seed=1)

    def breaks_down(match: OpenMatch) -> None:
        if len(match.steps) == 3:
            gateway.change(SLUG, {"faults": {"server": 1.0}})

    with served(gateway) as at:
        async with process(store, settings, at.base_url) as (recorder, seated):
            with pytest.raises(MatchPaused) as paused:
                await play(recorder, duel, seated(duel), OPTIONS, breaks_down)
        gateway.change(SLUG, {"faults": {}})
        async with process(store, settings, at.base_url) as (recorder, seated):
            finished = await play_resumed(recorder, duel.uuid, seated, OPTIONS, early=True)
            assert finished is not None
            recorder.record([finished])

    assert "failing" in paused.value.reason
    calls = calls_of(store, duel.uuid)
    answered = [(call.step, call.question) for call in calls if call.error_kind is None]
    assert (
        len(answered)
        == len(set(answered))
        == sum(any(turn.slot == 0 for turn in step.turns) for step in finished.steps)
    )
    assert [call.step for call in calls if call.error_kind is not None] == [3, 3]
    assert all(call.payload is None and call.payload_at for call in calls)
    row = match_row(store, duel.uuid)
    assert row.cost == sum(call.cost_counted for call in calls) > 0
    document = replay.read(settings.replay_dir, row.replay_path, row.replay_digest)
    told = document["steps"][3]["turns"]["0"]["calls"]
    assert [call.get("error_kind") for call in told] == ["server", "server", None]
    assert told[2]["payload"]["request"]["model"] == SLUG
    assert [one.status for one in verify_matches(store, settings.replay_dir)] == ["verified"]
    with store.read() as connection:
        reserved = connection.scalars(select(Spend.reserved)).all()
        open_calls = connection.scalar(
            select(func.count()).select_from(LlmCall).where(LlmCall.settled_at.is_(None))
        )
    assert set(reserved) == {Decimal(0)}
    assert open_calls == 0
