"""Verification: a replay is played again from its moves, and every state must come out as it was
recorded.

Three things are compared: the file with the digest in the store, every event and state with what
the rules say, and the outcome with the match's row and participants. Each failure is named; none
stops the others. An import whose published moves do not fit word for word holds by a reason, where
its replay shows it (`matches.explaining`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import select

from arena_pipeline.errors import ReplayError
from arena_pipeline.games import catalogue
from arena_pipeline.games.chance import Chance, RecordedChance, SeededChance
from arena_pipeline.games.protocol import GameError, Seat, State
from arena_pipeline.matches import replay
from arena_pipeline.matches.explaining import (
    Verdict,
    check_needs_no_reason,
    check_reason,
    outcome_as_told,
)
from arena_pipeline.matches.rows import fault_columns
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Match, MatchState, Participant

_BATCH = 500


class Status(StrEnum):
    """What verification found."""

    VERIFIED = "verified"
    EXPLAINED = "explained"
    FAILED = "failed"
    NO_REPLAY = "no_replay"


@dataclass(frozen=True, slots=True)
class Verification:
    """One match's answer: `detail` says what is wrong, or why there is no replay; `reason` is the
    `Verdict` by which one holds that does not fit word for word.
    """

    uuid: str
    status: Status
    detail: str | None = None
    reason: str | None = None


def verify_matches(
    store: Store, replay_dir: Path, uuids: Sequence[str] | None = None
) -> Iterator[Verification]:
    """Verify finished matches, oldest first, all or those named; a uuid that is not in the store
    fails by name.
    """
    last, seen = 0, set()
    while True:
        query = (
            select(Match.__table__)
            .where(Match.state == MatchState.FINISHED, Match.id > last)
            .order_by(Match.id)
            .limit(_BATCH)
        )
        if uuids is not None:
            query = query.where(Match.uuid.in_(uuids))
        with store.read() as connection:
            rows = connection.execute(query).all()
            seats = connection.execute(
                select(Participant.__table__)
                .where(Participant.match_id.in_([row.id for row in rows]))
                .order_by(Participant.match_id, Participant.slot)
            ).all()
        if not rows:
            break
        last = rows[-1].id
        for row in rows:
            seen.add(row.uuid)
            yield verify_match(replay_dir, row, [seat for seat in seats if seat.match_id == row.id])
    for uuid in sorted(set(uuids or ()) - seen):
        yield Verification(uuid, Status.FAILED, f"There is no finished match {uuid} in the store")


def verify_match(replay_dir: Path, row: Any, seats: Sequence[Any]) -> Verification:
    """Verify one match given its row and its participants' rows in slot order."""
    if row.replay_missing is not None:
        return Verification(row.uuid, Status.NO_REPLAY, row.replay_missing)
    reason = None if row.verification == Verdict.VERIFIED else row.verification
    try:
        document = replay.read(replay_dir, row.replay_path or "", row.replay_digest)
        _check_store(document, row, seats)
        if reason == Verdict.UNEXPLAINED:
            raise ReplayError(
                f"Match {row.uuid} never fitted the rules: {row.info.get('detail') or 'see import'}"
            )
        check_replay(document, reason)
        if row.verification == Verdict.VERIFIED:
            check_needs_no_reason(document)
    except (ReplayError, GameError) as error:
        return Verification(row.uuid, Status.FAILED, str(error))
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        return Verification(
            row.uuid, Status.FAILED, f"Replay {row.replay_path} lacks what a replay has: {error!r}"
        )
    status = Status.VERIFIED if reason is None else Status.EXPLAINED
    return Verification(row.uuid, status, reason=reason)


def check_replay(document: dict[str, Any], reason: str | None = None) -> None:
    """Play a replay again and compare every event and state, then the outcome, and that the replay
    shows `reason` if it is to be explained by one. Raises ReplayError at the first gap.
    """
    match = document["match"]
    chance = _chance(match)
    state = _initial_state(document, chance)
    _compare(match["uuid"], "initial state", document["initial"], state.snapshot())
    for number, step in enumerate(document["steps"]):
        events = state.apply_actions({int(slot): text for slot, text in step["actions"].items()})
        _compare(match["uuid"], f"events of step {number}", step["events"], events)
        _compare(match["uuid"], f"state after step {number}", step["state"], state.snapshot())
    if not state.is_terminal():
        raise ReplayError(f"The match {match['uuid']} is not over where its replay ends")
    if isinstance(chance, RecordedChance) and chance.left:
        raise ReplayError(f"The match {match['uuid']} has {chance.left} draws that nothing needs")
    expected = outcome_as_told(reason, document["outcome"], asdict(state.outcome()))
    _compare(match["uuid"], "outcome", document["outcome"], expected)
    if reason is not None:
        check_reason(document, reason)


def _chance(match: dict[str, Any]) -> Chance:
    if match["seed"] is not None:
        return SeededChance(match["seed"], "state")
    if "draws" not in match:
        raise ReplayError(f"The match {match['uuid']} has neither a seed nor recorded draws")
    return RecordedChance(match["draws"])


def _initial_state(document: dict[str, Any], chance: Chance) -> State:
    """The position a replay begins with, made by the rules from settings, chance and instance."""
    match = document["match"]
    return catalogue.game(match["game"]).initial_state(
        match["settings"],
        tuple(Seat(seat["team"], seat["role"]) for seat in document["seats"]),
        chance,
        instance=match["instance"],
        rule_version=match["rule_version"],
    )


def _check_store(document: dict[str, Any], row: Any, seats: Sequence[Any]) -> None:
    """Compare what the store says with what the replay says, column by column."""
    for name, recorded in _match_columns(document).items():
        _compare(row.uuid, f"{name} in the store", recorded, getattr(row, name))
    for slot, (seat, player, stored) in enumerate(
        zip(document["seats"], document["outcome"]["players"], seats, strict=True)
    ):
        told = {"name": seat["name"], "team": seat["team"], "role": seat["role"], **player}
        for name, recorded in {**told, **_faults(document, slot)}.items():
            what = f"{name} of slot {slot} in the store"
            _compare(row.uuid, what, recorded, getattr(stored, name))


def _match_columns(document: dict[str, Any]) -> dict[str, Any]:
    match, outcome = document["match"], document["outcome"]
    return {
        "uuid": match["uuid"],
        "seed": match["seed"],
        "rule_version": match["rule_version"],
        "purpose": match["purpose"],
        "started_at": _moment(match["started_at"]),
        "ended_at": _moment(match["ended_at"]),
        "source_digest": match.get("source", {}).get("digest"),
        "rounds": len(document["steps"]),
        "ended_by": outcome["ended_by"],
        "winning_team": outcome["winning_team"],
        "total_score": sum(player["score"] for player in outcome["players"]),
    }


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _faults(document: dict[str, Any], slot: int) -> dict[str, Any]:
    turns = (step.get("turns", {}).get(str(slot), {}) for step in document["steps"])
    return fault_columns(turn["fault"] for turn in turns if "fault" in turn)


def _compare(uuid: str, what: str, recorded: Any, expected: Any) -> None:
    if recorded != expected and recorded != msgspec.json.decode(msgspec.json.encode(expected)):
        raise ReplayError(f"Match {uuid}: the {what} is not what the rules give")
