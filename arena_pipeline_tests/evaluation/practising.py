"""An arena that calls a practice server of this process: its gateway, models and bots."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import insert, select

from arena_pipeline.evaluation.setup import take_prompts
from arena_pipeline.leaderboard.ladders import PRACTICE_LADDER, ensure_practice
from arena_pipeline.practice.line_up import PracticeModel
from arena_pipeline.practice.server import PracticeGateway
from arena_pipeline.practice.serving import Address, served
from arena_pipeline.registry.enrolment import default_agent
from arena_pipeline.registry.gateways import GatewayRow, write_gateways
from arena_pipeline.registry.transaction import registry_write
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline.store.tables import LlmCall, Match, Model, ModelSource, Spend
from arena_pipeline_tests.agents import NOON, add_agents
from arena_pipeline_tests.evaluation.arenas import evaluation

LADDER = PRACTICE_LADDER
ONE, TWO = "practice/one", "practice/two"

GARBAGE = {"garbage": 1.0}
BROKEN = {"server": 1.0}


@dataclass(frozen=True, slots=True)
class Practice:
    """The arena and the server that it calls."""

    store: Store
    settings: Settings
    gateway: PracticeGateway
    at: Address

    def misbehave(self, slug: str, faults: dict[str, float]) -> None:
        """From now on the answers of a model (`*`: of all) go wrong like this."""
        self.gateway.change(slug, {"faults": faults})

    def with_settings(self, **changes: Any) -> Settings:
        """The settings with some of them changed."""
        return self.settings.model_copy(update=changes)

    def evaluation(self, alias: str) -> Any:
        """The newest evaluation of an agent."""
        return evaluation(self.store, alias)

    def reserved(self) -> Decimal:
        """Money set aside, over all budgets."""
        with self.store.read() as connection:
            return sum(connection.scalars(select(Spend.reserved)), Decimal())

    def calls(self) -> list[Any]:
        """The ledger."""
        with self.store.read() as connection:
            return list(connection.execute(select(LlmCall.__table__).order_by(LlmCall.id)))

    def match_states(self) -> list[str]:
        """Where all matches stand, oldest first."""
        with self.store.read() as connection:
            return list(connection.scalars(select(Match.state).order_by(Match.id)))


@contextmanager
def practising(
    store: Store, settings: Settings, *slugs: str, rate: float = 0.0, **terms: Any
) -> Iterator[Practice]:
    """An arena with two bots, and models that play greedily at the server's prices (`terms`)."""
    line_up = [PracticeModel(slug=slug, policy="greedy", **terms) for slug in slugs]
    gateway = PracticeGateway(line_up, fault_rate=rate, latency_s=0.0, seed=1)
    with served(gateway) as at:
        with registry_write(store) as connection:
            write_gateways(connection, [GatewayRow("practice", at.base_url)], datetime.now(UTC))
        ensure_practice(store)
        take_prompts(store, settings)
        add_agents(store, "random", "greedy")
        for model in line_up:
            _register(store, model)
        yield Practice(store, quick(settings), gateway, at)


def quick(settings: Settings) -> Settings:
    """Settings with some play money, under which nothing waits for long."""
    return settings.model_copy(
        update={
            "budget": Decimal(5), "placement_matches": 1, "retry_wait_s": 0.2,
            "circuit_open_s": 0.05, "circuit_failures": 3, "call_attempts": 2,
        }
    )  # fmt: skip


def _register(store: Store, model: PracticeModel) -> None:
    row = {
        "slug": model.slug,
        "source": ModelSource.OPENROUTER.value,
        "display_name": model.title,
        "vendor": "practice",
        "client_name": model.slug,
        "gateway": "practice",
        "context_length": model.context_length,
        "price_prompt": model.prompt,
        "price_completion": model.completion,
        "discovered_at": NOON,
    }
    with store.write() as connection:
        connection.execute(insert(Model).values(row))
    assert default_agent(store, model.slug) is not None
