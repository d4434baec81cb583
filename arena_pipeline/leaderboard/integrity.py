"""Whether the store holds together: rows that belong to nothing, replays that are gone, results
that don't add up.

Each check returns sentences naming what is wrong, none if nothing is. That ratings are what a
rebuild gives is checked by `leaderboard.recompute`, that replays obey the rules by
`matches.verifying`.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, and_, case, exists, func, or_, select

from arena_pipeline.errors import ReplayError
from arena_pipeline.matches import replay
from arena_pipeline.store import Store
from arena_pipeline.store.tables import (
    Agent,
    Ladder,
    LadderMatch,
    Match,
    MatchState,
    Model,
    Participant,
    RatingEvent,
    Standing,
    Turn,
)

_NAMED = 5
"""Culprits that a sentence names; the others are counted."""

_PAGE = 1_000


def orphans(store: Store) -> list[str]:
    """Rows that refer to nothing, or that lack what belongs to them."""
    with store.read() as connection:
        found = [_sentence(connection, what, query) for what, query in _orphan_queries().items()]
        ends = [*_sequence_gaps(connection), *_loose_heads(connection)]
    return [*filter(None, found), *ends]


def unbalanced(store: Store) -> list[str]:
    """Two-player matches that do not have a winner and a loser or two ties, and ladders whose sums
    say so.

    Two seats of one team win or lose together, so such matches are left out.
    """
    won, lost = _seats_with("won"), _seats_with("lost")
    duel = and_(func.count() == 2, func.count(Participant.team.distinct()) != 1)
    two_seats = (
        select(Participant.match_id, won.label("won"), lost.label("lost"))
        .join(Match, Match.id == Participant.match_id)
        .where(Match.state == MatchState.FINISHED)
        .group_by(Participant.match_id)
        .having(duel)
        .subquery()
    )
    query = (
        select(Match.uuid)
        .join(two_seats, two_seats.c.match_id == Match.id)
        .where(two_seats.c.won != two_seats.c.lost)
    )
    with store.read() as connection:
        what = "two-player matches have not one winner and one loser, or two ties"
        matches = _sentence(connection, what, query)
        return [*filter(None, [matches]), *_unequal_sums(connection)]


def replays_missing_or_altered(
    store: Store, replay_dir: Path, sample: int | None = None
) -> list[str]:
    """Finished matches whose replay is not there or has other bytes than it was stored with.

    Looks at the `sample` matches recorded last that have a replay, or at all. A match known only by
    its header has a reason instead of a replay and is left out.
    """
    found = []
    for row in _with_replay(store, sample):
        try:
            replay.content(replay_dir, str(row.replay_path), row.replay_digest)
        except ReplayError as error:
            found.append(f"Match {row.uuid}: {error}")
    return found


def _orphan_queries() -> dict[str, Any]:
    """By what is wrong with them: the rows that should not be, as columns that name them."""
    # Set differences: without fresh statistics PostgreSQL compares every pair for NOT EXISTS here.
    at_sequence = (LadderMatch.ladder_id, LadderMatch.epoch, LadderMatch.sequence)
    rated = select(*at_sequence).where(LadderMatch.sequence.is_not(None))
    moved = select(RatingEvent.ladder_id, RatingEvent.epoch, RatingEvent.sequence)
    seat = (Participant.match_id, Participant.slot)
    place = (LadderMatch.ladder_id, LadderMatch.epoch, LadderMatch.match_id)
    return {
        "participants belong to no match": select(*seat).where(
            ~exists().where(Match.id == Participant.match_id)
        ),
        "participants name an agent that is not there": select(*seat, Participant.agent_id).where(
            Participant.agent_id.is_not(None), ~exists().where(Agent.id == Participant.agent_id)
        ),
        "participants name a model that is not there": select(*seat, Participant.model_id).where(
            Participant.model_id.is_not(None), ~exists().where(Model.id == Participant.model_id)
        ),
        "finished matches have no participants": select(Match.uuid).where(
            Match.state == MatchState.FINISHED, ~exists().where(Participant.match_id == Match.id)
        ),
        "turns belong to no match": select(Turn.match_id, Turn.step, Turn.slot).where(
            ~exists().where(Match.id == Turn.match_id)
        ),
        "places on a ladder belong to no match": select(*place).where(
            ~exists().where(Match.id == LadderMatch.match_id)
        ),
        "places belong to no ladder": select(*place).where(
            ~exists().where(Ladder.id == LadderMatch.ladder_id)
        ),
        "rated matches have no rating events": select(rated.except_(moved).subquery()),
        "rating events belong to no match": select(moved.except_(rated).subquery()),
        "standings have no rating event in the present epoch": select(
            Standing.ladder_id, Standing.competitor
        )
        .join(Ladder, Ladder.id == Standing.ladder_id)
        .where(
            Standing.matches > 0,
            ~exists().where(
                RatingEvent.ladder_id == Standing.ladder_id,
                RatingEvent.competitor == Standing.competitor,
                RatingEvent.epoch == Ladder.epoch,
            ),
        ),
        "competitors have rating events but no standing": select(
            RatingEvent.ladder_id, RatingEvent.competitor
        )
        .join(Ladder, and_(Ladder.id == RatingEvent.ladder_id, Ladder.epoch == RatingEvent.epoch))
        .where(
            ~exists().where(
                Standing.ladder_id == RatingEvent.ladder_id,
                Standing.competitor == RatingEvent.competitor,
            )
        )
        .distinct(),
    }


def _sentence(connection: Connection, what: str, query: Any) -> str | None:
    ordered = query.order_by(*query.selected_columns)
    rows = connection.execute(ordered.limit(_NAMED + 1)).all()
    if not rows:
        return None
    count = len(rows)
    if count > _NAMED:
        count = connection.execute(select(func.count()).select_from(query.subquery())).scalar_one()
    named = "; ".join(_named(row) for row in rows[:_NAMED])
    return f"{what[0].upper()}{what[1:]}: {count} ({named}{'; ...' if count > _NAMED else ''})"


def _named(row: Any) -> str:
    pairs = row._mapping.items()
    return ", ".join(f"{name} {value}" for name, value in pairs)


def _sequence_gaps(connection: Connection) -> Iterator[str]:
    query = (
        select(
            Ladder.name,
            Ladder.next_sequence,
            func.count(LadderMatch.sequence).label("rated"),
            func.max(LadderMatch.sequence).label("last"),
        )
        .outerjoin(
            LadderMatch, and_(LadderMatch.ladder_id == Ladder.id, LadderMatch.epoch == Ladder.epoch)
        )
        .group_by(Ladder.id, Ladder.name, Ladder.next_sequence)
        .order_by(Ladder.id)
    )
    for row in connection.execute(query):
        if not row.rated == (row.last or 0) == row.next_sequence - 1:
            yield (
                f"Ladder {row.name} numbers its matches with gaps: {row.rated} rated matches, "
                f"the last numbered {row.last}, the next to be {row.next_sequence}"
            )


def _loose_heads(connection: Connection) -> Iterator[str]:
    """Ladders whose head is not the link of their newest match; `comparing` follows every link."""
    query = (
        select(Ladder.name, Ladder.chain_head, LadderMatch.digest)
        .join(
            LadderMatch,
            and_(
                LadderMatch.ladder_id == Ladder.id,
                LadderMatch.epoch == Ladder.epoch,
                LadderMatch.sequence == Ladder.next_sequence - 1,
            ),
        )
        .where(Ladder.chain_head.is_distinct_from(LadderMatch.digest))
        .order_by(Ladder.id)
    )
    for row in connection.execute(query):
        yield (
            f"Ladder {row.name} says the head of its chain is {row.chain_head}, "
            f"its newest match has the link {row.digest}"
        )


def _seats_with(result: str) -> Any:
    return func.sum(case((Participant.result == result, 1), else_=0))


def _unequal_sums(connection: Connection) -> Iterator[str]:
    """Ladders whose rated matches are all duels, and whose standings have not as many wins as
    losses.
    """
    sizes = (
        select(
            LadderMatch.ladder_id,
            or_(func.count() != 2, func.count(Participant.team.distinct()) == 1).label("no_duel"),
        )
        .join(Participant, Participant.match_id == LadderMatch.match_id)
        .join(Ladder, and_(Ladder.id == LadderMatch.ladder_id, Ladder.epoch == LadderMatch.epoch))
        .where(LadderMatch.sequence.is_not(None))
        .group_by(LadderMatch.ladder_id, LadderMatch.match_id)
        .subquery()
    )
    mixed = select(sizes.c.ladder_id).where(sizes.c.no_duel)
    wins, losses = func.sum(Standing.wins), func.sum(Standing.losses)
    query = (
        select(Ladder.name, wins.label("wins"), losses.label("losses"))
        .join(Standing, Standing.ladder_id == Ladder.id)
        .where(Ladder.id.not_in(mixed))
        .group_by(Ladder.id, Ladder.name)
        .having(wins != losses)
        .order_by(Ladder.id)
    )
    for row in connection.execute(query):
        yield f"Ladder {row.name} counts {row.wins} wins but {row.losses} losses in its standings"


def _with_replay(store: Store, sample: int | None) -> Iterator[Any]:
    """Newest first, in pages, so that no transaction stays open while files are read."""
    before: int | None = None
    left = sample
    while left is None or left > 0:
        query = (
            select(Match.id, Match.uuid, Match.replay_path, Match.replay_digest)
            .where(Match.state == MatchState.FINISHED, Match.replay_digest.is_not(None))
            .order_by(Match.id.desc())
            .limit(_PAGE if left is None else min(_PAGE, left))
        )
        if before is not None:
            query = query.where(Match.id < before)
        with store.read() as connection:
            rows = connection.execute(query).all()
        if not rows:
            return
        yield from rows
        before = rows[-1].id
        left = None if left is None else left - len(rows)
