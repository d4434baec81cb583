"""The calls of a match as they go into its replay, and what becomes of them in the store then.

Requests and answers lie in `llm_calls.payload` until the match is over, so that no question has to
be asked twice. Sealed into the replay they leave the store, where the row says in which replay they
are, and where in it: `replay:PATH#STEP/SLOT/ATTEMPT`.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam, select, update

from arena_pipeline.errors import ReplayError
from arena_pipeline.matches import replay
from arena_pipeline.matches.plan import FinishedMatch, KeptCall
from arena_pipeline.store import Store
from arena_pipeline.store.tables import LlmCall, Match

_PLACE = "replay:"


def with_calls(
    store: Store, matches: Iterable[FinishedMatch], *, keep_payloads: bool
) -> Iterator[FinishedMatch]:
    """Finished matches, those that were journaled with their calls as the store knows them."""
    for match in matches:
        if not match.journaled:
            yield match
            continue
        decided = {(turn.step, turn.slot) for step in match.steps for turn in step.turns}
        with store.read() as connection:
            calls = calls_of(connection, match.uuid, decided, keep_payloads=keep_payloads)
        yield replace(match, calls=calls)


def calls_of(
    connection: Connection,
    uuid: str,
    decided: Collection[tuple[int, int]] = (),
    *,
    keep_payloads: bool = False,
) -> tuple[KeptCall, ...]:
    """The calls of a match; payloads only of those whose step and seat are among `decided`."""
    return tuple(
        _kept(row, keep_payloads, has_turn=(row.step, row.slot) in decided)
        for row in connection.execute(_CALLS, {"uuid": uuid})
    )


def place_of(path: str, call: KeptCall) -> str:
    """Where a call lies in the replay at `path`."""
    return f"{_PLACE}{path}#{call.step}/{call.slot}/{call.attempt}"


def move_payloads(connection: Connection, places: Sequence[tuple[int, str | None]]) -> None:
    """Clear the payloads of calls (by id) and say where they lie now; None: nowhere.

    Only calls whose payload was sealed are given: one that settles late keeps its own.
    """
    if places:
        connection.execute(_MOVE, [{"call": call, "place": place} for call, place in places])


def payload_in(replay_dir: Path, place: str) -> Any:
    """Request and answer of a call (JSON) that lie at `place` in a replay. Raises ReplayError when
    they do not.
    """
    path, _, position = place.removeprefix(_PLACE).partition("#")
    document = replay.read(replay_dir, path, None)
    try:
        step, slot, attempt = map(int, position.split("/"))
        calls = document["steps"][step]["turns"][str(slot)]["calls"]
        return next(call["payload"] for call in calls if call["attempt"] == attempt)
    except (KeyError, IndexError, TypeError, ValueError, StopIteration) as error:
        raise ReplayError(f"There is no call at {place!r}") from error


def _kept(row: Any, keep_payloads: bool, *, has_turn: bool) -> KeptCall:
    facts = {name: getattr(row, name) for name in _FACTS if getattr(row, name) is not None}
    has_payload = has_turn and row.payload is not None
    if keep_payloads and has_payload:
        facts["payload"] = _as_json(row.payload)
    return KeptCall(
        id=row.id,
        step=row.step,
        slot=row.slot,
        attempt=row.attempt,
        facts=facts,
        has_payload=has_payload,
        is_kept="payload" in facts,
        input_tokens=row.prompt_tokens,
        output_tokens=row.completion_tokens,
        cost=row.cost_counted,
    )


def _as_json(payload: str) -> Any:
    """The payload as it is, digit for digit; as text where it is no JSON."""
    try:
        msgspec.json.decode(payload)
    except msgspec.DecodeError:
        return payload
    return msgspec.Raw(payload.encode())


_FACTS = (
    "attempt", "question", "gateway", "client_name", "host", "started_at", "settled_at",
    "first_byte_ms", "duration_ms", "http_status", "error_kind", "error", "request_id",
    "prompt_tokens", "cached_tokens", "completion_tokens", "reasoning_tokens", "cost_estimated",
    "cost_billed", "cost_counted", "finish_reason",
)  # fmt: skip
_CALLS = (
    select(LlmCall.__table__)
    .join(Match, Match.id == LlmCall.match_id)
    .where(Match.uuid == bindparam("uuid"))
    .order_by(LlmCall.step, LlmCall.slot, LlmCall.attempt)
)
_MOVE = (
    update(LlmCall.__table__)  # type: ignore[arg-type]
    .where(LlmCall.id == bindparam("call"), LlmCall.payload.is_not(None))
    .values(payload=None, payload_at=bindparam("place"))
)
