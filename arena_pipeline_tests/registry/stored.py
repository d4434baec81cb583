"""What the store holds about one model, for tests of what is written."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select, update

from arena_pipeline.store import Store
from arena_pipeline.store.tables import (
    Agent,
    CatalogSnapshot,
    Gateway,
    Model,
    ModelAlias,
    ModelPrice,
)
from arena_pipeline_tests.registry.days import everything

PricePoint = tuple[datetime, Decimal | None, Decimal | None, int | None]


def stored(store: Store, slug: str, *names: str) -> tuple[Any, ...]:
    """These columns of a model."""
    columns = [getattr(Model, name) for name in names]
    with store.read() as connection:
        return tuple(connection.execute(select(*columns).where(Model.slug == slug)).one())


def put(store: Store, slug: str, **values: Any) -> None:
    """Set columns of a model, as somebody else would."""
    with store.write() as connection:
        connection.execute(update(Model).where(Model.slug == slug).values(**values))


def history(store: Store, slug: str) -> list[PricePoint]:
    """Every price on record, oldest first."""
    with store.read() as connection:
        found = connection.execute(
            select(
                ModelPrice.valid_from,
                ModelPrice.price_prompt,
                ModelPrice.price_completion,
                ModelPrice.snapshot_id,
            )
            .join(Model, Model.id == ModelPrice.model_id)
            .where(Model.slug == slug)
            .order_by(ModelPrice.valid_from)
        )
        return [(at, prompt, completion, by) for at, prompt, completion, by in found]


def registry_rows(store: Store) -> list[list[Any]]:
    """Everything the registry keeps."""
    return everything(store, Model, ModelAlias, ModelPrice, Agent, Gateway, CatalogSnapshot)
