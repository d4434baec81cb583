"""One store copied into another, empty one, whichever databases they are on."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, inspect, text

from arena_pipeline.errors import StoreError
from arena_pipeline.store.copying.digests import (
    Progress,
    RowDigest,
    TableDigest,
    count_rows,
)
from arena_pipeline.store.copying.rows import is_sqlite, read_rows, row_writer
from arena_pipeline.store.copying.shapes import Form, Shape, quoted, shapes
from arena_pipeline.store.engine import Store
from arena_pipeline.store.migrate import (
    checked_version,
    known_version,
    lock_version,
    revisions_until,
    upgrade,
)

_CACHE_KB = 65536
"""Memory SQLite may take while rows come in: indexes over random names are slow without."""


@dataclass(frozen=True, slots=True)
class Copied:
    """What a copy holds: its revision and each table's rows and digest, the same on both sides."""

    revision: str
    tables: dict[str, TableDigest]

    @property
    def rows(self) -> int:
        """Rows of all tables."""
        return sum(table.rows for table in self.tables.values())


def copy_store(source: Store, target: Store, progress: Progress | None = None) -> Copied:
    """Copy every table of `source` into `target`, which gets the same revision and must be empty.

    What is copied is one consistent view of the source, whose writers are not kept waiting. On the
    target it is one transaction: who is killed leaves nothing, and may repeat it; another writer,
    or another copy, waits and then finds it full. Before it is committed each table is read back
    and its digest compared. `progress` counts rows written and rows compared.

    Raises StoreError naming the table that can't be copied or came out differently, or what is in
    the target already.
    """
    with source.read() as reading:
        revision = known_version(reading, source)
        target.let_readers_in()
        with target.write() as writing:
            _prepare(writing, target, revision)
            return Copied(revision, copy_tables(reading, writing, shapes(revision), progress))


def check_target(target: Store, revision: str) -> None:
    """Raise StoreError unless a store of this revision could be copied into `target` now."""
    with target.read() as connection:
        _check_empty(connection, target, checked_version(connection, target), revision)


def copy_tables(
    reading: Connection,
    writing: Connection,
    tables: Sequence[Shape],
    progress: Progress | None = None,
) -> dict[str, TableDigest]:
    """Copy the rows of these tables between two transactions; the target's tables are there and
    empty. Raises StoreError naming the table that can't be copied or came out differently.
    """
    count = _Count(progress)
    if progress:
        count.total = 2 * sum(count_rows(reading, shape) for shape in tables)
    _get_ready(writing)
    digests = {}
    for shape in tables:
        copied = _copy_table(reading, writing, shape, count)
        arrived = _digest(writing, shape, count)
        if copied != arrived:
            raise StoreError(
                f"Table {shape.table} came out differently: {copied.rows} rows with SHA-256 "
                f"{copied.sha256} were read, {arrived.rows} with {arrived.sha256} arrived. "
                "Nothing was kept of the copy"
            )
        digests[shape.table] = copied
        if not is_sqlite(writing):
            _go_on_numbering(writing, shape)
    return digests


@dataclass
class _Count:
    """Rows done so far, told to whoever wants to know."""

    tell: Progress | None
    done: int = 0
    total: int = field(default=0)

    def add(self, rows: int) -> None:
        self.done += rows
        if self.tell:
            self.tell(self.done, self.total)


def _copy_table(
    reading: Connection, writing: Connection, shape: Shape, count: _Count
) -> TableDigest:
    digest = RowDigest(shape)
    with row_writer(writing, shape) as write:
        for rows in read_rows(reading, shape):
            digest.add(rows)
            write(rows)
            count.add(len(rows))
    return digest.done()


def _digest(connection: Connection, shape: Shape, count: _Count) -> TableDigest:
    digest = RowDigest(shape)
    for rows in read_rows(connection, shape):
        digest.add(rows)
        count.add(len(rows))
    return digest.done()


def _prepare(connection: Connection, target: Store, revision: str) -> None:
    """Give the target its tables, after making sure that nobody else does or fills them."""
    lock_version(connection)
    current = checked_version(connection, target)
    if current is not None and not target.is_sqlite:
        names = ", ".join(quoted(shape.table) for shape in shapes(current))
        connection.execute(text(f"LOCK TABLE {names} IN EXCLUSIVE MODE"))
    _check_empty(connection, target, current, revision)
    upgrade(connection, revision)


def _check_empty(connection: Connection, target: Store, current: str | None, revision: str) -> None:
    if current is None:
        wanted = {shape.table for shape in shapes(revision)}
        there = sorted(wanted.intersection(inspect(connection).get_table_names()))
        if there:
            raise StoreError(
                f"{target.address} has tables of something else with names the store needs "
                f"({', '.join(there)}); name an empty database. Nothing was copied"
            )
        return
    if current not in revisions_until(revision):
        raise StoreError(
            f"{target.address} is at version {current}, newer than what is to be copied "
            f"({revision}); name an empty database. Nothing was copied"
        )
    counts = {shape.table: count_rows(connection, shape) for shape in shapes(current)}
    if filled := [f"{name} ({rows})" for name, rows in counts.items() if rows]:
        raise StoreError(
            f"{target.address} is not empty: it has rows in {', '.join(filled)}; name an empty "
            "database. Nothing was copied"
        )


def _get_ready(connection: Connection) -> None:
    """Settings that last as long as the transaction, or cost nothing later."""
    if is_sqlite(connection):
        # Rows may refer to later ones of their own table, as forked prompts do.
        connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        connection.exec_driver_sql(f"PRAGMA cache_size = -{_CACHE_KB}")
    else:
        connection.exec_driver_sql("SET LOCAL TimeZone = 'UTC'")
        connection.exec_driver_sql("SET LOCAL DateStyle = 'ISO, YMD'")


def _go_on_numbering(connection: Connection, shape: Shape) -> None:
    """Let PostgreSQL number new rows after those that came with their numbers."""
    for column in shape.columns:
        if column.form is not Form.PLAIN or column.name not in shape.key:
            continue
        where = {"table": quoted(shape.table), "column": column.name}
        found = text("SELECT pg_get_serial_sequence(:table, :column)")
        sequence = connection.scalar(found, where)
        if sequence is None:
            continue
        newest = f"SELECT MAX({quoted(column.name)}) FROM {quoted(shape.table)}"  # noqa: S608 - names of ours
        if (number := connection.scalar(text(newest))) is not None:
            go_on = text("SELECT setval(CAST(:sequence AS regclass), :number)")
            connection.execute(go_on, {"sequence": sequence, "number": number})
