"""Models, agents and matches of theirs in the store, for tests of what is expected to be used."""

from datetime import timedelta
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select

from arena_pipeline.registry.models import ModelRow, model_rows
from arena_pipeline.store import Store
from arena_pipeline.store.tables import (
    Agent,
    GameConfig,
    Kind,
    Match,
    Model,
    Participant,
    Prompt,
)
from arena_pipeline_tests.calls.spending.seats import GATEWAY, NOON

REASONS: dict[str, Any] = {"supported_parameters": ["reasoning"]}

_NUMBERS = count(1_000_000)


def add_model(
    store: Store, slug: str, prompt: str = "1", completion: str = "2", **more: Any
) -> int:
    """A model at `GATEWAY` with these prices (USD per million tokens), and its number."""
    values = {
        "slug": slug,
        "source": "yaml",
        "display_name": slug,
        "vendor": slug.partition("/")[0],
        "client_name": slug,
        "gateway": GATEWAY,
        "version": 1,
        "is_active": True,
        "access": "auto",
        "price_prompt": Decimal(prompt),
        "price_completion": Decimal(completion),
        "details": {},
        "discovered_at": NOON,
        **more,
    }
    with store.write() as connection:
        return connection.execute(insert(Model).values(**values).returning(Model.id)).scalar_one()


def add_prompt(store: Store, name: str = "words", game: str = "snake") -> int:
    """A prompt, and its number."""
    values = {
        "name": name, "version": 1, "game": game, "digest": name, "text": "Play.",
        "created_at": NOON,
    }  # fmt: skip
    with store.write() as connection:
        return connection.execute(insert(Prompt).values(**values).returning(Prompt.id)).scalar_one()


def add_agent(
    store: Store, alias: str, model_id: int, prompt_id: int | None = None, **settings: Any
) -> int:
    """An agent that calls a model, and its number."""
    values = {
        "alias": alias,
        "kind": "llm",
        "model_id": model_id,
        "model_version": 1,
        "prompt_id": prompt_id,
        "settings": settings,
        "source": "person",
        "config_digest": alias,
        "created_at": NOON,
    }
    with store.write() as connection:
        connection.execute(_kind(store))
        return connection.execute(insert(Agent).values(**values).returning(Agent.id)).scalar_one()


def row_of(store: Store, model_id: int) -> ModelRow:
    """A model as the registry tells it."""
    with store.read() as connection:
        (row,) = model_rows(connection, Model.id == model_id)
        return row


def config_of(store: Store) -> int:
    """The config that the default ladder is played on."""
    with store.read() as connection:
        return connection.execute(select(GameConfig.id).limit(1)).scalar_one()


def add_match(
    store: Store,
    *seats: dict[str, Any],
    rounds: int | None = 20,
    state: str = "finished",
    evaluation_id: int | None = None,
    config_id: int | None = None,
) -> tuple[int, str]:
    """A match with these seats (columns of participants), and its number and uuid."""
    number = next(_NUMBERS)
    uuid = str(UUID(int=number))
    values = {
        "uuid": uuid,
        "config_id": config_id or config_of(store),
        "purpose": "placement",
        "state": state,
        "rule_version": "1",
        "evaluation_id": evaluation_id,
        "rounds": rounds,
        "ended_at": NOON + timedelta(seconds=number - 1_000_000),
        "replay_missing": "a test",
    }
    with store.write() as connection:
        match_id = connection.execute(
            insert(Match).values(**values).returning(Match.id)
        ).scalar_one()
        for slot, seat in enumerate(seats):
            connection.execute(
                insert(Participant).values(
                    **{"match_id": match_id, "slot": slot, "name": f"seat {slot}", **seat}
                )
            )
    return match_id, uuid


def used(
    agent_id: int | None, model_id: int, read: int = 20_000, wrote: int = 2000, **more: Any
) -> dict[str, Any]:
    """A seat that read and wrote so many tokens."""
    return {
        "agent_id": agent_id,
        "model_id": model_id,
        "input_tokens": read,
        "output_tokens": wrote,
        **more,
    }


def _kind(store: Store) -> Any:
    return store.insert_ignore(Kind).values(name="llm", title="LLM")
