"""Views: pairs of seats, and the flat rows of older clients."""

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select, text

from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Match, MatchState
from arena_pipeline.warehouse.build import build
from arena_pipeline.warehouse.query import Asking
from arena_pipeline_tests.warehouse.filled import MATCHES, fill


def plain(value: Any) -> Any:
    """A value as both databases and the warehouse can be compared: numbers as floats, times aware.

    SQLite keeps flags as numbers, prices as text and times as text without a zone.
    """
    if isinstance(value, Decimal | int):
        return float(value)
    if isinstance(value, str):
        try:
            return plain(datetime.fromisoformat(value)) if "-" in value[4:5] else float(value)
        except ValueError:
            return value
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    return value


def test_the_flat_views_are_the_store_s_row_by_row(store: Store, arena_settings: Settings) -> None:
    fill(store, arena_settings)
    build(store, arena_settings)

    with Asking(arena_settings) as asking:
        for view in ("flat_models", "games", "game_participants"):
            with store.read() as connection:
                result = connection.execute(text(f"SELECT * FROM {view}"))
                columns, stored = list(result.keys()), ordered(result)
            answer = asking.ask(f"FROM {view}")
            older = asking.ask(f"FROM flat.{view.removeprefix('flat_')}")

            assert [column.name for column in answer.columns] == columns
            assert ordered(answer.rows) == stored
            assert len(stored) > 5
            assert (older.columns, ordered(older.rows)) == (answer.columns, stored)


def ordered(rows: Iterable[Iterable[Any]]) -> list[tuple[Any, ...]]:
    """Rows that can be compared, whichever order they came in."""
    return sorted([tuple(map(plain, row)) for row in rows], key=repr)


def test_a_void_match_makes_no_pair(asking: Asking, filled_store: Store) -> None:
    with filled_store.read() as connection:
        void = connection.scalars(select(Match.uuid).where(Match.state == MatchState.VOID)).one()

    pairs = asking.ask("SELECT m.uuid FROM pairs AS p JOIN matches AS m ON m.id = p.match_id")

    assert len(pairs.rows) == 2 * (MATCHES - 1)
    assert (void,) not in pairs.rows
    assert asking.ask("SELECT state FROM matches WHERE uuid = ?", [void]).rows == [("void",)]
