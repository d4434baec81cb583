"""Standings in memory and what one match does to them: the one place where a match becomes numbers.

The recorder applies it to each match as it is finished; `leaderboard.recompute` applies it to a
whole history. Nothing here reads or writes a database.
"""

from collections.abc import MutableMapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, ClassVar

from arena_pipeline.matches.ladder_rules import LadderRule, SeatFacts, System, ranks_of, teams_of
from arena_pipeline.ratings import elo


@dataclass(slots=True)
class Tally:
    """A competitor's running standing: rating and totals. Scores in the game's unit, `elo` in
    points; `live_mu` and `live_sigma` are TrueSkill's, of which `apply_match` knows nothing.
    """

    competitor: str
    agent_id: int | None = None
    model_id: int | None = None
    elo: float | None = None
    mean_score: float | None = None
    matches: int = 0
    wins: int = 0
    losses: int = 0
    ties: int = 0
    score_total: float = 0.0
    top_score: float | None = None
    first_match_at: datetime | None = None
    last_match_at: datetime | None = None
    live_mu: float | None = None
    live_sigma: float | None = None

    COLUMNS: ClassVar[tuple[str, ...]]
    """Names of the fields, which are those of the columns of `standings`."""

    def row(self) -> dict[str, Any]:
        """The tally as columns of `standings`."""
        return {name: getattr(self, name) for name in self.COLUMNS}

    def count(self, seat: SeatFacts, started_at: datetime | None) -> None:
        """Add one seat of one match to the totals."""
        self.matches += 1
        match seat.result:
            case "won":
                self.wins += 1
            case "lost":
                self.losses += 1
            case _:
                self.ties += 1
        self.score_total += seat.score
        self.top_score = seat.score if self.top_score is None else max(self.top_score, seat.score)
        if started_at is not None:
            self.first_match_at = min(self.first_match_at or started_at, started_at)
            self.last_match_at = max(self.last_match_at or started_at, started_at)
        self.agent_id = seat.agent_id if self.agent_id is None else self.agent_id
        self.model_id = seat.model_id if self.model_id is None else self.model_id


Tally.COLUMNS = tuple(field.name for field in fields(Tally))


@dataclass(frozen=True, slots=True)
class Move:
    """One line for the ledger: a competitor's number before and after a match."""

    competitor: str
    before: float
    after: float


def apply_match(
    rule: LadderRule,
    tallies: MutableMapping[str, Tally],
    seats: Sequence[SeatFacts],
    started_at: datetime | None,
) -> list[Move]:
    """Change `tallies` by one rated match and return its lines for the ledger, in order of first
    seat.

    `seats` must have passed `rule.judge`. Competitors not yet in `tallies` are added.
    """
    of_score = rule.system is System.MEAN_SCORE
    names = [str(rule.competitor_of(seat)) for seat in seats]
    competitors = list(dict.fromkeys(names))
    for name in competitors:
        tallies.setdefault(name, Tally(name))
    start = 0.0 if of_score else rule.initial
    before = [_number(tallies[name], start, of_score=of_score) for name in competitors]
    for name, seat in zip(names, seats, strict=True):
        tallies[name].count(seat, started_at)
    if of_score:
        after = [tallies[name].score_total / tallies[name].matches for name in competitors]
    else:
        indexes = [competitors.index(name) for name in names]
        after = elo.rate(before, indexes, ranks_of(seats), teams_of(seats), rule.k)
    for name, number in zip(competitors, after, strict=True):
        if of_score:
            tallies[name].mean_score = number
        else:
            tallies[name].elo = number
    return [Move(*line) for line in zip(competitors, before, after, strict=True)]


def _number(tally: Tally, start: float, *, of_score: bool) -> float:
    number = tally.mean_score if of_score else tally.elo
    return start if number is None else number
