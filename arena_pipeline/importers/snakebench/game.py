"""A published game as every layout comes to it: plain values, aligned, nothing judged.

`turns[k]` holds the moves taken in the state before it and the board after them, whatever the file
said where: the state before turn 0 is `initial`. Seats are numbered from 0 in the order of the
published player ids.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Layout(StrEnum):
    """How a game was written down, by the names of the format's description."""

    V0A = "v0a"
    V0B_REWRITTEN = "v0b_rewritten"
    V0B_NATIVE = "v0b_native"
    V0C = "v0c"
    V0D = "v0d"
    V1_MIGRATED = "v1_migrated"
    V1_COSTS = "v1_costs"
    V1_NATIVE = "v1_native"
    HEADER = "header"


@dataclass(frozen=True, slots=True)
class Move:
    """One player's decision as published. `action` is None where the file has none (a dead snake, a
    lost move); `derived` is then the direction that follows from the boards, if one does. `cost` is
    the number published in USD, unchecked.
    """

    action: str | None
    rationale: str | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    cost: float | None = None
    derived: str | None = None


@dataclass(frozen=True, slots=True)
class Position:
    """A board by seat: bodies head first, cells as (x, y) from (0, 0) bottom-left."""

    snakes: tuple[tuple[tuple[int, int], ...], ...]
    alive: tuple[bool, ...]
    scores: tuple[int, ...]
    apples: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class PlayedTurn:
    """The moves of one turn by seat, and the board after them; `decided_at` is seconds since 1970
    (UTC) where the file has it.
    """

    moves: Mapping[int, Move]
    after: Position
    decided_at: float | None = None


@dataclass(frozen=True, slots=True)
class PlayedSeat:
    """A participant as published. `death` is (reason, round counted from 0)."""

    player_id: str
    name: str
    result: str
    score: int
    death: tuple[str, int] | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    cost: float | None = None


@dataclass(frozen=True, slots=True)
class PlayedGame:
    """One published game. `initial` is None where only the header is known; `apples` is the number
    on the board, None where neither told nor to be seen. Times are the published texts (naive).
    `surplus` are moves beyond the last turn, which a file whose moves are shifted has.
    """

    game_id: str
    layout: Layout
    started_text: str | None
    ended_text: str | None
    game_type: str | None
    width: int
    height: int
    apples: int | None
    max_rounds: int
    actual_rounds: int
    seats: tuple[PlayedSeat, ...]
    initial: Position | None = None
    turns: tuple[PlayedTurn, ...] = ()
    surplus: tuple[Mapping[int, Move], ...] = ()
