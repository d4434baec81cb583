"""Syncing catalogs in tests: days that follow each other, and what the store then says."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from arena_pipeline.registry.syncing.report import SyncReport
from arena_pipeline.registry.syncing.sync import sync_catalog
from arena_pipeline.store import Store
from arena_pipeline_tests.catalog.rows import body

FIRST_DAY = datetime(2026, 1, 1, 6, tzinfo=UTC)


class Days:
    """One catalog a day, taken over into `store`."""

    def __init__(self, store: Store, catalog_dir: Path) -> None:
        self.store, self.catalog_dir = store, catalog_dir
        self.today = FIRST_DAY - timedelta(days=1)

    def next(self, *rows: object, **how: Any) -> SyncReport:
        """The next day's catalog has these rows."""
        return self.next_body(body(*rows), **how)

    def next_body(self, content: bytes, **how: Any) -> SyncReport:
        """The next day's catalog is this."""
        self.today += timedelta(days=1)
        given = {"source": "test", "fetched_at": self.today, "catalog_dir": self.catalog_dir, **how}
        return sync_catalog(self.store, content, **given)


def count(store: Store, table: type[Any], *where: Any) -> int:
    """Rows of a table for which everything in `where` holds."""
    with store.read() as connection:
        found = connection.scalar(select(func.count()).select_from(table).where(*where))
    assert found is not None
    return found


def everything(store: Store, *tables: type[Any]) -> list[list[Any]]:
    """Every row of these tables."""
    with store.read() as connection:
        return [
            sorted(connection.execute(select(table.__table__)).all(), key=lambda row: str(row[0]))
            for table in tables
        ]
