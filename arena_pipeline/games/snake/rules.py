"""What differs between versions of the Snake rules, and the versions there are.

A version is named by the day it came into force in the arena whose matches it reproduces, and made
of functions: who dies, how the living move and eat, and who wins when the last two die together. A
new version is a new entry in `VERSIONS`; the engine in `state` knows none of them by name.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from arena_pipeline.games.protocol import Event, Result

if TYPE_CHECKING:
    from arena_pipeline.games.snake.state import SnakeState


class DeathReason(StrEnum):
    """What killed a snake."""

    WALL = "wall"
    HEAD = "head_collision"
    BODY = "body_collision"


Deaths = dict[int, DeathReason]
"""Who dies this turn, by seat."""

Heads = dict[int, int]
"""Where each living snake's head would go, by seat: a cell or WALL."""


@dataclass(frozen=True, slots=True)
class RuleVersion:
    """One version of the rules, as the functions in which versions differ."""

    name: str
    collisions: Callable[["SnakeState", Heads], Deaths]
    advance: Callable[["SnakeState", Heads, list[Event]], None]
    """Moves and feeds the snakes given, appending an event for each apple."""
    double_death: Callable[[Sequence[int]], tuple[Result, Result]]
    """Results of a two-player match whose snakes died in the same turn, from their apples."""


def collisions_of_moved_bodies(state: "SnakeState", heads: Heads) -> Deaths:
    """Judge the board as it would be after the move.

    Walls first; then heads that meet, among those the wall spared; then heads in bodies of those
    still alive, where a tail has moved on unless its snake eats. So following a tail is legal,
    whoever died by wall or head blocks nobody, and two snakes of length one may swap places.
    """
    targets = list(heads.values())
    met = len(set(targets)) < len(targets)
    deaths: Deaths = {}
    for seat, head in heads.items():
        if head < 0:
            deaths[seat] = DeathReason.WALL
        elif met and targets.count(head) > 1:
            deaths[seat] = DeathReason.HEAD
    standing = [seat for seat in heads if seat not in deaths] if deaths else heads
    hit: Deaths = {}
    for seat in standing:
        head = heads[seat]
        for other in standing:
            body = state.bodies[other]
            if head in body and (head != body[-1] or heads[other] in state.apples):
                hit[seat] = DeathReason.BODY
                break
    return deaths | hit if hit else deaths


def collisions_of_standing_bodies(state: "SnakeState", heads: Heads) -> Deaths:
    """Judge the board as it stands before the move.

    Walls and whatever lies on the board now kill, tails and old heads too, be they about to leave;
    then heads that meet, among those alive.
    """
    taken = set().union(*state.bodies)
    deaths: Deaths = {}
    for seat, head in heads.items():
        if head < 0:
            deaths[seat] = DeathReason.WALL
        elif head in taken:
            deaths[seat] = DeathReason.BODY
    targets = list(heads.values())
    met = {
        seat: DeathReason.HEAD
        for seat, head in heads.items()
        if seat not in deaths and targets.count(head) > 1
    }
    return deaths | met


def move_one_by_one(state: "SnakeState", heads: Heads, events: list[Event]) -> None:
    """Let snakes move in the order of their seats, and grow an apple as soon as one is eaten: a
    later snake may eat what was not there when it chose.
    """
    for seat, head in heads.items():
        body = state.bodies[seat]
        body.insert(0, head)
        if head in state.apples:
            state.apples.remove(head)
            state.scores[seat] += 1
            events.append(_apple(state, seat, head))
        else:
            body.pop()


def move_all_then_grow_apples(state: "SnakeState", heads: Heads, events: list[Event]) -> None:
    """Let every snake move and eat before an apple grows: nobody eats one that was not there."""
    eaten = []
    for seat, head in heads.items():
        body = state.bodies[seat]
        body.insert(0, head)
        if head in state.apples:
            state.apples.remove(head)
            state.scores[seat] += 1
            eaten.append((seat, head))
        else:
            body.pop()
    for seat, cell in eaten:
        events.append(_apple(state, seat, cell))


def _apple(state: "SnakeState", seat: int, eaten: int) -> Event:
    """Grow the next apple and tell of both."""
    grown, points = state.grow_apple(), state.board.points
    return {
        "type": "apple",
        "player": seat,
        "eaten": list(points[eaten]),
        "grown": None if grown is None else list(points[grown]),
    }


def more_apples_win(scores: Sequence[int]) -> tuple[Result, Result]:
    """Who had more apples wins; as many each is a tie."""
    first, second = scores
    if first == second:
        return Result.TIED, Result.TIED
    return (Result.WON, Result.LOST) if first > second else (Result.LOST, Result.WON)


def nobody_wins(scores: Sequence[int]) -> tuple[Result, Result]:
    """Dying together is a tie whatever was eaten."""
    return Result.TIED, Result.TIED


NEWEST = RuleVersion(
    "2025-12-11", collisions_of_moved_bodies, move_all_then_grow_apples, more_apples_win
)

VERSIONS = {
    version.name: version
    for version in (
        RuleVersion("2025-02-04", collisions_of_standing_bodies, move_one_by_one, nobody_wins),
        RuleVersion(
            "2025-06-12", collisions_of_moved_bodies, move_all_then_grow_apples, nobody_wins
        ),
        NEWEST,
    )
}
"""Every version that can be played, oldest first."""
