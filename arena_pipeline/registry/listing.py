"""The models of the store as the catalog last listed them, and writing them anew.

What belongs here: rows of `models`, `model_prices` and `model_aliases` that come from a catalog.
Whether a catalog is believed is decided in `registry.sync`. Flags that people set are never touched
here.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, or_, select, update

from arena_pipeline.catalog.row import CatalogModel
from arena_pipeline.store.tables import AliasOrigin, Model, ModelAlias, ModelPrice, ModelSource

_FACTS = (
    "display_name",
    "price_prompt",
    "price_completion",
    "upstream_created_at",
    "context_length",
    "max_completion_tokens",
    "details",
)
"""Columns of a model that the catalog alone decides."""


@dataclass(frozen=True, slots=True)
class KnownModel:
    """A model of the store beside what a catalog said about it last."""

    id: int
    source: str
    version: int
    discovered_at: datetime
    last_seen_at: datetime | None
    removed_at: datetime | None
    listing: CatalogModel

    @property
    def can_be_removed(self) -> bool:
        """Imports, bots and checkpoints don't come from the catalog and can't vanish from it."""
        return self.source == ModelSource.OPENROUTER


def known_models(connection: Connection) -> dict[str, KnownModel]:
    """Every model of the store by slug."""
    about = (Model.id, Model.source, Model.version)
    times = (Model.discovered_at, Model.last_seen_at, Model.removed_at)
    listing = (Model.slug, *(getattr(Model, name) for name in _FACTS))
    rows = connection.execute(select(*about, *times, *listing)).all()
    known = (KnownModel(*(*row[:6], CatalogModel(*row[6:]))) for row in rows)
    return {model.listing.slug: model for model in known}


def latest_price_time(connection: Connection) -> datetime | None:
    """The newest moment from which a catalog's price is on record."""
    newest: datetime | None = connection.scalar(
        select(func.max(ModelPrice.valid_from)).where(ModelPrice.snapshot_id.is_not(None))
    )
    return newest


def write_models(
    connection: Connection,
    listed: Iterable[CatalogModel],
    known: Mapping[str, KnownModel],
    *,
    repointed: Collection[str],
    at: datetime,
) -> dict[str, int]:
    """Insert new models (untested and inactive) and update the others; returns the id of each by
    slug.
    """
    fresh, changed = [], []
    for model in listed:
        facts = _facts(model)
        if (old := known.get(model.slug)) is None:
            fresh.append(_new_row(model, at) | facts)
            continue
        row = {
            **facts,
            "version": old.version + (model.slug in repointed),
            "discovered_at": min(old.discovered_at, at),
            "removed_at": None,
        }
        if model != old.listing or any(row[name] != getattr(old, name) for name in _KEPT):
            changed.append({"model_id": old.id, **row})
    if changed:
        connection.execute(update(Model).where(Model.id == bindparam("model_id")), changed)
    ids = {slug: old.id for slug, old in known.items()}
    if fresh:
        connection.execute(insert(Model), fresh)
        inserted = select(Model.slug, Model.id).where(
            Model.slug.in_([row["slug"] for row in fresh])
        )
        ids |= {row.slug: row.id for row in connection.execute(inserted)}
    return ids


def write_prices(
    connection: Connection,
    listed: Iterable[CatalogModel],
    known: Mapping[str, KnownModel],
    ids: Mapping[str, int],
    *,
    snapshot_id: int,
    at: datetime,
) -> None:
    """Continue the price history of every model whose prices are not what is on record."""
    recorded = set(connection.scalars(select(ModelPrice.model_id).distinct()))
    rows = [
        {
            "model_id": ids[model.slug],
            "snapshot_id": snapshot_id,
            "valid_from": at,
            "price_prompt": model.price_prompt,
            "price_completion": model.price_completion,
            "details": model.other_prices,
        }
        for model in listed
        if ids[model.slug] not in recorded or _price(model) != _price(known[model.slug].listing)
    ]
    if rows:
        connection.execute(insert(ModelPrice), rows)


def write_aliases(
    connection: Connection, listed: Iterable[CatalogModel], ids: Mapping[str, int], at: datetime
) -> None:
    """Remember under which other names the models were seen; nothing a model was ever called is
    forgotten.
    """
    origins = (str(AliasOrigin.CATALOG_NAME), str(AliasOrigin.CANONICAL_SLUG))
    existing: dict[tuple[int, str, str], int] = {
        (model_id, alias, origin): alias_id
        for alias_id, model_id, alias, origin in connection.execute(
            select(ModelAlias.id, ModelAlias.model_id, ModelAlias.alias, ModelAlias.origin).where(
                ModelAlias.origin.in_(origins)
            )
        )
    }
    names = {
        (ids[model.slug], name, origin)
        for model in listed
        for name, origin in zip((model.name, model.canonical_slug), origins, strict=True)
        if name and name != model.slug
    }
    seen_again = [existing[name] for name in names if name in existing]
    if seen_again:
        _touch_aliases(connection, seen_again, at)
    fresh = [
        {
            "model_id": model_id,
            "alias": alias,
            "origin": origin,
            "first_seen_at": at,
            "last_seen_at": at,
        }
        for model_id, alias, origin in sorted(names - existing.keys())
    ]
    if fresh:
        connection.execute(insert(ModelAlias), fresh)


def mark_seen(connection: Connection, model_ids: Collection[int], at: datetime) -> None:
    """Note that these models were listed at `at`."""
    connection.execute(update(Model).where(Model.id.in_(model_ids)).values(last_seen_at=at))


def mark_all_seen(connection: Connection, since: datetime, at: datetime) -> None:
    """Note that whatever the catalog of time `since` listed is still listed at `at`."""
    connection.execute(
        update(Model)
        .where(Model.removed_at.is_(None), Model.last_seen_at < at)
        .where(or_(Model.source == ModelSource.OPENROUTER, Model.last_seen_at >= since))
        .values(last_seen_at=at)
    )


def mark_removed(connection: Connection, model_ids: Collection[int], at: datetime) -> None:
    """Note that these models are listed no more."""
    if model_ids:
        connection.execute(update(Model).where(Model.id.in_(model_ids)).values(removed_at=at))


def _touch_aliases(connection: Connection, alias_ids: list[int], at: datetime) -> None:
    chosen = update(ModelAlias).where(ModelAlias.id.in_(alias_ids))
    connection.execute(chosen.where(ModelAlias.last_seen_at < at).values(last_seen_at=at))
    connection.execute(chosen.where(ModelAlias.first_seen_at > at).values(first_seen_at=at))


_KEPT = ("version", "discovered_at", "removed_at")


def _facts(model: CatalogModel) -> dict[str, Any]:
    values = (
        model.name, model.price_prompt, model.price_completion, model.created,
        model.context_length, model.max_completion_tokens, model.details,
    )  # fmt: skip
    return dict(zip(_FACTS, values, strict=True))


def _new_row(model: CatalogModel, at: datetime) -> dict[str, Any]:
    return {
        "slug": model.slug,
        "source": str(ModelSource.OPENROUTER),
        "vendor": model.vendor,
        "client_name": model.slug,
        "discovered_at": at,
        "last_seen_at": at,
    }


def _price(model: CatalogModel) -> tuple[object, ...]:
    return model.price_prompt, model.price_completion, model.other_prices
