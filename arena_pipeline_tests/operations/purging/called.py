"""Calls in a store, as whoever asks a gateway will record them."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import insert, select

from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.store import Store
from arena_pipeline.store.tables import LlmCall, Match
from arena_pipeline_tests.agents import add_agents, finished_match

HOSTILE = '{"reply": "up \u202e \\u0000 \' \\" \n\t \U0001f40d"}'
"""A payload with all that text can hold."""


def record_calls(store: Store, recorder: Recorder, times: Sequence[datetime]) -> dict[int, str]:
    """Record a match with a call started at each of these times; payloads by the call's id."""
    agents = list(add_agents(store, "asked", "other").values())
    [uuid] = recorder.record([finished_match(store, agents)])
    with store.write() as connection:
        match = connection.scalar(select(Match.id).where(Match.uuid == uuid))
        connection.execute(
            insert(LlmCall),
            [
                {
                    "match_id": match,
                    "step": step,
                    "slot": 0,
                    "attempt": 1,
                    "gateway": "openrouter",
                    "client_name": "acme/one",
                    "started_at": moment,
                    "payload": f"{step} {HOSTILE}",
                }
                for step, moment in enumerate(times)
            ],
        )
    return payloads(store)


def days_before(now: datetime, *ages: float) -> list[datetime]:
    """Times so many days ago."""
    return [now - timedelta(days=age) for age in ages]


def payloads(store: Store) -> dict[int, str]:
    """The payloads that the store still has, by the call's id."""
    with store.read() as connection:
        rows = connection.execute(
            select(LlmCall.id, LlmCall.payload).where(LlmCall.payload.is_not(None))
        )
        return {row.id: str(row.payload) for row in rows}
