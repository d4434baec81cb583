"""What a model cost, and when. The catalog's word, whatever somebody put in its place."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select

from arena_pipeline.registry.history.asking import Question, about, moment_of, of_model
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Model, ModelPrice


@dataclass(frozen=True, slots=True)
class PricePoint:
    """What a model cost from `valid_from` on: USD per million tokens, None where unknown.

    `other_prices` are the catalog's other price keys as they came; a point may differ from the one
    before it in these alone. `snapshot_id` is None where no catalog said so.
    """

    valid_from: datetime
    price_prompt: Decimal | None
    price_completion: Decimal | None
    snapshot_id: int | None
    other_prices: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PriceSpan:
    """What the model `slug` cost from `valid_from` until before `valid_to` (None: still)."""

    slug: str
    valid_from: datetime
    valid_to: datetime | None
    price_prompt: Decimal | None
    price_completion: Decimal | None


_COSTS = (ModelPrice.price_prompt, ModelPrice.price_completion)
_POINT = (ModelPrice.valid_from, *_COSTS, ModelPrice.snapshot_id, ModelPrice.details)


def prices(store: Store, slug: str) -> tuple[PricePoint, ...]:
    """The price history of the model that goes by `slug`, oldest first."""

    def history(slug: str) -> Question:
        return of_model(slug, ModelPrice, *_POINT).order_by(ModelPrice.valid_from)

    return _points(about(store, slug, history))


def price_on(store: Store, slug: str, day: date | datetime) -> PricePoint | None:
    """What the model cost at a moment, or at the end of a day (UTC); None before its first price.

    While a model is away its last price stands. Raises ArenaError for a time without a zone.
    """
    by_then = ModelPrice.valid_from <= moment_of(day)

    def in_force(slug: str) -> Question:
        known = of_model(slug, ModelPrice, *_POINT, only=by_then)
        return known.order_by(ModelPrice.valid_from.desc()).limit(1)

    return next(iter(_points(about(store, slug, in_force))), None)


def all_prices(store: Store, *, slug: str | None = None) -> tuple[PriceSpan, ...]:
    """The price history of every model, or of the one that goes by `slug`, each oldest first."""
    following = func.lead(ModelPrice.valid_from, type_=ModelPrice.valid_from.type)
    ends = following.over(partition_by=ModelPrice.model_id, order_by=ModelPrice.valid_from)
    statement = (
        select(Model.slug, ModelPrice.valid_from, ends, *_COSTS)
        .join(Model, Model.id == ModelPrice.model_id)
        .order_by(Model.slug, ModelPrice.valid_from)
    )
    if slug is not None:
        rows = about(store, slug, lambda slug: statement.where(Model.slug == slug))
        return tuple(PriceSpan(*row) for row in rows)
    with store.read() as connection:
        return tuple(PriceSpan(*row) for row in connection.execute(statement))


def _points(rows: Iterable[tuple[Any, ...]]) -> tuple[PricePoint, ...]:
    return tuple(PricePoint(*row) for row in rows if row[0] is not None)
