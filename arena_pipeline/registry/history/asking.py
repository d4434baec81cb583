"""One statement about one model, whatever name it is asked by."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import QueryableAttribute

from arena_pipeline.errors import ArenaError
from arena_pipeline.registry.models import resolve
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Model, ModelAlias, ModelPrice

Question = Select[*tuple[Any, ...]]


def about(
    store: Store, name: str, question: Callable[[str], Question]
) -> tuple[tuple[Any, ...], ...]:
    """The rows that answer `question` about the model of that slug, else of that alias.

    One statement if the question gives a row for a slug that exists. Raises NotFound and
    AmbiguousName as `models.resolve`.
    """
    with store.read() as connection:
        rows = connection.execute(question(name)).all()
        if not rows and (slug := resolve(connection, name)) != name:
            rows = connection.execute(question(slug)).all()
        return tuple(tuple(row) for row in rows)


def of_model(
    slug: str,
    table: type[ModelPrice | ModelAlias],
    *columns: QueryableAttribute[Any],
    only: ColumnElement[bool] | None = None,
) -> Question:
    """The rows of a table that are about one model; a row of NULLs if there are none."""
    theirs = table.model_id == Model.id
    on = theirs if only is None else theirs & only
    return select(*columns).select_from(Model).outerjoin(table, on).where(Model.slug == slug)


def moment_of(day: date | datetime) -> datetime:
    """A moment as it is, a day as its end (UTC). Raises ArenaError for a time without a zone."""
    if not isinstance(day, datetime):
        return datetime.combine(day, time.max, UTC)
    if day.tzinfo is None:
        raise ArenaError(f"The time {day} has no zone; give it one, as in tzinfo=UTC")
    return day
