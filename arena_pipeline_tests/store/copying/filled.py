"""An arena with everything in it that databases like to change: for tests that copy it."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import insert, update

from arena_pipeline.matches.plan import TurnRecord
from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.store import Store
from arena_pipeline.store.tables import (
    Base,
    CatalogChange,
    CatalogSnapshot,
    LlmCall,
    Model,
    ModelPrice,
    Notice,
    Prompt,
    Spend,
    StandingDay,
)
from arena_pipeline_tests.agents import add_agents, finished_match

NOON = datetime(2026, 11, 1, 12, 0, 0, 1, tzinfo=UTC)

TEXT = 'tab\t line\nbreak\r back\\slash \\N \\. quote\' "double" é 日本 🂡 \u2028 \u202e'

JSON: dict[str, Any] = {
    "b": [1, 1.0, 1.5, -0.0, 0.1, 1e22, 5e-324, 2**53 + 1, 2**70],
    "a": {"z": None, "y": True, "é": TEXT, "": [], "nested": [{"k": {}}]},
    "price": "0.10",
    "aa": "1.0",
}

PRICES = ("0", "0.08333333333333334", "0.00000008333333333333334", "600", "123456789.1")


def fill(store: Store, replays: Path) -> None:
    """Bots that have played, a match that is under way, and odd values in every kind of column."""
    agents = add_agents(store, "anna", "bert", "cleo")
    recorder = Recorder(store, replays)
    recorder.record(
        [
            finished_match(
                store, [agents["anna"], agents["bert" if seed % 2 else "cleo"]], seed=seed
            )
            for seed in range(6)
        ]
    )
    begun = finished_match(store, [agents["bert"], agents["cleo"]], seed=9)
    match = recorder.open(
        begun.plan, begun.seats, begun.initial, journal_owner="me", lease=timedelta(hours=1)
    )
    for slot in (0, 1):
        match.append(TurnRecord(0, slot, "UP", rationale=TEXT))
    _add(
        store,
        LlmCall,
        {"match_id": 7, "step": 0, "slot": 0, "attempt": 1, "gateway": "openrouter"}
        | {"client_name": "acme/one", "started_at": NOON, "cost_billed": Decimal("0.000000000001")}
        | {"first_byte_ms": 1 / 3, "duration_ms": 1e17, "payload": TEXT * 50},
    )
    _add_catalog(store)
    _add_prompts(store)
    for day in range(3):
        _add(store, Spend, _spend(NOON + timedelta(days=day), Decimal("9000000.123456789012")))
    _add(store, StandingDay, _standing_day("anna", 1 / 3), _standing_day("Ünal", 1e-300))
    _add(
        store,
        Notice,
        {"key": "a:1", "kind": "test", "created_at": NOON, "happened_at": NOON, "title": TEXT}
        | {"body": {"list": [JSON]}, "next_attempt_at": NOON},
    )


def _add_catalog(store: Store) -> None:
    row: dict[str, Any] = {"source": "openrouter", "vendor": "acme", "discovered_at": NOON}
    models = [
        row | {"slug": f"acme/{n}", "display_name": TEXT, "price_prompt": Decimal(price)}
        for n, price in enumerate(PRICES)
    ]
    _add(store, Model, *(one | {"details": JSON} for one in models))
    _add(
        store,
        CatalogSnapshot,
        {"fetched_at": NOON, "source": TEXT, "digest": "0" * 64, "accepted": True, "models": 5}
        | {"skipped": [TEXT, 1, None, 2.50]},
    )
    _add(
        store,
        CatalogChange,
        *(
            {"snapshot_id": 1, "slug": "acme/0", "kind": "repriced", "before": before}
            for before in (None, {}, JSON)
        ),
    )
    _add(
        store,
        ModelPrice,
        *(
            {"model_id": 1, "valid_from": NOON + timedelta(days=n), "price_prompt": Decimal(price)}
            | {"details": {"tiers": [float(price)]}}
            for n, price in enumerate(PRICES)
        ),
    )


def _add_prompts(store: Store) -> None:
    """Two, of which the older one was forked from the newer."""
    prompt = {"name": "p", "game": "snake", "text": TEXT, "created_at": NOON}
    _add(store, Prompt, *(prompt | {"version": n, "digest": str(n)} for n in (1, 2)))
    with store.write() as connection:
        connection.execute(update(Prompt).where(Prompt.id == 1).values(forked_from=2))


def _spend(window: datetime, spent: Decimal) -> dict[str, Any]:
    return {"budget": "all", "window_start": window, "reserved": Decimal(0), "spent": spent}


def _standing_day(competitor: str, elo: float) -> dict[str, Any]:
    numbers = ("epoch", "sequence", "position", "matches", "wins", "losses", "ties", "score_total")
    return {
        "ladder_id": 1,
        "day": date(2026, 2, 28),
        "competitor": competitor,
        "taken_at": NOON,
        "elo": elo,
        **dict.fromkeys(numbers, 1),
    }


def _add(store: Store, table: type[Base], *rows: dict[str, Any]) -> None:
    with store.write() as connection:
        connection.execute(insert(table), list(rows))
