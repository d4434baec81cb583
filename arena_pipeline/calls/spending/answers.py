"""Answers that are in the ledger already, so that no question is paid for twice."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, select

from arena_pipeline.calls.kinds import ErrorKind
from arena_pipeline.calls.plan import CallSite
from arena_pipeline.calls.spending.turns import at_turns, these_turns, turn_of
from arena_pipeline.store.tables import LlmCall


@dataclass(frozen=True, slots=True)
class RecordedAnswer:
    """The newest answer to a question. Tokens and cost (USD: the bill, else the estimate) are the
    sums over all attempts at it, None where one of them is unknown; attempts that failed count for
    nothing there unless they were billed. `payload` is request and answer in full (JSON), None if
    it is no more kept. `error_kind` is one that answers the question (`ErrorKind.is_answer`).
    """

    call_id: int
    payload: str | None
    attempts: int
    host: str | None
    finish_reason: str | None
    prompt_tokens: int | None
    completion_tokens: int | None
    cost: Decimal | None
    error_kind: ErrorKind | None = None


def answers(connection: Connection, sites: Sequence[CallSite]) -> list[RecordedAnswer | None]:
    """For each question its answer, None where none is on record."""
    found: dict[tuple[int, int, int, int], list[Any]] = defaultdict(list)
    query = _LOOK.where(at_turns(connection, LlmCall.match_id, LlmCall.step, LlmCall.slot))
    for row in connection.execute(query, these_turns(connection, map(turn_of, sites))):
        found[row.match_id, row.step, row.slot, row.question].append(row)
    return [_answer(found[*turn_of(site), site.question]) for site in sites]


def _answer(rows: list[Any]) -> RecordedAnswer | None:
    """From all attempts at a question, in their order."""
    good = [row for row in rows if row.settled_at is not None and _answers(row.error_kind)]
    if not good:
        return None
    newest = good[-1]
    # What a failed attempt is counted at is 0 where it was surely not served.
    settled = [row for row in rows if row.settled_at is not None]
    known = [row for row in settled if row.error_kind is None or row.prompt_tokens is not None]
    return RecordedAnswer(
        newest.id,
        newest.payload,
        len(rows),
        newest.host,
        newest.finish_reason,
        _sum(row.prompt_tokens for row in known),
        _sum(row.completion_tokens for row in known),
        _cost(rows),
        None if newest.error_kind is None else ErrorKind(newest.error_kind),
    )


def _answers(error_kind: str | None) -> bool:
    return error_kind is None or ErrorKind(error_kind).is_answer


def _sum(numbers: Iterable[int | None]) -> int | None:
    total = 0
    for number in numbers:
        if number is None:
            return None
        total += number
    return total


def _cost(rows: Iterable[Any]) -> Decimal | None:
    total = Decimal(0)
    for row in rows:
        cost = row.cost_billed if row.cost_billed is not None else row.cost_estimated
        if cost is None and row.cost_counted != 0:
            return None
        total += cost or 0
    return total


_LOOK = (
    select(
        LlmCall.id, LlmCall.match_id, LlmCall.step, LlmCall.slot, LlmCall.question,
        LlmCall.settled_at, LlmCall.error_kind, LlmCall.payload, LlmCall.host,
        LlmCall.finish_reason, LlmCall.prompt_tokens, LlmCall.completion_tokens,
        LlmCall.cost_billed, LlmCall.cost_estimated, LlmCall.cost_counted,
    )
    .order_by(LlmCall.match_id, LlmCall.step, LlmCall.slot, LlmCall.attempt)
)  # fmt: skip
