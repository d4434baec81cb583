"""Many rows at once, which drivers send one by one and planners take for a few otherwise."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Table, insert
from sqlalchemy.exc import DBAPIError

from arena_pipeline.store.tables import Base


def insert_many(
    connection: Connection, table: type[Base], rows: Sequence[Mapping[str, Any]]
) -> None:
    """Add rows, all with the same columns, within the connection's transaction: by COPY on
    PostgreSQL, where it must not be inside `Store.pipelined`. Raises as an INSERT of them would.
    """
    if not rows:
        return
    if connection.dialect.name == "sqlite":
        connection.execute(insert(table), rows)
        return
    from psycopg import Error, sql

    made: Table = table.__table__  # type: ignore[assignment]
    names = list(rows[0])
    types = (made.columns[name].type.dialect_impl(connection.dialect) for name in names)
    to_store = [kind.bind_processor(connection.dialect) for kind in types]
    bind = list(zip(names, to_store, strict=True))
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(made.name), sql.SQL(", ").join(map(sql.Identifier, names))
    )
    driver: Any = connection.connection.driver_connection
    try:
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row([row[name] if to is None else to(row[name]) for name, to in bind])
    except Error as error:
        raise DBAPIError.instance(None, None, error, Error) from error


@contextmanager
def of_many(connection: Connection) -> Iterator[None]:
    """Let PostgreSQL plan the queries of this block as for many rows: without nested loops.

    A ladder's new epoch is in its statistics only some time after; till then it counts on one row,
    and goes through all of them again for each match.
    """
    if connection.dialect.name == "sqlite":
        yield
        return
    connection.exec_driver_sql("SET LOCAL enable_nestloop = off")
    yield
    # After an error the transaction is over, and the setting with it.
    connection.exec_driver_sql("SET LOCAL enable_nestloop TO DEFAULT")
