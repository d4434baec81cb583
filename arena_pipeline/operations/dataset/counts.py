"""What the card of a dataset counts, taken down while the history passes."""

import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from arena_pipeline.operations.dataset.history import Month, Played
from arena_pipeline.operations.dataset.report import MissingReplay

MOST_NAMED = 100


@dataclass(slots=True)
class Counts:
    """Counts over the whole dataset; keys of `irregular` are sentences of the card."""

    rows: Counter[str] = field(default_factory=Counter)
    months: Counter[Month] = field(default_factory=Counter)
    games: Counter[str] = field(default_factory=Counter)
    purposes: Counter[str] = field(default_factory=Counter)
    verification: Counter[str] = field(default_factory=Counter)
    irregular: Counter[str] = field(default_factory=Counter)
    first: datetime | None = None
    last: datetime | None = None
    missing_replays: int = 0
    named: list[MissingReplay] = field(default_factory=list)

    def see(self, played: Played, turns: int) -> None:
        """Take down a match with so many rows of turns."""
        match = played.match
        self.rows.update(matches=1, participants=len(played.seats), turns=turns)
        self.months[played.month] += 1
        self.games[str(match["game"])] += 1
        self.purposes[str(match["purpose"])] += 1
        if match["verification"] is not None:
            self.verification[str(match["verification"])] += 1
        for moment in (_moment(match["started_at"]), _moment(match["ended_at"])):
            if moment is not None:
                self.first = min(self.first or moment, moment)
                self.last = max(self.last or moment, moment)
        self.irregular.update(sentence for name, sentence in _OF_MATCH if _is_so(name, played))
        for seat in played.seats:
            self.irregular.update(_of_seat(seat))

    def lost(self, uuid: str, reason: str) -> None:
        """Take down a match whose replay can't be read."""
        self.missing_replays += 1
        if len(self.named) < MOST_NAMED:
            self.named.append(MissingReplay(uuid, reason))


_OF_MATCH = (
    ("void", "matches that were voided (`state = 'void'`): they count nowhere"),
    ("header", "matches of which only a header is known, without replay (`turns_missing`)"),
    (
        "gateway",
        "matches in which some turn failed by no doing of the agent (`gateway_faults > 0`)",
    ),
    ("end", "matches of which it is not known when they ended (`ended_at IS NULL`)"),
    ("nobody", "matches without a participant"),
)


def _is_so(name: str, played: Played) -> bool:
    match = played.match
    return {
        "void": match["state"] == "void",
        "header": played.missing is not None and match["state"] != "void",
        "gateway": any(seat["gateway_faults"] for seat in played.seats),
        "end": match["ended_at"] is None,
        "nobody": not played.seats,
    }[name]


def _of_seat(seat: dict[str, Any]) -> list[str]:
    found = [f"participants with the flag `{flag}`" for flag in sorted(json.loads(seat["flags"]))]
    if seat["cost"] is None and seat["agent_kind"] != "bot":
        found.append("participants other than bots whose cost is not known (`cost IS NULL`)")
    if seat["agent"] is None:
        found.append("participants known by name only (`agent IS NULL`)")
    if seat["agent_faults"]:
        found.append("participants with turns that failed by their own doing (`agent_faults > 0`)")
    return found


def _moment(value: Any) -> datetime | None:
    return value if isinstance(value, datetime) else None
