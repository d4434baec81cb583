"""Why a match that another arena played does not fit the rules word for word, and how its replay
shows that the reason holds.

A reason is believed only where its replay shows it: each has a check here, and one without a check
explains nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Any

from arena_pipeline.errors import ReplayError
from arena_pipeline.games.protocol import Event, Json

DERIVED = "derived"
"""Mark in a turn's `extra`: the move was not recorded but follows from how the board changed."""

Document = Mapping[str, Any]


class Verdict(StrEnum):
    """How an import's moves fit the rules; the values of `matches.verification`."""

    VERIFIED = "verified"
    SAME_TURN_APPLE_RESPAWN = "same_turn_apple_respawn"
    DOUBLE_SHIFTED_HISTORY = "double_shifted_history"
    SHIFTED_MOVES = "shifted_moves"
    LEADING_MOVE = "leading_move"
    HEADER_ONLY = "header_only"
    UNEXPLAINED = "unexplained"


def check_reason(document: Document, reason: str) -> None:
    """Raise ReplayError unless the replay shows what `reason` says of it."""
    check = _CHECKS.get(reason)
    if check is None:
        raise ReplayError(f"Nothing in a replay can show that {reason!r} explains it")
    if not check(document):
        raise ReplayError(
            f"Match {document['match']['uuid']}: its replay does not show {reason!r}, "
            "by which the store explains it"
        )


def check_needs_no_reason(document: Document) -> None:
    """Raise ReplayError if the replay of an import shows what has to be explained."""
    for reason, check in _CHECKS.items():
        if check(document):
            raise ReplayError(
                f"Match {document['match']['uuid']}: its replay shows {str(reason)!r}, "
                "but the store says that it fits word for word"
            )


def outcome_as_told(
    reason: str | None, recorded: Mapping[str, Any], expected: dict[str, Any]
) -> dict[str, Any]:
    """The outcome that the rules give, with deaths counted as a file with a leading move does: all
    as many rounds later as the first that was recorded.
    """
    if reason != Verdict.LEADING_MOVE:
        return expected
    late = _rounds_late(recorded["players"], expected["players"])
    players = [
        {**player, "death_round": player["death_round"] + late}
        if player["death_round"] is not None
        else player
        for player in expected["players"]
    ]
    return {**expected, "players": players}


def eats_what_grew(events: Sequence[Event]) -> bool:
    """Whether one step's events eat an apple that an earlier one of them grew."""
    grown: list[Json] = []
    for event in events:
        if event["type"] == "apple":
            if event["eaten"] in grown:
                return True
            grown.append(event["grown"])
    return False


def _respawned(document: Document) -> bool:
    return any(eats_what_grew(step["events"]) for step in document["steps"])


def _moves_derived(document: Document) -> bool:
    """Whether the first steps have only derived moves and the others only recorded ones."""
    marks = [
        {
            bool(step.get("turns", {}).get(slot, {}).get("extra", {}).get(DERIVED))
            for slot in step["actions"]
        }
        for step in document["steps"]
    ]
    lost = next((number for number, mark in enumerate(marks) if mark != {True}), len(marks))
    return 0 < lost < len(marks) and all(mark == {False} for mark in marks[lost:])


def _counted_late(document: Document) -> bool:
    """Whether the outcome has deaths later than the last state has them."""
    last = document["steps"][-1]["state"]["deaths"]
    players = [{"death_round": death and death["round"]} for death in last]
    return _rounds_late(document["outcome"]["players"], players) > 0


def _rounds_late(told: Sequence[Mapping[str, Any]], real: Sequence[Mapping[str, Any]]) -> int:
    """By how many rounds the first death is told late; `death_round` None on either side is no
    death.
    """
    return next(
        (
            one["death_round"] - other["death_round"]
            for one, other in zip(told, real, strict=True)
            if one["death_round"] is not None and other["death_round"] is not None
        ),
        0,
    )


_CHECKS: dict[str, Callable[[Document], bool]] = {
    Verdict.SAME_TURN_APPLE_RESPAWN: _respawned,
    Verdict.DOUBLE_SHIFTED_HISTORY: _moves_derived,
    Verdict.SHIFTED_MOVES: _moves_derived,
    Verdict.LEADING_MOVE: _counted_late,
}
"""What each reason can be told by."""
