"""What an import left in a store, for tests that look."""

from typing import Any

from sqlalchemy import func, select

from arena_pipeline.store import Store
from arena_pipeline.store.tables import Match, Participant


def one_match(store: Store) -> Any:
    with store.read() as connection:
        return connection.execute(select(Match.__table__)).one()


def seats(store: Store) -> list[Any]:
    with store.read() as connection:
        return list(
            connection.execute(
                select(Participant.__table__).order_by(Participant.match_id, Participant.slot)
            )
        )


def count(store: Store, table: Any) -> int:
    with store.read() as connection:
        return int(connection.scalar(select(func.count()).select_from(table)) or 0)
