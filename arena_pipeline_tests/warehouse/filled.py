"""An arena in which something of everything happened, for the tests that ask its warehouse."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select, update

from arena_pipeline.leaderboard.days import take_days
from arena_pipeline.leaderboard.ladders import ensure_ladder
from arena_pipeline.leaderboard.voiding import void
from arena_pipeline.matches.plan import FinishedMatch
from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.registry.syncing.sync import sync_catalog
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Agent, Evaluation, Ladder, LlmCall, Model, Participant
from arena_pipeline_tests.agents import add_agents, finished_match
from arena_pipeline_tests.catalog.rows import body, row

MODEL, OLD_NAME = "openai/gpt-4o", "The old name"
BOTS = ("random", "careful_random", "greedy", "flood", "search")
PLAYERS = (*BOTS, "four-o", "other-model")
MATCHES = 60
VOID = 7
"""Which match was voided, from 0."""


def fill(store: Store, settings: Settings) -> list[FinishedMatch]:
    """Two catalogs (a model repriced and renamed), agents with and without a model, two ladders,
    matches within the last hour (one void, some costing money, with calls of models), standings of
    today. Returns the matches.
    """
    _catalogs(store, settings.catalog_dir)
    agents = add_agents(store, *BOTS)
    agents |= add_agents(store, *PLAYERS[len(BOTS) :], kind="llm")
    models = _give_models(store)
    agents = {name: replace(entrant, model_id=models.get(name)) for name, entrant in agents.items()}
    ensure_ladder(store, "apples", "snake", policy={"system": "mean_score"})
    began = datetime.now(UTC) - timedelta(minutes=MATCHES + 1)
    played = []
    for number in range(MATCHES):
        first, second = _pair(number)
        match = finished_match(store, [agents[first], agents[second]], seed=number)
        started = began + timedelta(minutes=number)
        ended = started + timedelta(seconds=9)
        played.append(replace(match, started_at=started, ended_at=ended))
    Recorder(store, settings.replay_dir).record(played)
    _evaluate(store)
    with store.write() as connection:
        costs = update(Participant).where(Participant.model_id.is_not(None))
        connection.execute(costs.values(cost=Decimal("0.000000000003"), input_tokens=5))
    _call(store)
    void(store, [played[VOID].uuid], actor="tester", reason="a test")
    take_days(store)
    return played


def _pair(number: int) -> tuple[str, str]:
    """Everybody meets everybody, in both orders."""
    count = len(PLAYERS)
    first = number % count
    return PLAYERS[first], PLAYERS[(first + 1 + number // count % (count - 1)) % count]


def _catalogs(store: Store, folder: Path) -> None:
    stays = [row(f"acme/other{number}", name="Shared") for number in range(3)]
    now = datetime.now(UTC)
    for days, name, price in ((1, OLD_NAME, "0.000002"), (0, "GPT-4o", "0.0000015")):
        content = body(row(MODEL, name=name, prompt=price), *stays)
        at = now - timedelta(days=days)
        sync_catalog(store, content, source="test", fetched_at=at, catalog_dir=folder)


def _give_models(store: Store) -> dict[str, int]:
    slugs = dict(zip(PLAYERS[len(BOTS) :], (MODEL, "acme/other1"), strict=True))
    with store.write() as connection:
        ids = {
            alias: connection.execute(select(Model.id).where(Model.slug == slug)).scalar_one()
            for alias, slug in slugs.items()
        }
        for alias, model in ids.items():
            connection.execute(update(Agent).where(Agent.alias == alias).values(model_id=model))
    return ids


def _call(store: Store) -> None:
    """Each seat of a model was called twice: answered by one of two hosts, and in vain."""
    with store.write() as connection:
        seats = connection.execute(
            select(Participant.match_id, Participant.slot, Participant.model_id)
            .where(Participant.model_id.is_not(None))
            .order_by(Participant.match_id, Participant.slot)
        ).all()
        of_all: dict[str, Any] = {"step": 0, "gateway": "openrouter", "client_name": MODEL}
        answered: dict[str, Any] = {
            "cost_billed": Decimal("0.000000000003"),
            "prompt_tokens": 5,
            "error_kind": None,
        }
        in_vain: dict[str, Any] = {
            "cost_billed": None,
            "prompt_tokens": None,
            "error_kind": "server",
        }
        connection.execute(
            insert(LlmCall),
            [
                {
                    **of_all, **came, "attempt": attempt, "match_id": seat.match_id,
                    "slot": seat.slot, "model_id": seat.model_id, "started_at": datetime.now(UTC),
                    "host": f"Host {number % 2}", "duration_ms": 100.0 * (number % 2 + 1),
                }
                for number, seat in enumerate(seats)
                for attempt, came in enumerate((in_vain, answered), start=1)
            ],
        )  # fmt: skip


def _evaluate(store: Store) -> None:
    """One is ranked, one was tried twice, one agent plays no more."""
    with store.write() as connection:
        agents = connection.execute(select(Agent.alias, Agent.id))
        ids = {row.alias: row.id for row in agents}
        ladder = connection.execute(select(Ladder.id).where(Ladder.name == "snake")).scalar_one()
        states = (("greedy", 1, "ranked"), ("flood", 1, "failed"), ("flood", 2, "queued"))
        connection.execute(
            insert(Evaluation),
            [
                {
                    "agent_id": ids[alias],
                    "ladder_id": ladder,
                    "attempt": attempt,
                    "state": state,
                    "planned": 10,
                    "queued_at": datetime.now(UTC),
                }
                for alias, attempt, state in states
            ],
        )
        connection.execute(update(Agent).where(Agent.alias == "random").values(active=False))
