"""What a catalog changes, seen from the store. Pure: rows that were read, and a parsed catalog.

Reading and writing those rows is in `registry.syncing.listing`, comparing two catalogs in
`catalog.diff`.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime

from arena_pipeline.catalog.diff import CatalogDiff, PricePair, diff, price_pair
from arena_pipeline.catalog.snapshot import Catalog
from arena_pipeline.registry.syncing.listing import KnownModel
from arena_pipeline.registry.syncing.snapshots import Snapshot


def listed(known: Mapping[str, KnownModel], last: Snapshot | None) -> dict[str, KnownModel]:
    """The models that the last accepted catalog listed; none if that was no observation.

    A catalog model is listed until it is removed. Others are never removed: they are listed if they
    were seen when the catalog was last looked at.
    """
    if last is None or last.is_sample:
        return {}
    looked_at = last_look(known)
    return {
        slug: model
        for slug, model in known.items()
        if model.last_seen_at
        and not model.removed_at
        and (model.can_be_removed or model.last_seen_at == looked_at)
    }


def last_look(known: Mapping[str, KnownModel]) -> datetime | None:
    """When the last catalog was found to hold; None before the first one.

    The catalog's own models tell, for others may have been seen last in a sample.
    """
    seen = [
        (model.can_be_removed, model.last_seen_at)
        for model in known.values()
        if model.last_seen_at and not model.removed_at
    ]
    return max(seen)[1] if seen else None


def comparable(
    catalog: Catalog, before: Mapping[str, KnownModel], known: Mapping[str, KnownModel]
) -> dict[str, KnownModel]:
    """The models to compare with the catalog, given those listed `before`.

    Models from elsewhere neither vanish when it stops listing them nor return later: once listed,
    they are compared with what was last said about them.
    """
    if not before:
        return {}
    removable = {slug: model for slug, model in before.items() if model.can_be_removed}
    lasting = {
        slug: model
        for slug, model in known.items()
        if not model.can_be_removed and model.last_seen_at and slug in catalog.models
    }
    return removable | lasting


def repriced(catalog: Catalog, then: Mapping[str, KnownModel]) -> dict[int, str]:
    """Models that cost something else than they did: id and slug."""
    return {
        model.id: slug
        for slug, model in then.items()
        if (now := catalog.models.get(slug)) and price_pair(now) != price_pair(model.listing)
    }


def compare(
    catalog: Catalog,
    then: Mapping[str, KnownModel],
    known: Mapping[str, KnownModel],
    recent: Mapping[str, Collection[PricePair]],
) -> CatalogDiff:
    """What the catalog changes about `comparable` models; `recent` is what they cost of late.

    Of the models that returned, those are named too that came back with another one behind them.
    """
    difference = diff(
        Catalog.of(model.listing for model in then.values()),
        catalog,
        known={slug for slug, model in known.items() if model.removed_at},
        recent=recent,
    )
    back = diff(Catalog.of(known[slug].listing for slug in difference.returned), catalog)
    repointed = sorted((*difference.repointed, *back.repointed), key=lambda change: change.slug)
    return replace(difference, repointed=tuple(repointed))
