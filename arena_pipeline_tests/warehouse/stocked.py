"""A store with a row in every table, hostile text included, and matches in several months: for
tests that compare the warehouse with it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert, select, update

from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline.store.tables import (
    Agent,
    AuditEntry,
    Base,
    CatalogChange,
    CatalogSnapshot,
    Evaluation,
    Gateway,
    Incident,
    Instance,
    Ladder,
    LlmCall,
    Match,
    Model,
    ModelAlias,
    ModelPrice,
    Prompt,
    PublishedRating,
    Spend,
    StandingDay,
)
from arena_pipeline_tests.agents import NOON, add_agents
from arena_pipeline_tests.matches.writer import matches

HOSTILE = "ü'\";--\\ \N{SNAKE} %s $month ../.. {0} \x1b[31m"
SLUG = "vendor/model-0"
STOCK = 12
"""Matches that `stock` records."""

MONTHS = (
    datetime(2026, 8, 31, 23, 59, 59, 999_999, tzinfo=UTC),
    datetime(2026, 9, 1, tzinfo=UTC),
    datetime(2026, 11, 5, 12, tzinfo=UTC),
)
"""Ends of matches: on both sides of a month's border, and after a month without any."""


def record(
    store: Store, settings: Settings, first: int, last: int, ends: Sequence[datetime] = MONTHS
) -> None:
    """Record the matches with these seeds, spread over `ends`."""
    played = [
        replace(match, started_at=end - timedelta(seconds=9), ended_at=end)
        for number, match in enumerate(matches(store, first, last), start=first)
        for end in [ends[number % len(ends)]]
    ]
    Recorder(store, settings.replay_dir).record(played)


def stock(store: Store, settings: Settings) -> None:
    """Record matches between three agents, and put something into every other table."""
    agents = add_agents(store, "random", "greedy", f"flood {HOSTILE}")
    first = next(iter(agents.values())).agent_id
    with store.write() as connection:
        _add_models(connection, first)
        for table, row in _rows(connection, first).items():
            connection.execute(insert(table), row)
    record(store, settings, 0, STOCK)
    with store.write() as connection:
        match = connection.scalar(select(Match.id).order_by(Match.id).limit(1))
        connection.execute(
            insert(LlmCall),
            [
                {
                    "match_id": match, "step": 0, "slot": 0, "attempt": attempt, "gateway": "g",
                    "client_name": "c", "started_at": NOON, "payload": "secret words",
                    "cost_billed": cost, "duration_ms": 0.1,
                }
                for attempt, cost in ((1, None), (2, Decimal("0.000000000007")))
            ],
        )  # fmt: skip


def files_of(folder: Path) -> dict[str, bytes]:
    """Every Parquet file below `folder`, by its path there."""
    paths = sorted(folder.rglob("*.parquet"))
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


def _add_models(connection: Connection, agent: int | None) -> None:
    prices = (Decimal("0.1000005"), Decimal(0), None)
    models = connection.scalars(
        insert(Model).returning(Model.id),
        [
            {
                "slug": f"vendor/model-{number}", "source": "openrouter",
                "display_name": HOSTILE, "vendor": "vendor", "price_prompt": price,
                "price_completion": None if price is None else price * 3,
                "details": {"nested": [1, None, {"text": HOSTILE}]}, "discovered_at": NOON,
            }
            for number, price in enumerate(prices)
        ],
    ).all()  # fmt: skip
    connection.execute(update(Agent).where(Agent.id == agent).values(model_id=models[0]))


def _rows(connection: Connection, agent: int | None) -> Mapping[type[Base], dict[str, Any]]:
    """A row for each table that neither agents nor matches need."""
    snapshot = connection.scalar(
        insert(CatalogSnapshot).returning(CatalogSnapshot.id),
        {
            "fetched_at": NOON, "source": HOSTILE, "digest": "d", "accepted": True, "models": 2,
            "skipped": [{"row": 1, "reason": HOSTILE}],
        },
    )  # fmt: skip
    model = connection.scalar(select(Model.id).where(Model.slug == SLUG))
    ladder = connection.scalar(select(Ladder.id))
    config = connection.exec_driver_sql("SELECT id FROM game_configs").scalar_one()
    return {
        ModelAlias: {
            "model_id": model, "alias": HOSTILE, "origin": "yaml", "first_seen_at": NOON,
            "last_seen_at": NOON,
        },
        ModelPrice: {
            "model_id": model, "snapshot_id": snapshot, "valid_from": NOON,
            "price_prompt": Decimal("0.000000000001"), "price_completion": Decimal(1_000_000),
        },
        CatalogChange: {
            "snapshot_id": snapshot, "slug": SLUG, "kind": "repriced", "before": {"a": 1.5},
            "after": {"a": None},
        },
        Gateway: {"name": "g", "base_url": "x", "daily_cap": Decimal("1.5"), "updated_at": NOON},
        Prompt: {
            "name": "p", "version": 1, "game": "snake", "digest": "d", "text": HOSTILE,
            "details": {}, "active": True, "created_at": NOON,
        },
        Instance: {
            "config_id": config, "name": "i", "seed": 2**63 - 1, "position": {"x": [1]},
            "digest": "d", "created_at": NOON,
        },
        Evaluation: {
            "agent_id": agent, "ladder_id": ladder, "state": "ranked", "planned": 3,
            "budget": Decimal("0.000000000001"), "queued_at": NOON,
        },
        Incident: {"happened_at": NOON, "kind": "run failed", "error": HOSTILE},
        AuditEntry: {
            "at": NOON, "actor": HOSTILE, "action": "deny", "subject_kind": "model",
            "subject": HOSTILE, "before": None, "after": {"access": "deny"},
        },
        Spend: {
            "budget": "b", "window_start": NOON, "reserved": Decimal(0),
            "spent": Decimal("9000000.123456789012"),
        },
        StandingDay: {
            "ladder_id": ladder, "day": date(2026, 11, 1), "competitor": HOSTILE,
            "taken_at": NOON, "epoch": 1, "sequence": 1, "position": 1, "elo": 1 / 3,
            "matches": 1, "wins": 1, "losses": 0, "ties": 0, "score_total": 0.1,
        },
        PublishedRating: {
            "source_digest": "d", "competitor": HOSTILE, "source_path": HOSTILE, "ladder": "old",
            "kind": "stats", "position": 1, "elo": 1 / 3, "matches": 1, "imported_at": NOON,
        },
    }  # fmt: skip
