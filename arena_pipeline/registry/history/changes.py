"""What each catalog changed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from arena_pipeline.catalog.diff import ChangeKind
from arena_pipeline.errors import NotFound
from arena_pipeline.registry.history.asking import about, moment_of
from arena_pipeline.registry.names import nearest
from arena_pipeline.store import Store
from arena_pipeline.store.tables import CatalogChange, CatalogSnapshot


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One thing that a catalog changed about one model; `at` is when that catalog was fetched."""

    at: datetime
    slug: str
    kind: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    is_flip: bool
    snapshot_id: int
    source: str


def changes(
    store: Store,
    *,
    since: datetime | None = None,
    slug: str | None = None,
    kind: ChangeKind | str | None = None,
    limit: int | None = None,
) -> tuple[ChangeRow, ...]:
    """What the catalogs changed, the catalog taken over last first; within one by kind and slug.

    Raises NotFound for a kind there is not, and for a model nobody has heard of.
    """
    statement = (
        select(
            CatalogSnapshot.fetched_at,
            CatalogChange.slug,
            CatalogChange.kind,
            CatalogChange.before,
            CatalogChange.after,
            CatalogChange.is_flip,
            CatalogChange.snapshot_id,
            CatalogSnapshot.source,
        )
        .join(CatalogSnapshot, CatalogSnapshot.id == CatalogChange.snapshot_id)
        .order_by(CatalogChange.snapshot_id.desc(), CatalogChange.id)
        .limit(limit)
    )
    if since is not None:
        statement = statement.where(CatalogSnapshot.fetched_at >= moment_of(since))
    if kind is not None:
        statement = statement.where(CatalogChange.kind == _known_kind(kind))
    if slug is None:
        with store.read() as connection:
            return tuple(ChangeRow(*row) for row in connection.execute(statement))
    found = about(store, slug, lambda slug: statement.where(CatalogChange.slug == slug))
    return tuple(ChangeRow(*row) for row in found)


def _known_kind(kind: str) -> str:
    if kind not in [*ChangeKind]:
        raise NotFound(f"No change is of kind {kind!r}{nearest(kind, map(str, ChangeKind))}")
    return str(kind)
