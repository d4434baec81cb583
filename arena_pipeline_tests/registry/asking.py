"""Watching what is asked of a store."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from arena_pipeline.store import Store


@contextmanager
def queries(store: Store) -> Iterator[list[tuple[str, Any]]]:
    """The queries that the block sends, with their parameters."""
    sent: list[tuple[str, Any]] = []

    def note(connection: object, cursor: object, sql: str, values: object, *rest: object) -> None:
        if "FROM" in sql:  # a new connection also asks the database who it is
            sent.append((sql, values))

    event.listen(store.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(store.engine, "before_cursor_execute", note)
