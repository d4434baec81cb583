"""The registry's writing transaction: one at a time, on both databases.

Sync and models file read the state first and write what differs; two of them at once would both see
the old state.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, text

from arena_pipeline.store import Store

_LOCK_KEY = 0x72656769
"""Advisory lock of the registry on PostgreSQL, released with the transaction ("regi" in ASCII)."""


@contextmanager
def registry_write(store: Store) -> Iterator[Connection]:
    """`store.write()` that excludes other registry writers on PostgreSQL too; SQLite has one writer
    anyway.
    """
    with store.write() as connection:
        if not store.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK_KEY})
        yield connection
