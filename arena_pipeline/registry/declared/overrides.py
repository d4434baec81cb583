"""What the models file says about models and gateways, written into the store.

What a person set by command wins over the file, the file over policy and catalog. Whatever is taken
out of the file is taken back, but for names: nothing a model was ever called is forgotten. To be
run after each sync of the catalog too, since patterns hold for new models.

What is wanted of a model is decided in `registry.declared.flags` and `registry.declared.retiring`;
models that only the file knows come in by `registry.declared.bootstrap`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from arena_pipeline.catalog.prices import price_text
from arena_pipeline.registry.declared import flags
from arena_pipeline.registry.declared.bootstrap import Bootstrap, write_bootstrap
from arena_pipeline.registry.declared.entries import ModelOverrides, ModelsFile
from arena_pipeline.registry.declared.flags import ModelFlags
from arena_pipeline.registry.declared.patterns import Patterns, is_pattern
from arena_pipeline.registry.declared.retiring import retirement
from arena_pipeline.registry.gateways import OPENROUTER, write_gateways
from arena_pipeline.registry.transaction import registry_write
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Access, AliasOrigin, Model, ModelAlias

Pair = tuple[Decimal | None, Decimal | None]


@dataclass(frozen=True, slots=True)
class OverridesReport:
    """What the file changed, by slug: access, who may play, prices that count instead of the
    catalog's (None: the catalog's again), retirements, models it brought in; and which slugs of the
    file belong to models nobody knows.
    """

    access: dict[str, Access]
    names_added: int
    unknown: tuple[str, ...]
    active: dict[str, bool] = field(default_factory=dict)
    prices: dict[str, Pair | None] = field(default_factory=dict)
    retired: tuple[str, ...] = ()
    unretired: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    gateways: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As shown to people and programs; prices are USD per million tokens."""
        lists = ("retired", "unretired", "added", "changed", "gateways", "unknown")
        return {
            "access": {slug: str(access) for slug, access in self.access.items()},
            "active": self.active,
            "prices": {
                slug: pair and {"prompt": price_text(pair[0]), "completion": price_text(pair[1])}
                for slug, pair in self.prices.items()
            },
            "names_added": self.names_added,
            **{name: list(getattr(self, name)) for name in lists},
        }


def sync_overrides(
    store: Store,
    models_file: ModelsFile,
    *,
    now: datetime | None = None,
    catalog_gateway: str = OPENROUTER,
) -> OverridesReport:
    """Apply what the file says about gateways and models, in one transaction. `catalog_gateway` is
    where models are called that the catalog lists.

    Safe to repeat and to interrupt; `now` (UTC) is for tests.
    """
    at = now or datetime.now(UTC)
    overrides = models_file.models
    with registry_write(store) as connection:
        gateways = write_gateways(connection, (entry.row for entry in models_file.gateways), at)
        bootstrap = write_bootstrap(connection, overrides.bootstrap, at, catalog_gateway)
        rows = _rows(connection)
        ids = {row.slug: row.id for row in rows}
        decided = _decide(rows, overrides, bootstrap, at)
        _write(connection, ids, decided)
        names = _names(overrides, bootstrap)
        known = {ids[slug]: given for slug, given in names.items() if slug in ids}
        added = _add_names(connection, known, at)
    named = {*names, *(bootstrap.slugs.get(slug, slug) for slug in _slugs(overrides))}
    return _report(rows, decided, bootstrap, gateways, added, tuple(sorted(named - ids.keys())))


def _rows(connection: Connection) -> list[ModelFlags]:
    columns = (getattr(Model, column.name) for column in fields(ModelFlags))
    return [ModelFlags(*row) for row in connection.execute(select(*columns).order_by(Model.slug))]


def _slugs(overrides: ModelOverrides) -> set[str]:
    """What is meant for one model by its slug: a slip there decides about nobody."""
    patterns = (overrides.allow, overrides.deny, overrides.active, overrides.retire.models)
    given = {*overrides.prices, *(pattern for several in patterns for pattern in several)}
    return {text for text in given if not is_pattern(text)}


def _decide(
    rows: Sequence[ModelFlags], overrides: ModelOverrides, bootstrap: Bootstrap, now: datetime
) -> dict[str, dict[str, Any]]:
    """By slug, the columns that are to change."""
    given = (overrides.allow, overrides.deny, overrides.active, overrides.retire.models)
    allow, deny, active, retired = (
        Patterns(bootstrap.slugs.get(pattern, pattern) for pattern in several) for several in given
    )
    prices = {bootstrap.slugs.get(key, key): entry for key, entry in overrides.prices.items()}
    priced = Patterns(prices)
    decided = {}
    for row in rows:
        key = priced.first(row.slug)
        wanted = {
            **flags.access(row, allow, deny),
            **flags.playing(row, active),
            **flags.override(row, prices[key] if key else bootstrap.overridden.get(row.slug)),
            **retirement(row, retired, overrides.retire.removed_days, now),
        }
        if changes := row.changes(wanted):
            decided[row.slug] = changes
    return decided


def _write(
    connection: Connection, ids: Mapping[str, int], decided: Mapping[str, Mapping[str, Any]]
) -> None:
    """Only the columns that change, for others may be written at the same time."""
    alike: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for slug, changes in decided.items():
        alike.setdefault(tuple(sorted(changes)), []).append({"row": ids[slug], **changes})
    for columns, values in alike.items():
        statement = update(Model).where(Model.id == bindparam("row"))
        connection.execute(statement.values({name: bindparam(name) for name in columns}), values)


def _report(
    rows: Sequence[ModelFlags],
    decided: Mapping[str, Mapping[str, Any]],
    bootstrap: Bootstrap,
    gateways: tuple[str, ...],
    names_added: int,
    unknown: tuple[str, ...],
) -> OverridesReport:
    before = {row.slug: row for row in rows}
    retired = {s: c["retired_at"] is not None for s, c in decided.items() if "retired_at" in c}
    priced = ("override_prompt", "override_completion", "override_set_by")
    return OverridesReport(
        access={
            slug: Access(changes.get("access", before[slug].access))
            for slug, changes in decided.items()
            if not changes.keys().isdisjoint(("access", "access_set_by"))
        },
        names_added=names_added,
        unknown=unknown,
        active={s: c["is_active"] for s, c in decided.items() if "is_active" in c},
        prices={
            slug: _pair({name: getattr(before[slug], name) for name in priced} | dict(changes))
            for slug, changes in decided.items()
            if not changes.keys().isdisjoint(priced)
        },
        retired=tuple(slug for slug, is_so in retired.items() if is_so),
        unretired=tuple(slug for slug, is_so in retired.items() if not is_so),
        added=bootstrap.added,
        changed=bootstrap.changed,
        gateways=gateways,
    )


def _pair(override: Mapping[str, Any]) -> Pair | None:
    if override["override_set_by"] is None:
        return None
    return override["override_prompt"], override["override_completion"]


def _names(overrides: ModelOverrides, bootstrap: Bootstrap) -> dict[str, list[str]]:
    """By slug of a model its further names, those of all entries that stand for it."""
    names: dict[str, list[str]] = {}
    for slug, given in overrides.names.items():
        names.setdefault(bootstrap.slugs.get(slug, slug), []).extend(given)
    return names


def _add_names(connection: Connection, names: Mapping[int, Sequence[str]], at: datetime) -> int:
    of_yaml = select(ModelAlias.model_id, ModelAlias.alias).where(
        ModelAlias.origin == AliasOrigin.YAML
    )
    present = {(model_id, alias) for model_id, alias in connection.execute(of_yaml)}
    fresh = [
        {
            "model_id": model_id,
            "alias": name,
            "origin": str(AliasOrigin.YAML),
            "first_seen_at": at,
            "last_seen_at": at,
        }
        for model_id, given in names.items()
        for name in dict.fromkeys(given)
        if (model_id, name) not in present
    ]
    if fresh:
        connection.execute(insert(ModelAlias), fresh)
    return len(fresh)
