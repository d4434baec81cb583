"""When a model was away from the catalog."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ScalarSelect, select

from arena_pipeline.catalog.diff import ChangeKind
from arena_pipeline.registry.history.asking import Question, about
from arena_pipeline.store import Store
from arena_pipeline.store.tables import CatalogChange, CatalogSnapshot, Model


@dataclass(frozen=True, slots=True)
class Absence:
    """A time in which no catalog listed the model: from `since` until before `until` (None: still
    away).
    """

    since: datetime
    until: datetime | None


def absences(store: Store, slug: str) -> tuple[Absence, ...]:
    """When the model was away, oldest first; the last has no end while it is away still.

    Models that didn't come from the catalog are never away. One that only a sample listed is away
    from the first real catalog on.
    """

    def comings_and_goings(slug: str) -> Question:
        moved = (CatalogChange.slug == Model.slug) & CatalogChange.kind.in_(
            [str(ChangeKind.REMOVED), str(ChangeKind.RETURNED)]
        )
        return (
            select(
                Model.removed_at,
                CatalogChange.kind,
                CatalogSnapshot.fetched_at,
                _first_real_catalog(),
            )
            .outerjoin(CatalogChange, moved)
            .outerjoin(CatalogSnapshot, CatalogSnapshot.id == CatalogChange.snapshot_id)
            .where(Model.slug == slug)
            .order_by(CatalogChange.snapshot_id)
        )

    rows = about(store, slug, comings_and_goings)
    removed_at, *_, first_catalog = rows[0]
    found = list(_closed(((kind, at) for _, kind, at, _ in rows), first_catalog))
    return (*found, Absence(removed_at, None)) if removed_at else tuple(found)


def _first_real_catalog() -> ScalarSelect[datetime]:
    return (
        select(CatalogSnapshot.fetched_at)
        .where(CatalogSnapshot.accepted, CatalogSnapshot.is_sample.is_(False))
        .order_by(CatalogSnapshot.id)
        .limit(1)
        .scalar_subquery()
    )


def _closed(
    events: Iterable[tuple[str | None, datetime]], first_catalog: datetime
) -> Iterable[Absence]:
    """Each removal with the return after it, in the order in which the catalogs were taken over.

    A return without a removal is that of a model which only a sample had listed. A catalog older
    than the one before it can end an absence before its beginning: that was none.
    """
    since = first_catalog
    for kind, at in events:
        if kind == ChangeKind.REMOVED:
            since = at
        elif kind == ChangeKind.RETURNED and since < at:
            yield Absence(since, at)
