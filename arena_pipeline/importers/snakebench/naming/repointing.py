"""Matches that came in under one model, given to another when their name turns out to be its."""

from collections.abc import Collection

from sqlalchemy import Connection, or_, select, update

from arena_pipeline.leaderboard.recompute import recompute_within
from arena_pipeline.store.tables import Ladder, LadderMatch, Match, Participant, Purpose


def repoint(connection: Connection, name: str, model_id: int, agent_id: int) -> int:
    """Seat this model and agent wherever an imported match has `name`; returns how many matches
    changed.

    Each of them counts one revision more, so that copies elsewhere are known to be old. Ratings are
    not touched: see `rebuild_ladders`.
    """
    others = (
        select(Participant.match_id)
        .join(Match, Match.id == Participant.match_id)
        .where(
            Match.purpose == Purpose.IMPORT,
            Participant.name == name,
            or_(
                Participant.model_id.is_distinct_from(model_id),
                Participant.agent_id.is_distinct_from(agent_id),
            ),
        )
    )
    ids = sorted(set(connection.scalars(others)))
    for start in range(0, len(ids), _AT_ONCE):
        some = ids[start : start + _AT_ONCE]
        connection.execute(
            update(Match).where(Match.id.in_(some)).values(revision=Match.revision + 1)
        )
        connection.execute(
            update(Participant)
            .where(Participant.match_id.in_(some), Participant.name == name)
            .values(model_id=model_id, agent_id=agent_id)
        )
    return len(ids)


def rebuild_ladders(connection: Connection, names: Collection[str]) -> tuple[str, ...]:
    """Rebuild every ladder that judged an imported match with one of these names, in the caller's
    transaction; returns the ladders that changed.
    """
    judged = (
        select(LadderMatch.ladder_id)
        .join(Participant, Participant.match_id == LadderMatch.match_id)
        .where(Participant.name.in_(sorted(names)))
    )
    ladders = connection.scalars(
        select(Ladder.name).where(Ladder.id.in_(judged)).order_by(Ladder.name)
    ).all()
    return tuple(name for name in ladders if recompute_within(connection, name).mended)


_AT_ONCE = 500
"""Rows named in one statement; SQLite takes so many parameters and no more than some thousands."""
