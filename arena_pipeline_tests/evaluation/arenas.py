"""What the tests of evaluation ask an arena."""

from typing import Any

from sqlalchemy import func, select, update

from arena_pipeline.store import Store
from arena_pipeline.store.tables import (
    Agent,
    Evaluation,
    LadderMatch,
    Match,
    Participant,
    RatingEvent,
    Standing,
)

BOTS = ("random", "careful_random", "greedy", "flood")


def evaluation(store: Store, alias: str) -> Any:
    """The newest evaluation of an agent."""
    with store.read() as connection:
        return connection.execute(
            select(Evaluation.__table__)
            .join(Agent, Agent.id == Evaluation.agent_id)
            .where(Agent.alias == alias)
            .order_by(Evaluation.attempt.desc())
            .limit(1)
        ).one()


def set_evaluation(store: Store, alias: str, **values: Any) -> None:
    """Change the newest evaluation of an agent behind the system's back."""
    with store.write() as connection:
        row = evaluation(store, alias)
        connection.execute(update(Evaluation).where(Evaluation.id == row.id).values(**values))


def set_agent(store: Store, alias: str, **values: Any) -> None:
    """Change an agent behind the system's back."""
    with store.write() as connection:
        connection.execute(update(Agent).where(Agent.alias == alias).values(**values))


def count(store: Store, table: Any) -> int:
    """How many rows there are."""
    with store.read() as connection:
        return int(connection.scalar(select(func.count()).select_from(table)) or 0)


def history(store: Store) -> list[tuple[Any, ...]]:
    """Everything that was played, as it counts: matches with seats and results, in the order of the
    ladder.
    """
    with store.read() as connection:
        rows = connection.execute(
            select(
                LadderMatch.sequence,
                Match.uuid,
                Match.seed,
                Match.purpose,
                Participant.slot,
                Participant.name,
                Participant.result,
                Participant.score,
            )
            .join(Match, Match.id == LadderMatch.match_id)
            .join(Participant, Participant.match_id == Match.id)
            .order_by(LadderMatch.sequence, Participant.slot)
        )
        return [tuple(row) for row in rows]


def ratings(store: Store) -> dict[str, float]:
    """The Elo of everybody."""
    with store.read() as connection:
        return {
            name: elo
            for name, elo in connection.execute(select(Standing.competitor, Standing.elo))
            if elo is not None
        }


def events(store: Store) -> list[tuple[Any, ...]]:
    """The ledger."""
    with store.read() as connection:
        return [
            tuple(row)
            for row in connection.execute(
                select(
                    RatingEvent.sequence,
                    RatingEvent.competitor,
                    RatingEvent.before,
                    RatingEvent.after,
                ).order_by(RatingEvent.sequence, RatingEvent.competitor)
            )
        ]
