"""What seats of language models used in matches that were played: turns and tokens, as measured.

What belongs here: asking the store, and the guess for the policy that follows. What a seat is
expected to cost, with its spread, is in `calls.expecting`.
"""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select

from arena_pipeline.registry.gateways import is_practice
from arena_pipeline.registry.models import ModelRow
from arena_pipeline.registry.policy.estimate import TokenGuess, TokenUse, can_reason, first_guess
from arena_pipeline.store.tables import Agent, Match, MatchState, Model, Participant

ENOUGH = 3
"""So many measured matches are trusted more than those of others."""

NEWEST = 50
"""Matches of one agent or model that are looked at."""

NEWEST_SIMILAR = 300
SIMILAR_AGENTS = 40


@dataclass(frozen=True, slots=True)
class Use:
    """What one seat used in one finished match."""

    turns: int
    prompt_tokens: int
    completion_tokens: int
    model_id: int | None = None


def uses_of_agent(connection: Connection, config_id: int, agent_id: int) -> list[Use]:
    """What this agent used in its newest matches on that config."""
    return _newest(connection, config_id, NEWEST, Participant.agent_id == agent_id)


def uses_of_model(connection: Connection, config_id: int, model_id: int) -> list[Use]:
    """The same of all agents of a model."""
    return _newest(connection, config_id, NEWEST, Participant.model_id == model_id)


def uses_of_similar(
    connection: Connection, config_id: int, prompt_id: int, *, reasoning: bool, but: int | None
) -> list[Use]:
    """What other models were measured to use with that prompt: those that can reason, or those that
    can't. `but`: the model that is not meant.
    """
    statement = (
        select(Agent.id, Model.details)
        .join(Model, Model.id == Agent.model_id)
        .where(Agent.prompt_id == prompt_id)
        .order_by(Agent.id.desc())
    )
    if but is not None:
        statement = statement.where(Agent.model_id != but)
    similar = [
        row.id for row in connection.execute(statement) if can_reason(row.details) == reasoning
    ][:SIMILAR_AGENTS]
    if not similar:
        return []
    return _newest(connection, config_id, NEWEST_SIMILAR, Participant.agent_id.in_(similar))


def measured_guess(connection: Connection) -> TokenGuess:
    """What models are expected to use in a match, for the policy; two queries for all of them.

    A model with enough matches is expected to use their mean, another one the mean of those of its
    sort, else the first guess. Matches of every config count, but only those that were played here
    with a prompt; practice speaks for practice alone.
    """
    by_model = {
        row.model_id: _Sums(row.matches, int(row.turns), int(row.read), int(row.wrote))
        for row in connection.execute(_WITH_PROMPT)
    }
    by_sort: dict[tuple[bool, bool], _Sums] = defaultdict(_Sums)
    for row in connection.execute(_SORTS.where(Model.id.in_(list(by_model)))) if by_model else ():
        by_sort[_sort(row)] += by_model[row.id]

    def guess(row: ModelRow) -> TokenUse:
        for sums in (by_model.get(row.id), by_sort.get(_sort(row))):
            if sums is not None and sums.matches >= ENOUGH:
                return sums.mean
        return first_guess(row)

    return guess


@dataclass(frozen=True, slots=True)
class _Sums:
    """What several seats used together."""

    matches: int = 0
    turns: int = 0
    read: int = 0
    wrote: int = 0

    def __add__(self, other: "_Sums") -> "_Sums":
        return _Sums(
            self.matches + other.matches,
            self.turns + other.turns,
            self.read + other.read,
            self.wrote + other.wrote,
        )

    @property
    def mean(self) -> TokenUse:
        return TokenUse(
            turns=math.ceil(self.turns / self.matches),
            prompt_tokens=math.ceil(self.read / self.turns),
            completion_tokens=math.ceil(self.wrote / self.turns),
        )


def _sort(row: Any) -> tuple[bool, bool]:
    """Models of one sort use about as much: those that reason, apart from those that do not."""
    return can_reason(row.details), is_practice(row.gateway or "")


def _newest(
    connection: Connection, config_id: int, limit: int, *who: ColumnElement[bool]
) -> list[Use]:
    statement = _MEASURED.where(*who, Match.config_id == config_id)
    newest_first = statement.order_by(Participant.match_id.desc()).limit(limit)
    return _uses(connection.execute(newest_first).all())


def _uses(rows: Sequence[Any]) -> list[Use]:
    return [Use(row.turns, row.input_tokens, row.output_tokens, row.model_id) for row in rows]


_SAYS_SOMETHING = (
    Match.state == MatchState.FINISHED,
    Match.rounds > 0,
    Participant.input_tokens > 0,
    Participant.output_tokens.is_not(None),
)
_TURNS = func.coalesce(Participant.death_round + 1, Match.rounds)
"""Who died decided last in the step of its death."""

_MEASURED = (
    select(
        _TURNS.label("turns"),
        Participant.input_tokens,
        Participant.output_tokens,
        Participant.model_id,
    )
    .join(Match, Match.id == Participant.match_id)
    .where(*_SAYS_SOMETHING)
)
_WITH_PROMPT = (
    select(
        Participant.model_id,
        func.count().label("matches"),
        func.sum(_TURNS).label("turns"),
        func.sum(Participant.input_tokens).label("read"),
        func.sum(Participant.output_tokens).label("wrote"),
    )
    .join(Match, Match.id == Participant.match_id)
    .join(Agent, Agent.id == Participant.agent_id)
    .where(Participant.model_id.is_not(None), Agent.prompt_id.is_not(None), *_SAYS_SOMETHING)
    .group_by(Participant.model_id)
)
_SORTS = select(Model.id, Model.details, Model.gateway)
