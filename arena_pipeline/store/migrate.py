"""Bringing a store to the present version of its tables, by itself and safely beside others doing
the same.

Migrations are Alembic revisions under `store/migrations/versions`, each tested up and down on both
databases.
"""

from collections.abc import Callable
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from arena_pipeline.errors import NoArenaYet, StoreError
from arena_pipeline.store.engine import Store

VERSION_TABLE = "arena_version"
"""Not Alembic's default: Dagster keeps its own versions under that name, perhaps in the same
database.
"""

_LOCK_KEY = 0x6172656E61
"""Advisory lock under which PostgreSQL stores are migrated; released with the transaction ("arena"
in ASCII).
"""


Before = Callable[[Connection, str, str], None]
"""What is done before a store changes: within the migration's transaction, old and new revision."""


def migrate(store: Store, revision: str = "head", before: Before | None = None) -> list[str]:
    """Bring the store to `revision` and return the revisions applied, oldest first; none if it was
    there already.

    One transaction under an exclusive lock: two processes doing it at once do it once, and a killed
    one leaves the old version. `before` is called under that lock when a store that was migrated
    once is about to change; what it raises stops the migration. Raises StoreError for a store
    written by a newer version of this program.
    """
    store.let_readers_in()
    with store.write() as connection:
        lock_version(connection)
        present = checked_version(connection, store)
        target = newest() if revision == "head" else revision
        if present == target:
            return []
        if before is not None and present is not None:
            before(connection, present, target)
        upgrade(connection, target)
        return revisions_until(target, present)


def upgrade(connection: Connection, revision: str) -> None:
    """Bring the tables this connection leads to to `revision`, within its transaction."""
    command.upgrade(_config(connection), revision)


def lock_version(connection: Connection) -> None:
    """Let no other process migrate this store until the transaction ends.

    On SQLite a writing transaction keeps them out already.
    """
    if connection.dialect.name != "sqlite":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK_KEY})


def revisions_until(revision: str, after: str | None = None) -> list[str]:
    """The revisions up to this one, oldest first; only those after `after`, if given."""
    found = _scripts().iterate_revisions(revision, after or "base")
    return [script.revision for script in found][::-1]


def downgrade(store: Store, revision: str = "base") -> None:
    """Take the store back to `revision`; everything newer tables held is lost."""
    with store.write() as connection:
        command.downgrade(_config(connection), revision)


def version(store: Store) -> str | None:
    """The revision the store is at; None if it was never migrated."""
    with store.read() as connection:
        return _current(connection)


def newest() -> str:
    """The revision this program writes."""
    return str(_scripts().get_current_head())


def check_version(store: Store) -> None:
    """Raise StoreError unless the store is exactly at the version this program writes; NoArenaYet
    for an empty one.
    """
    with store.read() as connection:
        current = checked_version(connection, store)
    how = "run: arena up --no-serve"
    if current is None:
        raise NoArenaYet(f"The store {store.address} is empty; {how}")
    if current != newest():
        raise StoreError(
            f"The store {store.address} is at version {current}, this program needs {newest()}; "
            f"{how}"
        )


def checked_version(connection: Connection, store: Store) -> str | None:
    """The revision the store is at; None if it was never migrated. Raises StoreError for one that
    is newer than this program.
    """
    current = _current(connection)
    known = {script.revision for script in _scripts().walk_revisions()}
    if current is not None and current not in known:
        raise StoreError(
            f"The store {store.address} is at version {current}, newer than this program knows "
            f"({newest()}); update arena_pipeline, or point ARENA_DATABASE_URL to another store"
        )
    return current


def known_version(connection: Connection, store: Store) -> str:
    """The revision the store is at. Raises StoreError for a store that was never migrated, or by a
    newer version of this program.
    """
    current = checked_version(connection, store)
    if current is None:
        raise StoreError(f"The store {store.address} is empty; run: arena up --no-serve")
    return current


def _current(connection: Connection) -> str | None:
    context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
    return context.get_current_revision()


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config


@cache
def _scripts() -> ScriptDirectory:
    # Read once: every opening of a store asks it, and the revisions are part of this program.
    return ScriptDirectory(str(Path(__file__).parent / "migrations"))
