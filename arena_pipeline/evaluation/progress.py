"""How far a placement has come: its matches as the store has them. Nothing is counted elsewhere."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from sqlalchemy import Connection, and_, select
from sqlalchemy.orm import aliased

from arena_pipeline.evaluation.grounds import Ground
from arena_pipeline.games.protocol import Result
from arena_pipeline.store.tables import (
    Evaluation,
    Ladder,
    LadderMatch,
    Match,
    MatchState,
    Participant,
    RatingEvent,
)


@dataclass(frozen=True, slots=True)
class Expense:
    """What a placement took so far. `cost` (USD) is that of all its calls, opponents' too, None:
    unknown or none was made; tokens and faults are those of who is placed, tokens None where
    unknown.
    """

    cost: Decimal | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    agent_faults: int = 0
    gateway_faults: int = 0
    faults: Mapping[str, int] = field(default_factory=dict)
    matches: int = 0

    @property
    def per_match(self) -> Decimal | None:
        """USD a match."""
        return self.cost / self.matches if self.cost is not None and self.matches else None


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


NOTHING = Expense()


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


def expense(connection: Connection, evaluation_id: int, agent_id: int) -> Expense:
    """What an evaluation took so far, by the matches that ended and the ledger's sum."""
    cost = connection.scalar(select(Evaluation.spent).where(Evaluation.id == evaluation_id))
    rows = connection.execute(
        select(
            Participant.input_tokens, Participant.output_tokens, Participant.agent_faults,
            Participant.gateway_faults, Participant.faults, Participant.cost,
        )
        .join(Match, Match.id == Participant.match_id)
        .where(
            Match.evaluation_id == evaluation_id,
            Match.state.in_((MatchState.FINISHED, MatchState.VOID)),
            Participant.agent_id == agent_id,
        )
    ).all()  # fmt: skip
    if cost is None and any(row.cost is not None for row in rows):
        # Calls that cost nothing leave no trace in the sum.
        cost = Decimal()
    kinds: Counter[str] = Counter()
    for row in rows:
        kinds.update(row.faults)
    return Expense(
        cost=cost,
        input_tokens=_sum([row.input_tokens for row in rows]),
        output_tokens=_sum([row.output_tokens for row in rows]),
        agent_faults=sum(row.agent_faults for row in rows),
        gateway_faults=sum(row.gateway_faults for row in rows),
        faults=dict(kinds.most_common()),
        matches=len(rows),
    )


def _sum(amounts: list[int | None]) -> int | None:
    known = [amount for amount in amounts if amount is not None]
    return sum(known) if known else None
