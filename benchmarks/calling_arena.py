"""An arena on a practice gateway, for the benchmark of calls to language models."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from arena_pipeline.calls.asking import Callee
from arena_pipeline.calls.caller import Caller
from arena_pipeline.calls.clerk import Clerk
from arena_pipeline.catalog.tariff import Tariff
from arena_pipeline.evaluation.setup import prepare_arena
from arena_pipeline.games import catalogue
from arena_pipeline.leaderboard.ladders import ensure_practice
from arena_pipeline.matches.configs import config
from arena_pipeline.matches.journal import Scribe
from arena_pipeline.matches.plan import Entrant, MatchPlan
from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.matches.runner import RunnerOptions
from arena_pipeline.players import bots
from arena_pipeline.players.bots import BotPlayer
from arena_pipeline.players.llm.player import LLMPlayer
from arena_pipeline.practice.serving import allow_many_connections
from arena_pipeline.registry.gateways import PRACTICE, GatewayRow, write_gateways
from arena_pipeline.registry.prompts import Prompt, newest_active
from arena_pipeline.registry.transaction import registry_write
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store


@dataclass(frozen=True)
class Bench:
    """An arena on a practice gateway."""

    store: Store
    settings: Settings
    recorder: Recorder
    caller: Caller
    prompt: Prompt

    def plan(self, number: int, config_name: str) -> MatchPlan:
        """A match of two names."""
        with self.store.read() as connection:
            found = config(connection, config_name)
        rules = catalogue.game("snake").rule_version
        return MatchPlan(found, (Entrant("one"), Entrant("two")), number, rules)

    def model(self, slug: str) -> LLMPlayer:
        """A language model in a seat."""
        tariff = Tariff.of(Decimal("0.20"), Decimal("0.80"), {})
        callee = Callee(PRACTICE, slug, tariff, settings={"max_tokens": 1000})
        return LLMPlayer(self.caller, callee, self.prompt, "snake", turn_timeout_s=300)

    def bot(self, plan: MatchPlan) -> BotPlayer:
        """A bot in the second seat."""
        return BotPlayer(bots.policy("careful_random"), plan.chance("player", 1))

    def options(self, concurrency: int) -> RunnerOptions:
        """Journaled matches."""
        return RunnerOptions(None, concurrency=concurrency, journal_owner=f"bench:{os.getpid()}")


@asynccontextmanager
async def bench(folder: Path, base_url: str) -> AsyncIterator[Bench]:
    """A fresh arena whose practice gateway has no limits that matter."""
    allow_many_connections()
    money = Decimal(100_000)
    settings = Settings.load(
        data_dir=folder,
        database_url=None,
        budget=money,
        evaluation_budget=money,
        match_budget=money,
        catalog_gateway=PRACTICE,
        store_payloads=True,
    )
    store = prepare_arena(settings).store
    gateway = GatewayRow(PRACTICE, base_url, concurrency=5000)
    with registry_write(store) as connection:
        write_gateways(connection, [gateway], datetime.now(UTC))
    ensure_practice(store)
    with store.read() as connection:
        prompt = newest_active(connection, "snake")
    assert prompt is not None
    try:
        async with (
            Clerk(store, settings) as clerk,
            Caller(clerk, {PRACTICE: gateway}, settings) as caller,
            Scribe(store) as scribe,
        ):
            recorder = Recorder(store, settings.replay_dir, scribe)
            yield Bench(store, settings, recorder, caller, prompt)
    finally:
        store.close()
