"""Bringing a store to the present version of its tables, by itself and safely beside others doing
the same.

Migrations are Alembic revisions under `store/migrations/versions`, each tested up and down on both
databases.
"""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from arena_pipeline.errors import StoreError
from arena_pipeline.store.engine import Store

VERSION_TABLE = "arena_version"
"""Not Alembic's default: Dagster keeps its own versions under that name, perhaps in the same
database.
"""

_LOCK_KEY = 0x6172656E61
"""Advisory lock under which PostgreSQL stores are migrated; released with the transaction ("arena"
in ASCII).
"""


def migrate(store: Store, revision: str = "head") -> list[str]:
    """Bring the store to `revision` and return the revisions applied, oldest first; none if it was
    there already.

    One transaction under an exclusive lock: two processes doing it at once do it once, and a killed
    one leaves the old version. Raises StoreError for a store written by a newer version of this
    program.
    """
    store.let_readers_in()
    with store.write() as connection:
        if not store.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK_KEY})
        before = _checked_version(connection, store)
        target = _scripts().get_current_head() if revision == "head" else revision
        if before == target:
            return []
        command.upgrade(_config(connection), revision)
        return [
            script.revision
            for script in reversed(
                list(_scripts().iterate_revisions(str(target), before or "base"))
            )
        ]


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
    """Raise StoreError unless the store is exactly at the version this program writes."""
    with store.read() as connection:
        current = _checked_version(connection, store)
    if current != newest():
        state = (
            "is empty"
            if current is None
            else f"is at version {current}, this program needs {newest()}"
        )
        raise StoreError(f"The store {store.address} {state}; run: arena up --no-serve")


def _checked_version(connection: Connection, store: Store) -> str | None:
    current = _current(connection)
    known = {script.revision for script in _scripts().walk_revisions()}
    if current is not None and current not in known:
        raise StoreError(
            f"The store {store.address} is at version {current}, newer than this program knows "
            f"({newest()}); update arena_pipeline, or point ARENA_DATABASE_URL to another store"
        )
    return current


def _current(connection: Connection) -> str | None:
    context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
    return context.get_current_revision()


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config


def _scripts() -> ScriptDirectory:
    return ScriptDirectory(str(Path(__file__).parent / "migrations"))
