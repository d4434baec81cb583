"""Models that the models file brings in itself, and what they cost.

What the catalog lists too is the catalog's: the file's prices are then an override, as
`registry.declared.overrides` writes it, unless they are those of another gateway. A model taken out
of the file stays, without a gateway to call it by, and comes back as itself.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime, time
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, insert, select, update

from arena_pipeline.registry.declared.entries import BootstrapEntry, DatedPriceEntry
from arena_pipeline.registry.gateways import OPENROUTER
from arena_pipeline.store.tables import Model, ModelAlias, ModelPrice, ModelSource


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """What became of the entries: slugs that came in, slugs that changed, by the slug of each entry
    that of its model, and what the file says instead of the catalog's prices.
    """

    added: tuple[str, ...]
    changed: tuple[str, ...]
    slugs: Mapping[str, str]
    overridden: Mapping[str, DatedPriceEntry]


@dataclass(frozen=True, slots=True)
class _Known:
    id: int
    slug: str
    source: str
    last_seen_at: datetime | None
    removed_at: datetime | None
    display_name: str
    gateway: str | None
    client_name: str | None
    context_length: int | None
    max_completion_tokens: int | None
    price_prompt: Decimal | None
    price_completion: Decimal | None

    @property
    def is_ours(self) -> bool:
        """Whether this file brought it in."""
        return self.source == ModelSource.YAML

    @property
    def is_listed(self) -> bool:
        """Whether the catalog answers for it: one of its own, or one that it lists now."""
        seen = self.last_seen_at is not None
        return self.source == ModelSource.OPENROUTER or (seen and self.removed_at is None)


def write_bootstrap(
    connection: Connection,
    entries: Sequence[BootstrapEntry],
    now: datetime,
    catalog_gateway: str = OPENROUTER,
) -> Bootstrap:
    """Make the models that the file brings in exist and be as it says.

    An entry stands for the model of that slug, else for the one model known by it as another name,
    else for a new one; of several for one model the first decides. Safe to repeat; call it within
    `registry_write`.
    """
    columns = (getattr(Model, field.name) for field in fields(_Known))
    known = {row.slug: _Known(*row) for row in connection.execute(select(*columns))}
    slugs = _slugs(connection, [entry.slug for entry in entries], known)
    added, changed = [], []
    overridden: dict[str, DatedPriceEntry] = {}
    first: dict[str, str] = {}
    for entry in entries:
        model = known.get(slugs[entry.slug])
        if model is None:
            _insert(connection, entry, now)
            added.append(entry.slug)
            continue
        is_first = first.setdefault(model.slug, entry.slug) == entry.slug
        called, facts = _callable(entry, model, catalog_gateway), _facts(entry, model)
        if is_first and _update(connection, model, called | facts):
            changed.append(model.slug)
        is_its_price = entry.gateway == called.get("gateway", model.gateway)
        if is_first and facts:
            _write_price(connection, model.id, entry.prices, now)
        elif entry.prices is not None and not facts and is_its_price:
            overridden.setdefault(model.slug, entry.prices)
    changed += _withdraw(connection, known, set(slugs.values()), catalog_gateway)
    return Bootstrap(tuple(added), tuple(changed), slugs, overridden)


def _slugs(
    connection: Connection, wanted: Collection[str], known: Mapping[str, _Known]
) -> dict[str, str]:
    """By slug of an entry, the slug of the model it stands for."""
    names = [slug for slug in wanted if slug not in known]
    bearers: dict[str, set[str]] = {}
    if names:
        statement = (
            select(ModelAlias.alias, Model.slug)
            .join(Model, Model.id == ModelAlias.model_id)
            .where(ModelAlias.alias.in_(names))
        )
        for name, slug in connection.execute(statement):
            bearers.setdefault(name, set()).add(slug)
    only = {name: slugs.pop() for name, slugs in bearers.items() if len(slugs) == 1}
    return {slug: only.get(slug, slug) for slug in wanted}


def _insert(connection: Connection, entry: BootstrapEntry, now: datetime) -> None:
    prices = entry.prices
    model_id = connection.execute(
        insert(Model)
        .values(
            slug=entry.slug,
            source=str(ModelSource.YAML),
            vendor=entry.slug.partition("/")[0],
            discovered_at=now,
            **_own_gateway(entry),
            **_own_facts(entry),
        )
        .returning(Model.id)
    ).scalar_one()
    if prices is not None:
        _write_price(connection, model_id, prices, now)


def _callable(entry: BootstrapEntry, model: _Known, catalog_gateway: str) -> dict[str, Any]:
    """By which gateway and name it is called: for the file to say of its own models, and of those
    that nothing else makes callable.
    """
    own = _own_gateway(entry)
    if model.is_ours and model.is_listed:
        return {"gateway": catalog_gateway, "client_name": model.slug}
    if model.is_ours and entry.gateway != OPENROUTER:
        # Gone from the catalog, it can still be called there.
        return own | {"last_seen_at": None, "removed_at": None}
    if model.is_ours:
        return own
    if model.is_listed:
        return {}
    return {name: value for name, value in own.items() if getattr(model, name) is None}


def _facts(entry: BootstrapEntry, model: _Known) -> dict[str, Any]:
    return _own_facts(entry) if model.is_ours and not model.is_listed else {}


def _own_gateway(entry: BootstrapEntry) -> dict[str, Any]:
    return {"gateway": entry.gateway, "client_name": entry.client_name or entry.slug}


def _own_facts(entry: BootstrapEntry) -> dict[str, Any]:
    return {
        "display_name": entry.name or entry.slug.rpartition("/")[2],
        "context_length": entry.context_length,
        "max_completion_tokens": entry.max_completion_tokens,
        "price_prompt": entry.prices.prompt if entry.prices else None,
        "price_completion": entry.prices.completion if entry.prices else None,
    }


def _withdraw(
    connection: Connection,
    known: Mapping[str, _Known],
    declared: Collection[str],
    catalog_gateway: str,
) -> list[str]:
    """Models of this file that it no longer brings in are called as the catalog says, or not."""
    withdrawn = []
    for slug, model in known.items():
        if not model.is_ours or slug in declared:
            continue
        wanted: dict[str, Any] = {"gateway": None}
        if model.is_listed:
            wanted = {"gateway": catalog_gateway, "client_name": slug}
        if _update(connection, model, wanted):
            withdrawn.append(slug)
    return withdrawn


def _update(connection: Connection, model: _Known, wanted: Mapping[str, Any]) -> bool:
    values = {name: value for name, value in wanted.items() if getattr(model, name) != value}
    if values:
        connection.execute(update(Model).where(Model.id == model.id).values(**values))
    return bool(values)


def _write_price(
    connection: Connection, model_id: int, prices: DatedPriceEntry | None, now: datetime
) -> None:
    """Continue the model's price history if this is not what it says last."""
    last = connection.execute(
        select(ModelPrice.valid_from, ModelPrice.price_prompt, ModelPrice.price_completion)
        .where(ModelPrice.model_id == model_id)
        .order_by(ModelPrice.valid_from.desc())
        .limit(1)
    ).first()
    values = {
        "price_prompt": prices.prompt if prices else None,
        "price_completion": prices.completion if prices else None,
    }
    if prices is None and last is None:
        return
    if last and (last.price_prompt, last.price_completion) == tuple(values.values()):
        return
    valid_from = _since(prices, now)
    if last and last.valid_from == valid_from:
        same = (ModelPrice.model_id == model_id, ModelPrice.valid_from == valid_from)
        connection.execute(update(ModelPrice).where(*same).values(**values))
        return
    if last and last.valid_from > valid_from:
        valid_from = now
    connection.execute(
        insert(ModelPrice).values(model_id=model_id, valid_from=valid_from, **values)
    )


def _since(prices: DatedPriceEntry | None, now: datetime) -> datetime:
    if prices is None or prices.since is None:
        return now
    return min(datetime.combine(prices.since, time(), UTC), now)
