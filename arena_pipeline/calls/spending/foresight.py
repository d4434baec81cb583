"""How well costs were foreseen, by model: what seats were expected to cost, what they came to."""

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import func, select

from arena_pipeline.store import Store
from arena_pipeline.store.tables import Match, MatchState, Model, Participant


@dataclass(frozen=True, slots=True)
class Foresight:
    """A model's finished matches for which a cost had been expected and is known now, in USD."""

    model: str
    matches: int
    expected: Decimal
    cost: Decimal

    @property
    def ratio(self) -> float | None:
        """How many times what was expected it came to; None where nothing was."""
        return float(self.cost / self.expected) if self.expected else None


def foresight(store: Store) -> list[Foresight]:
    """For each model with such matches, the dearest first."""
    with store.read() as connection:
        rows = connection.execute(
            select(
                Model.slug,
                func.count(),
                func.sum(Participant.expected_cost),
                func.sum(Participant.cost),
            )
            .join(Model, Model.id == Participant.model_id)
            .join(Match, Match.id == Participant.match_id)
            .where(
                Match.state == MatchState.FINISHED,
                Participant.expected_cost.is_not(None),
                Participant.cost.is_not(None),
            )
            .group_by(Model.slug)
        ).all()
    found = [
        Foresight(slug, count, expected or Decimal(0), cost or Decimal(0))
        for slug, count, expected, cost in rows
    ]
    return sorted(found, key=lambda one: (-one.cost, one.model))
