"""A ladder's ledger being written: each match gets its place, rated ones their rating events.

The recorder adds what was just finished, a rebuild adds everything; both go through `Ledger.add`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert

from arena_pipeline.matches import chain
from arena_pipeline.matches.ladder_rules import LadderRule, MatchFacts, Reason
from arena_pipeline.matches.standings import Tally, apply_match
from arena_pipeline.store.bulk import insert_many
from arena_pipeline.store.tables import (
    CompetitorKind,
    LadderMatch,
    Ordering,
    RatingEvent,
    Standing,
)

_INSERT_PLACES = insert(LadderMatch)
_INSERT_EVENTS = insert(RatingEvent)

ADVANCING = ("next_sequence", "next_position", "chain_head")
"""Columns of `ladders` that each recorded match moves."""

TALLY_COLUMNS = tuple(getattr(Standing, name) for name in Tally.COLUMNS)
"""Columns of `standings` in the order of `Tally`'s fields: `Tally(*row)` reads such a row."""


@dataclass(slots=True)
class End:
    """Where a ladder's ledger ends and goes on: columns of its row in `ladders`.

    `chain_head` is None before the first rated match, and as long as the chain was not begun for
    matches that were rated before there were chains.
    """

    epoch: int
    next_sequence: int = 1
    next_position: int = 1
    chain_head: str | None = None

    def row(self) -> dict[str, Any]:
        """The end as the columns of `ladders` that move."""
        return {name: getattr(self, name) for name in ADVANCING}


class Ledger:
    """Appends to a ladder's ledger from its end on; the caller holds its lock."""

    def __init__(self, rule: LadderRule, end: End, tallies: Mapping[str, Tally]) -> None:
        self.rule = rule
        self.end = end
        self.tallies = dict(tallies)
        self._places: list[dict[str, Any]] = []
        self._events: list[dict[str, Any]] = []

    def add(self, match: MatchFacts) -> Reason | None:
        """Rate a match in the ladder's scope, or note why it is not rated; returns that reason."""
        reason = self.rule.judge(match)
        key = {"ladder_id": self.rule.id, "epoch": self.end.epoch}
        place = {
            **key,
            "match_id": match.id,
            "sequence": None,
            "reason": reason and reason.value,
            "position": self.end.next_position,
            "digest": None,
            "ended_at": match.ended_at,
        }
        self._places.append(place)
        self.end.next_position += 1
        if reason:
            return reason
        sequence = place["sequence"] = self.end.next_sequence
        place["digest"] = self.end.chain_head = self._link(match)
        self.end.next_sequence += 1
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
            for move in apply_match(self.rule, self.tallies, match.seats, match.started_at)
        )
        return None

    def _link(self, match: MatchFacts) -> str | None:
        previous, sequence = self.end.chain_head, self.end.next_sequence
        if sequence == 1:
            previous = chain.genesis(self.rule, self.end.epoch)
        if previous is None:
            return None
        return chain.link(previous, sequence, chain.match_digest(match))

    @property
    def waiting(self) -> int:
        """Matches added since the last flush."""
        return len(self._places)

    def flush(self, connection: Connection, *, in_bulk: bool = False) -> None:
        """Write places and events added so far; standings and ladder row are the caller's.

        `in_bulk`: a history of them, not within `Store.pipelined`.
        """
        if in_bulk:
            insert_many(connection, LadderMatch, self._places)
            insert_many(connection, RatingEvent, self._events)
        else:
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


def end_of(row: Any) -> End:
    """Where the ledger of the ladder in a row of `ladders` ends."""
    return End(row.epoch, row.next_sequence, row.next_position, row.chain_head)
