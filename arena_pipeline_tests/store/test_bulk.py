"""Many rows at once: what an INSERT of them stores, and plans that do not take them for few."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from arena_pipeline.store import Store
from arena_pipeline.store.bulk import insert_many, of_many
from arena_pipeline.store.tables import PublishedRating

EAST = datetime(2026, 11, 21, 19, 0, 0, 1, tzinfo=timezone(timedelta(hours=2)))


def row(competitor: str, elo: float | None) -> dict[str, object]:
    return {
        "source_digest": "d",
        "competitor": competitor,
        "source_path": "tab\tnew\nline\\back",
        "ladder": "snakebench",
        "kind": "stats",
        "position": 1,
        "elo": elo,
        "imported_at": EAST,
    }


def test_given_awkward_values_when_inserted_at_once_then_they_come_back_as_an_insert_keeps_them(
    store: Store,
) -> None:
    rows = [row("a\0b", 0.1 + 0.2), row("\\N", None), row("é 蛇", -1e-300)]

    with store.write() as connection:
        insert_many(connection, PublishedRating, rows)

    kept = PublishedRating
    with store.read() as connection:
        found = connection.execute(
            select(kept.competitor, kept.elo, kept.source_path, kept.imported_at, kept.wins)
        ).all()
    moment = EAST.astimezone(UTC)
    assert {tuple(one) for one in found} == {
        (name, elo, "tab\tnew\nline\\back", moment, None)
        for name, elo in (("a\ufffdb", 0.1 + 0.2), ("\\N", None), ("é 蛇", -1e-300))
    }


def test_given_a_row_there_twice_when_inserted_at_once_then_it_fails_as_an_insert_does(
    store: Store,
) -> None:
    with pytest.raises(IntegrityError), store.write() as connection:
        insert_many(connection, PublishedRating, [row("a", 1.0), row("a", 2.0)])

    with store.read() as connection:
        assert connection.execute(select(PublishedRating.competitor)).all() == []


def test_given_no_rows_when_inserted_at_once_then_nothing_is_asked(store: Store) -> None:
    with store.write() as connection:
        insert_many(connection, PublishedRating, [])


@pytest.mark.parametrize("database", ["postgresql"])
def test_given_a_query_of_many_when_planned_then_no_loop_is_nested_and_later_ones_are_as_before(
    store: Store,
) -> None:
    nested = text("SHOW enable_nestloop")

    with store.read() as connection:
        with of_many(connection):
            within = connection.scalar(nested)
        after = connection.scalar(nested)

    assert (within, after) == ("off", "on")
