"""What a store holds, for tests that look."""

from sqlalchemy import func, select

from arena_pipeline.leaderboard.comparing import compare
from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.matches.verifying import verify_matches
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Base, Ladder, RatingEvent, Standing


def count(store: Store, table: type[Base]) -> int:
    with store.read() as connection:
        return int(connection.scalar(select(func.count()).select_from(table)) or 0)


def standings(store: Store, ladder: str = "snake") -> dict[str, tuple[object, ...]]:
    with store.read() as connection:
        rows = connection.execute(
            select(Standing.__table__).join_from(Standing, Ladder).where(Ladder.name == ladder)
        )
        return {row.competitor: tuple(row) for row in rows}


def numbers(store: Store) -> tuple[object, ...]:
    """Everything rated, as it stands in the store."""
    with store.read() as connection:
        return tuple(
            tuple(map(tuple, connection.execute(select(table.__table__).order_by(*keys))))
            for table, keys in (
                (Standing, (Standing.ladder_id, Standing.competitor)),
                (RatingEvent, (RatingEvent.sequence, RatingEvent.competitor)),
            )
        )


def assert_sound(store: Store, recorder: Recorder, recorded: int) -> None:
    found = list(verify_matches(store, recorder.replay_dir))
    assert len(found) == recorded
    assert [one for one in found if one.status != "verified"] == []
    assert compare(store, "snake") == []
