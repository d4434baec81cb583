"""Opening the store: one engine, and the two ways to talk to it, `read` and `write`.

What belongs here: connections and transactions. Tables are in `store.tables`, migrations in
`store.migrate`.
"""

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from sqlite3 import DatabaseError as SqliteError

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import (
    ArgumentError,
    DatabaseError,
    DBAPIError,
    DisconnectionError,
    OperationalError,
)
from sqlalchemy.pool import ConnectionPoolEntry

from arena_pipeline.errors import StoreError
from arena_pipeline.masking import mask_secrets
from arena_pipeline.store.tables import Base

BUSY_TIMEOUT_S = 300
"""How long a writer waits for another one on SQLite before it gives up with an error.

Longer than rebuilding a ladder of a million matches takes, for which everybody else waits.
"""

DATABASE_URL = "ARENA_DATABASE_URL"
"""What holds the address of a store, unless said otherwise."""

IDLE_S = 1.0
"""How long a connection to a server may lie idle before it is asked whether it still lives."""

_WAIT_MS = 200
"""How long a writer of SQLite waits at a time, deaf to everything else."""

_BUSY_TIMEOUT = f"PRAGMA busy_timeout = {BUSY_TIMEOUT_S * 1000}"
_SQLITE_PRAGMAS = (
    "PRAGMA synchronous = NORMAL",
    "PRAGMA foreign_keys = ON",
    _BUSY_TIMEOUT,
    "PRAGMA temp_store = MEMORY",
)


class Store:
    """The operational database of one arena.

    `write()` is a transaction that sees the newest state and excludes other writers where the
    database needs it (`BEGIN IMMEDIATE` on SQLite; row locks taken by the statements themselves on
    PostgreSQL). `read()` is a consistent view that never waits for writers. Both commit at the end
    of the block or leave nothing behind.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @property
    def is_sqlite(self) -> bool:
        """Whether this store is a SQLite file."""
        return self.engine.dialect.name == "sqlite"

    @property
    def address(self) -> str:
        """Where the store is, without its password."""
        if self.is_sqlite:
            return f"sqlite:///{self.engine.url.database}"
        return mask_secrets(self.engine.url.render_as_string(hide_password=True))

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A read-only transaction with one consistent view. Raises StoreError when the store can't
        be reached.
        """
        with self._connect("BEGIN") as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A writing transaction, rolled back as a whole on any error. Raises StoreError when it
        can't begin.
        """
        with self._connect("BEGIN IMMEDIATE") as connection:
            yield connection

    @contextmanager
    def _connect(self, begin: str) -> Iterator[Connection]:
        try:
            with self.engine.connect() as connection:
                if self.is_sqlite:
                    connection = connection.execution_options(arena_begin=begin)
                elif begin == "BEGIN":
                    connection = connection.execution_options(isolation_level="REPEATABLE READ")
                with connection.begin():
                    yield connection
        except OperationalError as error:
            raise StoreError(f"The store {self.address} failed: {_first_line(error)}") from error
        except DatabaseError as error:
            if type(error) is DatabaseError:
                raise StoreError(f"The store {self.address}: {_first_line(error)}") from error
            raise

    @contextmanager
    def pipelined(self, connection: Connection) -> Iterator[None]:
        """Send the statements of this block without waiting for each: one round trip to PostgreSQL.

        For writes whose results nobody reads; an error of any comes at the end of the block.
        """
        if self.is_sqlite:
            yield
            return
        from psycopg import Error

        driver = connection.connection.driver_connection
        try:
            with driver.pipeline():  # type: ignore[union-attr]
                yield
        except Error as error:  # of a statement whose answer came when SQLAlchemy was gone
            raise DBAPIError.instance(None, None, error, Error) from error

    def insert(self, table: type[Base]) -> "sqlite.Insert | postgresql.Insert":
        """INSERT with the ON CONFLICT clause of this store's dialect."""
        return _insert(self.is_sqlite, table)

    def insert_ignore(self, table: type[Base]) -> "sqlite.Insert | postgresql.Insert":
        """INSERT that leaves rows already there as they are."""
        return _insert(self.is_sqlite, table).on_conflict_do_nothing()

    def upsert(self, table: type[Base], *columns: str) -> "sqlite.Insert | postgresql.Insert":
        """INSERT of `columns` that overwrites them where the primary key is there already; others
        stay.
        """
        return _upsert(self.is_sqlite, table, columns)

    def let_readers_in(self) -> None:
        """Turn a SQLite file to write-ahead logging for good, so that readers never wait for a
        writer; nothing to do on PostgreSQL. Raises StoreError for a file that is no database.
        """
        if not self.is_sqlite:
            return
        connection = self.engine.raw_connection()
        try:
            connection.cursor().execute("PRAGMA journal_mode = WAL")
        except SqliteError as error:
            raise StoreError(f"The store {self.address}: {error}") from error
        finally:
            connection.close()

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


def open_store(url: str, named: str = DATABASE_URL) -> Store:
    """Open the store at `url` (SQLite or PostgreSQL); nothing is created or migrated by this.

    Plain `postgresql://...`, also with `?ssl=true`, is accepted and put right for psycopg 3.
    Raises StoreError for an address that is neither, by the name of what held it.
    """
    address = normalise_url(url, named)
    if address.drivername == "sqlite":
        return Store(_open_sqlite(address))
    return Store(_open_postgresql(address))


def normalise_url(url: str, named: str = DATABASE_URL) -> URL:
    """The address as SQLAlchemy wants it. Raises StoreError naming what is wrong, never the
    password.
    """
    try:
        address = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise StoreError(
            f"{named} is no database address; "
            "use sqlite:///path/arena.sqlite3 or postgresql://user:password@host/database"
        ) from error
    backend = address.drivername.partition("+")[0]
    if backend == "sqlite":
        return address.set(drivername="sqlite")
    if backend not in ("postgresql", "postgres"):
        raise StoreError(f"{named} names {backend!r}; use sqlite:///... or postgresql://...")
    query = dict(address.query)
    if "ssl" in query:
        ssl = str(query.pop("ssl")).lower()
        query.setdefault(
            "sslmode", {"true": "require", "1": "require", "false": "disable"}.get(ssl, ssl)
        )
    return address.set(drivername="postgresql+psycopg", query=query)


@cache
def _insert(is_sqlite: bool, table: type[Base]) -> "sqlite.Insert | postgresql.Insert":
    return sqlite.insert(table) if is_sqlite else postgresql.insert(table)


@cache
def _upsert(
    is_sqlite: bool, table: type[Base], columns: tuple[str, ...]
) -> "sqlite.Insert | postgresql.Insert":
    statement = _insert(is_sqlite, table)
    keys = {column.name for column in table.__table__.primary_key}
    return statement.on_conflict_do_update(
        index_elements=sorted(keys),
        set_={name: statement.excluded[name] for name in columns if name not in keys},
    )


def _open_postgresql(address: URL) -> Engine:
    engine = create_engine(address, hide_parameters=True)

    # `pool_pre_ping` asks at each checkout, which a recorder does hundreds of times a second: ask
    # only connections that lay idle, long enough for the server to have been restarted meanwhile.
    @event.listens_for(engine, "checkin")
    def note_time(dbapi_connection: DBAPIConnection | None, record: ConnectionPoolEntry) -> None:
        record.info["idle_since"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def ask_if_idle(
        dbapi_connection: DBAPIConnection, record: ConnectionPoolEntry, proxy: object
    ) -> None:
        if time.monotonic() - record.info.get("idle_since", -math.inf) < IDLE_S:
            return
        try:
            engine.dialect.do_ping(dbapi_connection)
        except engine.dialect.loaded_dbapi.OperationalError as error:
            raise DisconnectionError from error

    return engine


def _open_sqlite(address: URL) -> Engine:
    if not address.database or address.database == ":memory:":
        raise StoreError(
            "The store must be a file, not sqlite in memory: other processes read it too"
        )
    path = Path(address.database)
    if not path.parent.is_dir():
        raise StoreError(
            f"The folder of the store {path} does not exist; create it or set ARENA_DATA_DIR"
        )
    engine = create_engine(
        address,
        connect_args={"timeout": BUSY_TIMEOUT_S, "check_same_thread": False},
        hide_parameters=True,
    )

    @event.listens_for(engine, "connect")
    def prepare(dbapi_connection: object, record: object) -> None:
        dbapi_connection.isolation_level = None  # type: ignore[attr-defined]
        for pragma in _SQLITE_PRAGMAS:
            dbapi_connection.execute(pragma)  # type: ignore[attr-defined]

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        statement = connection.get_execution_options().get("arena_begin", "BEGIN")
        if statement == "BEGIN":
            connection.exec_driver_sql(statement)
        else:
            _begin_writing(connection, statement)

    return engine


def _begin_writing(connection: Connection, statement: str) -> None:
    """Wait for other writers bit by bit: SQLite itself waits without noticing Ctrl-C."""
    deadline = time.monotonic() + BUSY_TIMEOUT_S
    sqlite3 = connection.connection.driver_connection
    sqlite3.execute(f"PRAGMA busy_timeout = {_WAIT_MS}")  # type: ignore[union-attr]
    try:
        while True:
            try:
                connection.exec_driver_sql(statement)
            except OperationalError as error:
                if "locked" not in str(error.orig) or time.monotonic() > deadline:
                    raise
            else:
                return
    finally:
        sqlite3.execute(_BUSY_TIMEOUT)  # type: ignore[union-attr]


def _first_line(error: DBAPIError) -> str:
    return str(error.orig).strip().splitlines()[0] if error.orig else str(error)
