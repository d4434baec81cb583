"""What the journals of matches write in one transaction: turns, leases, pauses.

What belongs here: the statements. Who writes when is in `matches.journal`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, update

from arena_pipeline.errors import RecordingError
from arena_pipeline.escaping import plain_line
from arena_pipeline.masking import mask_error
from arena_pipeline.matches.finishing import OPEN
from arena_pipeline.matches.plan import TurnRecord
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Match, MatchState, Turn
from arena_pipeline.store.types import clean_text

LONGEST_REASON = 500


class LeaseLost(RecordingError):
    """Another process has taken the match over; whoever sees this stops playing it."""


@dataclass(frozen=True, slots=True)
class Pause:
    """Why a match stands still and until when it must (UTC); no reason: it may go on at once."""

    reason: str | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """What is written of one match under `owner`'s lease, `lease` long: turns, or nothing but a new
    lease, or that the match is let go of (`pause`).
    """

    match_id: int
    uuid: str
    owner: str
    lease: timedelta
    turns: tuple[TurnRecord, ...] = ()
    pause: Pause | None = None


def write_entries(
    store: Store, connection: Connection, entries: Sequence[Entry]
) -> list[tuple[TurnRecord, ...] | Exception]:
    """Write entries within one transaction; the turns that stand for each, or LeaseLost.

    Safe to repeat: a turn that stands stays. Beside others: the matches are locked in the order of
    their ids (SQLite: all of the store), and only whoever holds the lease writes.
    """
    now = datetime.now(UTC)
    ids = sorted({entry.match_id for entry in entries})
    found = {row.id: row for row in connection.execute(_LOCKED, {"ids": ids})}
    answers: list[tuple[TurnRecord, ...] | Exception] = []
    rows: list[dict[str, Any]] = []
    renewals: dict[int, dict[str, Any]] = {}
    pauses: list[dict[str, Any]] = []
    for entry in entries:
        row = found.get(entry.match_id)
        if row is None or row.lease_owner != entry.owner or row.state not in OPEN:
            lost = LeaseLost(f"Match {entry.uuid} is no longer played by {entry.owner}")
            answers.append(lost if entry.pause is None else ())
            continue
        answers.append(entry.turns)
        rows += [turn_row(entry.match_id, turn) for turn in entry.turns]
        if entry.pause is not None:
            pauses.append(_pause_row(entry.match_id, entry.pause, now))
        elif _must_renew(entry, row, now):
            has_gone_on = bool(entry.turns) or renewals.get(row.id, {}).get("paused", 0) is None
            renewals[row.id] = {
                "match": row.id,
                "until": now + entry.lease,
                "paused": None if has_gone_on else row.paused_at,
            }
    if rows:
        written = connection.execute(
            store.insert_ignore(Turn), rows, execution_options={"preserve_rowcount": True}
        )
        if written.rowcount != len(rows):
            answers = [
                answer if isinstance(answer, Exception) else _standing(connection, entry)
                for entry, answer in zip(entries, answers, strict=True)
            ]
    if renewals:
        connection.execute(_RENEW, list(renewals.values()))
    if pauses:
        connection.execute(_PAUSE, pauses)
    return answers


def _must_renew(entry: Entry, row: Any, now: datetime) -> bool:
    """Whether the row of a match has to change: most turns come soon after the last renewal."""
    if not entry.turns or row.state != MatchState.RUNNING or row.paused_at is not None:
        return True
    return row.lease_until is None or row.lease_until - now <= entry.lease * 2 / 3


def _pause_row(match_id: int, pause: Pause, now: datetime) -> dict[str, Any]:
    reason = None if pause.reason is None else clean_text(plain_line(mask_error(pause.reason)))
    return {
        "match": match_id,
        "now": now,
        "resume": pause.until,
        "reason": None if reason is None else reason[:LONGEST_REASON],
    }


def _standing(connection: Connection, entry: Entry) -> tuple[TurnRecord, ...]:
    return tuple(
        turn_record(
            connection.execute(
                select(Turn.__table__).where(
                    Turn.match_id == entry.match_id,
                    Turn.step == turn.step,
                    Turn.slot == turn.slot,
                )
            ).one()
        )
        for turn in entry.turns
    )


_TURN_FIELDS = tuple(TurnRecord.__dataclass_fields__)


def turn_row(match_id: int, turn: TurnRecord) -> dict[str, Any]:
    """A turn as a row of `turns`."""
    row = {name: getattr(turn, name) for name in _TURN_FIELDS}
    return {"match_id": match_id, **row, "decided_at": turn.decided_at or datetime.now(UTC)}


def turn_record(row: Any) -> TurnRecord:
    """A row of `turns` as a turn."""
    return TurnRecord(**{name: getattr(row, name) for name in _TURN_FIELDS})


def turn_records(rows: Iterable[Any]) -> list[TurnRecord]:
    """Rows of `turns` as turns."""
    return [turn_record(row) for row in rows]


_LOCKED = (
    select(Match.id, Match.lease_owner, Match.lease_until, Match.state, Match.paused_at)
    .where(Match.id.in_(bindparam("ids", expanding=True)))
    .order_by(Match.id)
    .with_for_update(key_share=True)
)
_RENEW = (
    update(Match.__table__)  # type: ignore[arg-type]
    .where(Match.id == bindparam("match"))
    .values(
        state=MatchState.RUNNING.value,
        lease_until=bindparam("until"),
        paused_at=bindparam("paused"),
        resume_at=None,
        pause_reason=None,
    )
)
_PAUSE = (
    update(Match.__table__)  # type: ignore[arg-type]
    .where(Match.id == bindparam("match"))
    .values(
        state=MatchState.PAUSED.value,
        lease_owner=None,
        lease_until=None,
        paused_at=func.coalesce(Match.paused_at, bindparam("now", type_=Match.paused_at.type)),
        resume_at=bindparam("resume"),
        pause_reason=bindparam("reason"),
    )
)
