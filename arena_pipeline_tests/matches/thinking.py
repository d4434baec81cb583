"""Players that wait, as language models do, and calls put into the ledger as the clerk does."""

import asyncio
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import insert, select

from arena_pipeline.matches.plan import Entrant, MatchPlan
from arena_pipeline.players.protocol import Decision, TurnRequest
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Evaluation, EvaluationState, Ladder, LlmCall, Match
from arena_pipeline_tests.matches.seat import Steady


class Thinking(Steady):
    """A `Steady` that waits, remembers its requests, and raises `trouble` at the turns named."""

    waits = True

    def __init__(self, seed: int | None, trouble: dict[int, BaseException] | None = None) -> None:
        super().__init__(seed)
        self.trouble = trouble or {}
        self.requests: list[TurnRequest] = []

    async def act(self, request: TurnRequest) -> Decision:
        """Choose by the seed, after the others had their chance to run."""
        self.requests.append(request)
        await asyncio.sleep(0)
        if request.round in self.trouble:
            raise self.trouble[request.round]
        return await super().act(request)


def thinking(plan: MatchPlan, trouble: dict[int, BaseException] | None = None) -> list[Thinking]:
    """Players that decide as `seat.steady` does; the first has the trouble."""
    return [
        Thinking(plan.seed, trouble if slot == 0 else None) for slot in range(len(plan.entrants))
    ]


def match_row(store: Store, uuid: str) -> Any:
    """The row of a match."""
    with store.read() as connection:
        return connection.execute(select(Match.__table__).where(Match.uuid == uuid)).one()


def match_state(store: Store, uuid: str) -> str | None:
    """The state of a match; None: there is none of this uuid."""
    with store.read() as connection:
        return connection.scalar(select(Match.state).where(Match.uuid == uuid))


def add_calls(store: Store, uuid: str, calls: Sequence[dict[str, Any]]) -> None:
    """Put calls of a match into the ledger: settled, unless a call says otherwise."""
    now = datetime(2026, 11, 21, 12, tzinfo=UTC)
    with store.write() as connection:
        match = connection.scalar(select(Match.id).where(Match.uuid == uuid))
        connection.execute(
            insert(LlmCall),
            [
                {
                    "match_id": match,
                    "gateway": "openrouter",
                    "client_name": "acme/one",
                    "attempt": 1,
                    "started_at": now,
                    "settled_at": now,
                    "prompt_tokens": None,
                    "completion_tokens": None,
                    "error_kind": None,
                    "cost_counted": Decimal(0),
                    "payload": json.dumps({"request": {"n": 1}, "response": {"cost": 0.10}}),
                    **call,
                }
                for call in calls
            ],
        )


def calls_of(store: Store, uuid: str) -> list[Any]:
    """The calls of a match in the ledger, in their order."""
    with store.read() as connection:
        return list(
            connection.execute(
                select(LlmCall.__table__)
                .join(Match, Match.id == LlmCall.match_id)
                .where(Match.uuid == uuid)
                .order_by(LlmCall.step, LlmCall.slot, LlmCall.attempt)
            ).all()
        )


def add_evaluation(
    store: Store, entrant: Entrant, state: EvaluationState = EvaluationState.RUNNING
) -> int:
    """Put an evaluation of an agent on the default ladder into the store; its id."""
    with store.write() as connection:
        ladder = connection.scalar(select(Ladder.id).order_by(Ladder.id).limit(1))
        return int(
            connection.scalar(
                insert(Evaluation)
                .values(
                    agent_id=entrant.agent_id,
                    ladder_id=ladder,
                    state=state.value,
                    planned=3,
                    queued_at=datetime.now(UTC),
                )
                .returning(Evaluation.id)
            )
            or 0
        )
