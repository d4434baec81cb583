"""A published move as a turn of ours: what is dangerous in it masked, what failed in it named."""

from datetime import UTC, datetime

from arena_pipeline.importers.snakebench.facts.costs import usd
from arena_pipeline.importers.snakebench.facts.faults import fault_of
from arena_pipeline.importers.snakebench.facts.redaction import redact
from arena_pipeline.importers.snakebench.game import Move
from arena_pipeline.matches.explaining import DERIVED
from arena_pipeline.matches.plan import TurnRecord

_FIRST_SECOND, _LAST_SECOND = 1_577_836_800, 4_102_444_800
"""2020 and 2100: a time of decision outside of them is none."""


def turn_record(
    step: int, slot: int, action: str, move: Move, decided_at: float | None
) -> TurnRecord:
    """The turn of one seat. `action` is what was played, be it published or derived; empty where
    neither is known.
    """
    rationale = move.rationale
    return TurnRecord(
        step,
        slot,
        action,
        fault=fault_of(rationale),
        # Half a surrogate pair can't be in what was decoded from JSON: NUL is all to be cleaned.
        rationale=None if rationale is None else redact(rationale).replace("\0", "\ufffd"),
        input_tokens=move.input_tokens,
        output_tokens=move.output_tokens,
        cost=usd(move.cost),
        decided_at=_moment(decided_at),
        extra={DERIVED: True} if move.action is None and action else {},
    )


def _moment(seconds: float | None) -> datetime | None:
    if seconds is None or not _FIRST_SECOND <= seconds <= _LAST_SECOND:
        return None
    return datetime.fromtimestamp(seconds, UTC)
