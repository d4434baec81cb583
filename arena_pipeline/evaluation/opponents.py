"""Who a placement is played against: who may be met, and which of them is next.

The choice itself is pure and in `evaluation.matchmaking`.
"""

from collections.abc import Sequence

from sqlalchemy import Connection, select

from arena_pipeline.evaluation import applicants
from arena_pipeline.evaluation.eligibility import Applicant
from arena_pipeline.evaluation.grounds import Ground
from arena_pipeline.evaluation.matchmaking import Rated, climb, in_turn, starting_point
from arena_pipeline.evaluation.progress import Bout
from arena_pipeline.settings import Settings
from arena_pipeline.store.tables import Agent, Evaluation, EvaluationState


def rivals(
    connection: Connection, settings: Settings, ground: Ground, alias: str
) -> dict[str, Applicant]:
    """Everybody that `alias` may play against now, by alias, in the order they were made: whoever
    may play and counts for another competitor; of those who call a model only the active, and
    while nobody is ranked none where there are others.
    """
    able = {
        one.name: one
        for one in applicants.playable(connection, settings, ground.field)
        if not one.calls or (one.model is not None and one.model.active)
    }
    stands_for = ground.competitors(connection, {alias, *able})
    own = stands_for[alias]
    found = {name: one for name, one in able.items() if stands_for[name] != own}
    if not found.keys() & ranked_on(connection, ground):
        # A model that nobody has reached yet may never answer, and would hold up everybody.
        return {name: one for name, one in found.items() if not one.calls} or found
    return found


def choose(
    connection: Connection,
    ground: Ground,
    alias: str,
    others: Sequence[str],
    played: Sequence[Bout],
) -> str:
    """Which of `others` is next after the matches `played`: by the climb among the ranked, or in
    turn while none of them is.
    """
    names = [bout.opponent for bout in played]
    numbers = ground.numbers(connection)
    ranked = ranked_on(connection, ground)
    pool = [Rated(name, numbers[name]) for name in others if name in ranked & numbers.keys()]
    if not pool:
        return in_turn(others, names)
    current = numbers.get(alias, ground.initial)
    if not played:
        # Everybody who was ever ranked counts for the median, also who plays no more.
        everybody = [numbers[name] for name in ranked & numbers.keys()]
        current = starting_point(current, ground.initial, everybody)
    return climb(pool, set(names), current, played[-1].result if played else None).name


def ranked_on(connection: Connection, ground: Ground) -> set[str]:
    """The aliases of the agents that a placement has ranked on this ladder."""
    return set(
        connection.scalars(
            select(Agent.alias)
            .join(Evaluation, Evaluation.agent_id == Agent.id)
            .where(
                Evaluation.ladder_id == ground.rule.id,
                Evaluation.state == EvaluationState.RANKED,
            )
        )
    )
