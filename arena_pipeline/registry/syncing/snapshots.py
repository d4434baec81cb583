"""Rows of fetched catalogs: which was the last one, and writing down the next.

What belongs here: table `catalog_snapshots`. The files are in `catalog.archive`.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select

from arena_pipeline.catalog.diff import CatalogDiff, ChangeKind
from arena_pipeline.store import Store
from arena_pipeline.store.tables import CatalogChange, CatalogSnapshot, Model


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One catalog as it was taken over, or refused with a reason."""

    id: int
    fetched_at: datetime
    source: str
    digest: str
    file: str | None
    etag: str | None
    is_sample: bool
    accepted: bool
    reason: str | None
    models: int


_COLUMNS = tuple(getattr(CatalogSnapshot, name) for name in Snapshot.__slots__)


def last_accepted(store: Store) -> Snapshot | None:
    """The catalog whose models the store lists now; None before the first one."""
    with store.read() as connection:
        return newest(connection, accepted=True)


def last_checked(store: Store) -> datetime | None:
    """When the catalog was last looked at with success, also if nothing had changed; samples don't
    count.
    """
    with store.read() as connection:
        last = newest(connection, accepted=True)
        if last is None or last.is_sample:
            return None
        seen: datetime | None = connection.scalar(
            select(func.max(Model.last_seen_at)).where(Model.source == "openrouter")
        )
        return max(filter(None, (last.fetched_at, seen)))


def snapshots(store: Store, limit: int = 50) -> tuple[Snapshot, ...]:
    """The last catalogs, newest first, refused ones included."""
    statement = select(*_COLUMNS).order_by(CatalogSnapshot.id.desc()).limit(limit)
    with store.read() as connection:
        return tuple(Snapshot(*row) for row in connection.execute(statement))


def newest(connection: Connection, *, accepted: bool | None = None) -> Snapshot | None:
    """The last row, or the last one that was accepted, or refused."""
    statement = select(*_COLUMNS).order_by(CatalogSnapshot.id.desc()).limit(1)
    if accepted is not None:
        statement = statement.where(CatalogSnapshot.accepted == accepted)
    row = connection.execute(statement).first()
    return Snapshot(*row) if row else None


def add(connection: Connection, **values: Any) -> int:
    """Write one row and return its id."""
    statement = insert(CatalogSnapshot).values(**values).returning(CatalogSnapshot.id)
    return int(connection.execute(statement).scalar_one())


def add_changes(connection: Connection, snapshot_id: int, difference: CatalogDiff) -> None:
    """Write down every single change that a snapshot brought."""
    flipped = {change.slug for change in difference.flipped}
    rows = [
        {
            "snapshot_id": snapshot_id,
            "slug": slug,
            "kind": str(kind),
            "before": before,
            "after": after,
            "is_flip": kind is ChangeKind.REPRICED and slug in flipped,
        }
        for kind, slug, before, after in difference.changes()
    ]
    if rows:
        connection.execute(insert(CatalogChange), rows)
