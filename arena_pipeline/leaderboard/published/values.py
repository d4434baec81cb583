"""What another arena published of our matches, as plain values to be compared with ours.

Nothing here reads a file or the store: an importer makes these values from its system's files,
`agreement` holds them against a ladder.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class PublishedKind(StrEnum):
    """Kinds of published files, by what they tell."""

    STATS = "stats"
    STATS_SIMPLE = "stats_simple"
    TRUESKILL = "trueskill"
    STATE = "state"
    INDEX = "index"


@dataclass(frozen=True, slots=True)
class Figures:
    """A competitor's numbers as published; None where the file has none.

    `elo` in points; TrueSkill in its own unit (a newcomer has mean 25); scores in the game's unit;
    times are start times of the earliest and latest match as text.
    """

    competitor: str
    elo: float | None = None
    trueskill_mu: float | None = None
    trueskill_sigma: float | None = None
    trueskill_exposed: float | None = None
    matches: int | None = None
    wins: int | None = None
    losses: int | None = None
    ties: int | None = None
    score_total: float | None = None
    top_score: float | None = None
    first_game_time: str | None = None
    last_game_time: str | None = None


@dataclass(frozen=True, slots=True)
class GameRecord:
    """A match as one competitor's page told it. `opponent_elo` is the opponent's rating after it;
    `death` is (reason, round from 0).
    """

    game_id: str
    competitor: str
    my_score: float | None
    result: str | None
    opponent_score: float | None = None
    opponent_model: str | None = None
    opponent_elo: float | None = None
    start_time: str | None = None
    end_time: str | None = None
    death: tuple[str | None, int | None] | None = None


@dataclass(frozen=True, slots=True)
class Published:
    """One published file.

    `figures` are in the file's order. `games` are the matches it covers, None where it does not
    say. `records` tell the way to the figures; `tells` are the optional keys that any of them has,
    since earlier versions of a file have fewer.
    """

    kind: PublishedKind
    figures: Sequence[Figures] = ()
    games: frozenset[str] | None = None
    records: Sequence[GameRecord] = ()
    tells: frozenset[str] = frozenset()
