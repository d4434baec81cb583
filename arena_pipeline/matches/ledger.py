"""A ladder's ledger being written: each match gets its place, rated ones their rating events.

The recorder adds what was just finished, a rebuild adds everything; both go through `Ledger.add`.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert

from arena_pipeline.matches.ladder_rules import LadderRule, Reason, SeatFacts
from arena_pipeline.matches.standings import Tally, apply_match
from arena_pipeline.store.tables import (
    CompetitorKind,
    LadderMatch,
    Ordering,
    RatingEvent,
    Standing,
)

_INSERT_PLACES = insert(LadderMatch)
_INSERT_EVENTS = insert(RatingEvent)

TALLY_COLUMNS = tuple(getattr(Standing, name) for name in Tally.COLUMNS)
"""Columns of `standings` in the order of `Tally`'s fields: `Tally(*row)` reads such a row."""


class Ledger:
    """Appends to a ladder's ledger from `next_sequence` on; the caller holds its lock."""

    def __init__(
        self, rule: LadderRule, epoch: int, next_sequence: int, tallies: Mapping[str, Tally]
    ) -> None:
        self.rule = rule
        self.epoch = epoch
        self.next_sequence = next_sequence
        self.tallies = dict(tallies)
        self.left_out = 0
        self._places: list[dict[str, Any]] = []
        self._events: list[dict[str, Any]] = []

    def add(
        self, match_id: int, seats: Sequence[SeatFacts], started_at: datetime | None
    ) -> Reason | None:
        """Rate a match in the ladder's scope, or note why it is not rated; returns that reason."""
        reason = self.rule.judge(seats)
        key = {"ladder_id": self.rule.id, "epoch": self.epoch}
        sequence = None if reason else self.next_sequence
        self._places.append(
            {**key, "match_id": match_id, "sequence": sequence, "reason": reason and reason.value}
        )
        if reason:
            self.left_out += 1
            return reason
        self.next_sequence += 1
        system = self.rule.system.value
        self._events.extend(
            {
                **key,
                "sequence": sequence,
                "competitor": move.competitor,
                "system": system,
                "before": move.before,
                "after": move.after,
            }
            for move in apply_match(self.rule, self.tallies, seats, started_at)
        )
        return None

    @property
    def waiting(self) -> int:
        """Matches added since the last flush."""
        return len(self._places)

    def flush(self, connection: Connection) -> None:
        """Write places and events added so far; standings and ladder row are the caller's."""
        if self._places:
            connection.execute(_INSERT_PLACES, self._places)
        if self._events:
            connection.execute(_INSERT_EVENTS, self._events)
        self._places.clear()
        self._events.clear()


def rule_of(row: Any) -> LadderRule:
    """The rule set in a row of `ladders`."""
    return LadderRule(
        id=row.id,
        name=row.name,
        game=row.game,
        competitor=CompetitorKind(row.competitor),
        ordering=Ordering(row.ordering),
        filter=row.filter,
        policy=row.policy,
    )
