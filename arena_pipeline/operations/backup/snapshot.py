"""The store as one SQLite file, as it was at one moment, while everybody goes on writing."""

import sqlite3
from contextlib import closing
from pathlib import Path

from arena_pipeline.errors import StoreError
from arena_pipeline.operations.backup.unpacking import Progress
from arena_pipeline.store import Store, open_store


def snapshot(store: Store, path: Path, progress: Progress | None = None) -> None:
    """Write the store to a new file. On SQLite by its online backup, in one step, so that no writer
    can come in between; on PostgreSQL from one consistent view. Raises StoreError.
    """
    if store.is_sqlite:
        _copy_pages(store, path)
        return
    from arena_pipeline.store.copying import copy_store

    into = open_store(f"sqlite:///{path}")
    try:
        copy_store(store, into, progress)
    finally:
        into.close()


def _copy_pages(store: Store, path: Path) -> None:
    source = store.engine.raw_connection()
    try:
        with closing(sqlite3.connect(path, isolation_level=None)) as into:
            # Nobody else sees this file, and one that was cut short is thrown away.
            into.execute("PRAGMA journal_mode = OFF")
            into.execute("PRAGMA synchronous = OFF")
            source.driver_connection.backup(into)  # type: ignore[union-attr]
    except sqlite3.Error as error:
        raise StoreError(f"The store {store.address} can't be copied to {path}: {error}") from error
    finally:
        source.close()
