"""How far a placement has come: its matches as the store has them. Nothing is counted elsewhere."""

from dataclasses import dataclass

from sqlalchemy import Connection, and_, select
from sqlalchemy.orm import aliased

from arena_pipeline.evaluation.grounds import Ground
from arena_pipeline.games.protocol import Result
from arena_pipeline.store.tables import (
    Ladder,
    LadderMatch,
    Match,
    MatchState,
    Participant,
    RatingEvent,
)


@dataclass(frozen=True, slots=True)
class Bout:
    """One match of a placement, from the side of who is placed.

    `before` and `after` are its numbers on the ladder, None where the match is not rated there.
    """

    uuid: str
    opponent: str
    result: Result | None
    before: float | None
    after: float | None

    @property
    def is_rated(self) -> bool:
        """Whether it counts on the ladder."""
        return self.after is not None


def bouts(
    connection: Connection, ground: Ground, evaluation_id: int, agent_id: int, alias: str
) -> list[Bout]:
    """The matches of an evaluation in the order they were recorded; void ones are among them, not
    rated.
    """
    own, other = aliased(Participant), aliased(Participant)
    # Asked anew each time, and in the same statement: a rebuild may have made another one.
    current_epoch = select(Ladder.epoch).where(Ladder.id == ground.rule.id).scalar_subquery()
    place = and_(
        LadderMatch.match_id == Match.id,
        LadderMatch.ladder_id == ground.rule.id,
        LadderMatch.epoch == current_epoch,
        Match.state == MatchState.FINISHED,
    )
    event = and_(
        RatingEvent.ladder_id == LadderMatch.ladder_id,
        RatingEvent.epoch == LadderMatch.epoch,
        RatingEvent.sequence == LadderMatch.sequence,
        RatingEvent.competitor == ground.competitors(connection, [alias]).get(alias),
        RatingEvent.system == ground.rule.system.value,
    )
    rows = connection.execute(
        select(Match.uuid, other.name, own.result, RatingEvent.before, RatingEvent.after)
        .join(own, and_(own.match_id == Match.id, own.agent_id == agent_id))
        .join(other, and_(other.match_id == Match.id, other.slot != own.slot))
        .outerjoin(LadderMatch, place)
        .outerjoin(RatingEvent, event)
        .where(
            Match.evaluation_id == evaluation_id,
            Match.state.in_((MatchState.FINISHED, MatchState.VOID)),
        )
        .order_by(Match.id)
    )
    return [
        Bout(uuid, opponent, None if result is None else Result(result), before, after)
        for uuid, opponent, result, before, after in rows
    ]
