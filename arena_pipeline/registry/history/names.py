"""Under which names models were ever known."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select

from arena_pipeline.registry.history.asking import Question, about, of_model
from arena_pipeline.registry.models import resolve
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Model, ModelAlias


@dataclass(frozen=True, slots=True)
class NameSeen:
    """A name beside the slug, where it was seen, and when first and last."""

    name: str
    origin: str
    first_seen_at: datetime
    last_seen_at: datetime


@dataclass(frozen=True, slots=True)
class AliasRow:
    """One name of one model. Several models may have borne the same."""

    alias: str
    model: str
    origin: str
    first_seen_at: datetime
    last_seen_at: datetime


_SEEN = (ModelAlias.origin, ModelAlias.first_seen_at, ModelAlias.last_seen_at)


def names(store: Store, slug: str) -> tuple[NameSeen, ...]:
    """Every name beside the slug under which the model was ever known, oldest first."""

    def seen(slug: str) -> Question:
        borne = of_model(slug, ModelAlias, ModelAlias.alias, *_SEEN)
        return borne.order_by(ModelAlias.first_seen_at, ModelAlias.alias, ModelAlias.origin)

    rows = about(store, slug, seen)
    return tuple(NameSeen(*row) for row in rows if row[0] is not None)


def all_aliases(
    store: Store, *, name: str | None = None, ambiguous: bool = False
) -> tuple[AliasRow, ...]:
    """Every name beside the slugs, by name; `ambiguous`: only those of several models.

    `name` keeps the models called so, or if it is a slug, that model's names. Raises NotFound for a
    name nobody ever bore.
    """
    statement = (
        select(ModelAlias.alias, Model.slug, *_SEEN)
        .join(Model, Model.id == ModelAlias.model_id)
        .order_by(ModelAlias.alias, Model.slug, ModelAlias.origin)
    )
    if name is not None:
        called_so = select(Model.id).where(Model.slug == name).scalar_subquery()
        statement = statement.where(or_(ModelAlias.alias == name, ModelAlias.model_id == called_so))
    if ambiguous:
        shared = select(ModelAlias.alias).group_by(ModelAlias.alias)
        several = func.count(ModelAlias.model_id.distinct()) > 1
        statement = statement.where(ModelAlias.alias.in_(shared.having(several)))
    with store.read() as connection:
        rows = connection.execute(statement).all()
        if name is not None and not rows:
            resolve(connection, name)
    return tuple(AliasRow(*row) for row in rows)
