"""The models of the store as the catalog last listed them, and writing them anew.

What belongs here: rows of `models`, `model_prices` and `model_aliases` that come from a catalog.
Whether a catalog is believed is decided in `registry.syncing.sync`. Flags that people set are never
touched here.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, bindparam, exists, func, insert, or_, select, update
from sqlalchemy.orm import aliased

from arena_pipeline.catalog.diff import PricePair
from arena_pipeline.catalog.row import CatalogModel
from arena_pipeline.registry.gateways import OPENROUTER
from arena_pipeline.registry.syncing.coming_back import take_back
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
    client_name: str | None
    gateway: str | None
    discovered_at: datetime
    last_seen_at: datetime | None
    removed_at: datetime | None
    listing: CatalogModel

    @property
    def can_be_removed(self) -> bool:
        """Imports, bots and checkpoints don't come from the catalog and can't vanish from it; what
        the models file named first can, once the catalog has listed it.
        """
        of_file = self.source == ModelSource.YAML and self.last_seen_at is not None
        return of_file or self.source == ModelSource.OPENROUTER


def known_models(connection: Connection, slugs: Collection[str]) -> dict[str, KnownModel]:
    """By slug, every model that was not removed, and those of `slugs` that were."""
    about = [getattr(Model, name) for name in _ABOUT]
    listing = (Model.slug, *(getattr(Model, name) for name in _FACTS))
    wanted = or_(Model.removed_at.is_(None), Model.slug.in_(slugs))
    rows = connection.execute(select(*about, *listing).where(wanted)).all()
    known = (KnownModel(*(*row[:8], CatalogModel(*row[8:]))) for row in rows)
    return {model.listing.slug: model for model in known}


def prices_since(
    connection: Connection, models: Mapping[int, str], since: datetime
) -> dict[str, set[PricePair]]:
    """By slug, what catalogs said that these models cost at any time from `since` on."""
    if not models:
        return {}
    earlier = aliased(ModelPrice)
    then_in_force = (
        select(func.max(earlier.valid_from))
        .where(earlier.model_id == ModelPrice.model_id, earlier.valid_from < since)
        .where(earlier.snapshot_id.is_not(None))
        .scalar_subquery()
    )
    statement = (
        select(ModelPrice.model_id, ModelPrice.price_prompt, ModelPrice.price_completion)
        .where(ModelPrice.model_id.in_(models), ModelPrice.snapshot_id.is_not(None))
        .where(or_(ModelPrice.valid_from >= since, ModelPrice.valid_from == then_in_force))
    )
    found: dict[str, set[PricePair]] = {slug: set() for slug in models.values()}
    for model_id, prompt, completion in connection.execute(statement):
        found[models[model_id]].add((prompt, completion))
    return found


def write_models(
    connection: Connection,
    listed: Collection[CatalogModel],
    known: Mapping[str, KnownModel],
    *,
    repointed: Collection[str],
    at: datetime,
    gateway: str = OPENROUTER,
) -> dict[str, int]:
    """Insert new models (untested and inactive, called at `gateway`) and update the others; returns
    the id of each by slug. Whoever was retired until the catalog says something else of it is back.
    """
    fresh, changed = [], []
    for model in listed:
        facts = _facts(model)
        if (old := known.get(model.slug)) is None:
            fresh.append(_new_row(model, at, gateway) | facts)
            continue
        row = {
            **facts,
            "upstream_created_at": model.created or old.listing.created,
            "version": old.version + (model.slug in repointed),
            "client_name": old.client_name or model.slug,
            "gateway": old.gateway or gateway,
            "discovered_at": min(old.discovered_at, at),
            "removed_at": None,
        }
        if model != old.listing or any(row[name] != getattr(old, name) for name in _KEPT):
            changed.append({"model_id": old.id, **row})
    if changed:
        connection.execute(update(Model).where(Model.id == bindparam("model_id")), changed)
        take_back(connection, {row["model_id"] for row in changed})
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
    listed: Collection[CatalogModel],
    known: Mapping[str, KnownModel],
    ids: Mapping[str, int],
    *,
    snapshot_id: int,
    at: datetime,
) -> None:
    """Continue the price history of every model whose prices are not what is on record."""
    without = _not_on_record(connection, [ids[model.slug] for model in listed], at)
    rows = {
        ids[model.slug]: {
            "model_id": ids[model.slug],
            "snapshot_id": snapshot_id,
            "valid_from": at,
            "price_prompt": model.price_prompt,
            "price_completion": model.price_completion,
            "details": model.other_prices,
        }
        for model in listed
        if ids[model.slug] in without or _price(model) != _price(known[model.slug].listing)
    }
    if not rows:
        return
    # The models file may have said what a model costs from the same moment on.
    taken = select(ModelPrice.model_id).where(
        ModelPrice.model_id.in_(rows), ModelPrice.valid_from == at
    )
    for model_id in connection.scalars(taken):
        rows[model_id]["valid_from"] = at + timedelta(microseconds=1)
    connection.execute(insert(ModelPrice), list(rows.values()))


def write_aliases(
    connection: Connection, listed: Collection[CatalogModel], ids: Mapping[str, int], at: datetime
) -> None:
    """Remember under which other names the models were seen; nothing a model was ever called is
    forgotten.
    """
    origins = (str(AliasOrigin.CATALOG_NAME), str(AliasOrigin.CANONICAL_SLUG))
    of_these = select(
        ModelAlias.model_id, ModelAlias.alias, ModelAlias.origin,
        ModelAlias.id, (ModelAlias.first_seen_at > at).label("is_late"),
    ).where(
        ModelAlias.origin.in_(origins), ModelAlias.model_id.in_([ids[m.slug] for m in listed])
    )  # fmt: skip
    existing = {(row[0], row[1], row[2]): row for row in connection.execute(of_these)}
    names = {
        (ids[model.slug], name, origin)
        for model in listed
        for name, origin in zip((model.name, model.canonical_slug), origins, strict=True)
        if name and name != model.slug
    }
    seen_again = [existing[name] for name in names & existing.keys()]
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


def call_at(connection: Connection, gateway: str) -> None:
    """The catalog's own models that are called at the gateway that is built in, or at none, are
    called at this one.
    """
    if gateway != OPENROUTER:
        built_in = or_(Model.gateway.is_(None), Model.gateway == OPENROUTER)
        its_own = (Model.source == ModelSource.OPENROUTER, built_in)
        connection.execute(update(Model).where(*its_own).values(gateway=gateway))


def mark_seen(connection: Connection, model_ids: Collection[int], at: datetime) -> None:
    """Note that these models were listed at `at`."""
    connection.execute(update(Model).where(Model.id.in_(model_ids)).values(last_seen_at=at))


def mark_all_seen(connection: Connection, at: datetime) -> None:
    """Note that whatever the last catalog listed is still listed at `at`."""
    is_the_catalogs = Model.source == ModelSource.OPENROUTER
    is_there = and_(Model.removed_at.is_(None), Model.last_seen_at.is_not(None))
    last_look = connection.scalar(
        select(Model.last_seen_at)
        .where(is_there)
        .order_by(is_the_catalogs.desc(), Model.last_seen_at.desc())
        .limit(1)
    )
    connection.execute(
        update(Model)
        .where(is_there, Model.last_seen_at < at)
        .where(or_(is_the_catalogs, Model.last_seen_at == last_look))
        .values(last_seen_at=at)
    )


def mark_removed(connection: Connection, model_ids: Collection[int], at: datetime) -> None:
    """Note that these models are listed no more."""
    if model_ids:
        connection.execute(update(Model).where(Model.id.in_(model_ids)).values(removed_at=at))


def _touch_aliases(connection: Connection, rows: Iterable[Any], at: datetime) -> None:
    """These names were seen at `at`, which may be before they were first seen."""
    seen = update(ModelAlias).where(ModelAlias.id.in_([row.id for row in rows]))
    connection.execute(seen.where(ModelAlias.last_seen_at < at).values(last_seen_at=at))
    if late := [row.id for row in rows if row.is_late]:
        earlier = update(ModelAlias).where(ModelAlias.id.in_(late))
        connection.execute(earlier.values(first_seen_at=at))


def _not_on_record(connection: Connection, model_ids: Collection[int], at: datetime) -> set[int]:
    """Those of the models whose price at `at` is no catalog's word: none is on record, or the
    models file spoke last.
    """
    told, by_catalog = aliased(ModelPrice), ModelPrice.snapshot_id.is_not(None)
    priced = exists().where(ModelPrice.model_id == Model.id, by_catalog)
    never = select(Model.id).where(Model.id.in_(model_ids), ~priced)
    later = exists().where(
        ModelPrice.model_id == told.model_id, by_catalog, ModelPrice.valid_from > told.valid_from
    )
    by_file = select(told.model_id).where(told.snapshot_id.is_(None), told.valid_from <= at, ~later)
    return {*connection.scalars(never), *connection.scalars(by_file)}


_ABOUT = (
    "id", "source", "version", "client_name", "gateway", "discovered_at", "last_seen_at",
    "removed_at",
)  # fmt: skip
"""The other columns of a `KnownModel`, in its order."""

_KEPT = ("version", "client_name", "gateway", "discovered_at", "removed_at")
"""Those of them that change only now and then."""


def _facts(model: CatalogModel) -> dict[str, Any]:
    values = (
        model.name, model.price_prompt, model.price_completion, model.created,
        model.context_length, model.max_completion_tokens, model.details,
    )  # fmt: skip
    return dict(zip(_FACTS, values, strict=True))


def _new_row(model: CatalogModel, at: datetime, gateway: str) -> dict[str, Any]:
    return {
        "slug": model.slug,
        "source": str(ModelSource.OPENROUTER),
        "vendor": model.vendor,
        "client_name": model.slug,
        "gateway": gateway,
        "discovered_at": at,
        "last_seen_at": at,
    }


def _price(model: CatalogModel) -> tuple[object, ...]:
    return model.price_prompt, model.price_completion, model.other_prices
