"""Rows read from one store and written into another, in batches, so that memory stays flat.

The drivers are used without SQLAlchemy: rows cross as the plain values that `shapes` asks for, and
nothing of ours would touch them but to cost time.
"""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Any

import psycopg
from sqlalchemy import Connection

from arena_pipeline.errors import StoreError
from arena_pipeline.masking import mask_text
from arena_pipeline.store.copying.shapes import Shape, quoted

BATCH = 500
"""Rows in memory at a time: few, since one with a model's answers can have 200 kB."""

Row = tuple[Any, ...]
Rows = Sequence[Row]


def is_sqlite(connection: Connection) -> bool:
    """Whether this connection leads into a SQLite file."""
    return connection.dialect.name == "sqlite"


def read_rows(connection: Connection, shape: Shape) -> Iterator[Rows]:
    """All rows of a table as this transaction sees them, in the order of the primary key.

    Raises StoreError naming the table.
    """
    with _naming(shape.table), closing(_cursor(connection)) as cursor:
        cursor.execute(shape.select(of_sqlite=is_sqlite(connection)))
        while rows := cursor.fetchmany(BATCH):
            yield rows


@contextmanager
def row_writer(connection: Connection, shape: Shape) -> Iterator[Callable[[Rows], None]]:
    """Write batches of rows, as `read_rows` gives them, in the connection's transaction.

    Raises StoreError naming the table.
    """
    driver: Any = connection.connection.driver_connection
    table = quoted(shape.table)
    with _naming(shape.table), closing(driver.cursor()) as cursor:
        if is_sqlite(connection):
            places = ", ".join("?" * len(shape.columns))
            insert = f"INSERT INTO {table} ({shape.names}) VALUES ({places})"  # noqa: S608 - names of ours
            yield lambda rows: cursor.executemany(insert, rows)
        else:
            with cursor.copy(f"COPY {table} ({shape.names}) FROM STDIN") as copy:

                def write(rows: Rows) -> None:
                    for row in rows:
                        copy.write_row(row)

                yield write


def _cursor(connection: Connection) -> Any:
    driver: Any = connection.connection.driver_connection
    if is_sqlite(connection):
        return driver.cursor()
    return driver.cursor(name="arena_rows", binary=True)


@contextmanager
def _naming(table: str) -> Iterator[None]:
    """Name the table in what the driver says."""
    try:
        yield
    except (sqlite3.Error, psycopg.Error) as error:
        said = str(error).strip().partition("\n")[0]
        raise StoreError(f"Table {table} can't be copied: {mask_text(said)}") from error
