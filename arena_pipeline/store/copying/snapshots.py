"""The store as it was before a migration, kept as one SQLite file at the old revision.

It is made within the migration's lock, so that it holds exactly what is migrated, and without it
the migration does not run. Whoever wants to go back opens it with the program it was made by.
"""

import hashlib
import os
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import URL, Connection, text

from arena_pipeline.errors import StoreError
from arena_pipeline.store.copying.digests import connection_digests
from arena_pipeline.store.copying.shapes import quoted, shapes
from arena_pipeline.store.copying.stores import copy_tables
from arena_pipeline.store.engine import Store, open_store
from arena_pipeline.store.migrate import upgrade, version

_BESIDE = ("", "-journal", "-wal", "-shm")
"""Endings of the files that SQLite makes for one database."""


def snapshot_before(
    store: Store, connection: Connection, folder: Path, present: str, revision: str
) -> Path:
    """Keep the store, which is at revision `present`, in `folder` before it goes to `revision`.

    `connection` is the migration's transaction: nothing was changed in it, and it keeps other
    writers out. The file is made beside, checked (SQLite's own check, and every table's digest
    against the store) and moved into place: who is killed leaves none, and the next one clears up.

    Returns its path. Raises StoreError saying how to go on when it can't be made.
    """
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
    path = folder / f"before-{revision}-{stamp}.sqlite3"
    # One name for each store: its lock is held, so whoever left a part under it is gone.
    part = folder / f".before-{hashlib.sha256(store.address.encode()).hexdigest()[:16]}.part"
    try:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            _remove(part)
            if store.is_sqlite:
                _copy_file(store, part)
            else:
                _copy_rows(connection, part, present)
            _check(connection, part, present)
            _keep(part, path)
        finally:
            _remove(part)
    except (OSError, sqlite3.Error, StoreError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise StoreError(
            f"The store {store.address} stays at version {present}, because it could not be kept "
            f"in {folder} before its migration to {revision} ({reason}). Make room there, or set "
            "ARENA_BACKUP_DIR to another folder, and try again"
        ) from error
    return path


def _copy_file(store: Store, part: Path) -> None:
    """SQLite's own copy in one step, through another connection than the one that holds the lock:
    SQLite refuses it through that.
    """
    connection = store.engine.raw_connection()
    try:
        with closing(sqlite3.connect(part)) as into:
            connection.driver_connection.backup(into)  # type: ignore[union-attr]
            into.execute("PRAGMA journal_mode = DELETE")
    finally:
        connection.close()


def _copy_rows(connection: Connection, part: Path, present: str) -> None:
    tables = shapes(present)
    names = ", ".join(quoted(shape.table) for shape in tables)
    connection.execute(text(f"LOCK TABLE {names} IN SHARE MODE"))
    with closing(_open(part)) as into, into.write() as writing:
        upgrade(writing, present)
        copy_tables(connection, writing, tables)


def _check(connection: Connection, part: Path, present: str) -> None:
    """Raise StoreError unless the file is sound and holds what the store holds."""
    with closing(_open(part)) as copy:
        if version(copy) != present:
            raise StoreError(f"its copy is at version {version(copy)}")
        with copy.read() as reading:
            found = reading.scalar(text("PRAGMA integrity_check"))
            if found != "ok":
                raise StoreError(f"its copy is damaged: {found}")
            tables = shapes(present)
            kept = connection_digests(reading, tables)
        stored = connection_digests(connection, tables)
    if differing := [name for name in kept if kept[name] != stored[name]]:
        raise StoreError(f"its copy differs in {', '.join(differing)}")


def _keep(part: Path, path: Path) -> None:
    with part.open("rb") as file:
        os.fsync(file.fileno())
    part.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _remove(part: Path) -> None:
    for ending in _BESIDE:
        part.with_name(part.name + ending).unlink(missing_ok=True)


def _open(path: Path) -> Store:
    return open_store(URL.create("sqlite", database=str(path)).render_as_string())
