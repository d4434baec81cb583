"""Whether there may be anybody to place at all: the one query of a tick that finds nothing to do.

Who that is and why the others wait is in `evaluation.upcoming`, which costs a look at everybody.
"""

from sqlalchemy import ColumnElement, Connection, and_, exists, or_, select
from sqlalchemy.orm import aliased

from arena_pipeline.evaluation.eligibility import CALLING
from arena_pipeline.evaluation.switch import PAUSE
from arena_pipeline.leaderboard.ladders import DEFAULT_LADDER, PRACTICE_LADDER
from arena_pipeline.store.tables import (
    OPEN_STATES,
    Agent,
    Evaluation,
    EvaluationState,
    Kind,
    Ladder,
    Switch,
)

BOT = "bot"


def may_have_work(connection: Connection) -> bool:
    """Whether somebody may be ready, or the arena is paused, which is to be told; one query, by
    indexes.

    False is certain: nothing is queued, waits, is under way or failed without being given up, and
    every agent that may play has been evaluated wherever agents are placed by themselves. True
    says only that it takes a look.
    """
    return bool(connection.scalar(select(or_(_PAUSED, _OPEN, _FAILED, _NEW))))


_PAUSED: ColumnElement[bool] = exists().where(Switch.name == PAUSE, Switch.is_on)
_OPEN: ColumnElement[bool] = exists().where(
    Evaluation.state.in_([state.value for state in OPEN_STATES])
)
_LATER = aliased(Evaluation)
_FAILED: ColumnElement[bool] = exists().where(
    Evaluation.state == EvaluationState.FAILED.value,
    Evaluation.cancelled_at.is_(None),
    ~exists()
    .where(
        _LATER.agent_id == Evaluation.agent_id,
        _LATER.ladder_id == Evaluation.ladder_id,
        _LATER.attempt > Evaluation.attempt,
    )
    .correlate(Evaluation),
)
_SERVED = select(Ladder.id).where(Ladder.name.in_([DEFAULT_LADDER, PRACTICE_LADDER]))
_NEW: ColumnElement[bool] = (
    select(Agent.id)
    .join(Kind, Kind.name == Agent.kind)
    .where(
        Agent.active,
        Kind.enabled,
        or_(
            # Who calls belongs on one of the ladders, a bot on each.
            and_(
                Agent.kind == CALLING,
                ~exists().where(Evaluation.agent_id == Agent.id).correlate(Agent),
            ),
            and_(
                Agent.kind == BOT,
                _SERVED.where(
                    ~exists()
                    .where(Evaluation.agent_id == Agent.id, Evaluation.ladder_id == Ladder.id)
                    .correlate(Agent, Ladder)
                )
                .correlate(Agent)
                .exists(),
            ),
        ),
    )
    .exists()
)
