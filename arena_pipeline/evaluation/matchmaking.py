"""Who plays whom next: pure decisions, no database.

`climb` is the published way to place somebody on a ladder in a few matches; `round_robin_pairs`
keeps a league even.
"""

import heapq
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import median

from arena_pipeline.games.protocol import Result

Pair = tuple[str, str]
"""Two aliases, the lesser one first."""


@dataclass(frozen=True, slots=True)
class Rated:
    """Somebody with a place on the ladder; `rating` in the ladder's unit."""

    name: str
    rating: float


def starting_point(own: float, initial: float, ranked: Collection[float]) -> float:
    """Where the climb begins: at the median of the ranked, unless there is a rating of one's own
    already.
    """
    return median(ranked) if own == initial and ranked else own


def climb(
    opponents: Iterable[Rated], played: Collection[str], current: float, last: Result | None
) -> Rated:
    """The next opponent: those not `played` yet first, up after a win, down after a loss, else the
    nearest.

    `last` is how the match before ended, None before the first. Up means the next above `current`,
    or the highest where nobody is above; down likewise. `opponents` must not be empty.
    """
    by_rating = sorted(opponents, key=lambda one: (-one.rating, one.name))
    pool = [one for one in by_rating if one.name not in played] or by_rating
    match last:
        case Result.WON:
            above = [one for one in pool if one.rating > current]
            return above[-1] if above else pool[0]
        case Result.LOST:
            below = [one for one in pool if one.rating < current]
            return below[0] if below else pool[-1]
        case _:
            return min(pool, key=lambda one: abs(one.rating - current))


def in_turn(opponents: Sequence[str], played: Sequence[str]) -> str:
    """The next opponent while nobody is ranked: whoever was met least, in the given order."""
    return min(opponents, key=played.count)


@dataclass(frozen=True, slots=True)
class Meetings:
    """How often two agents have met, in all and in the league."""

    total: int = 0
    league: int = 0


@dataclass(frozen=True, slots=True)
class Pairing:
    """A league match to be played: who sits where, and the how manieth league match of the two it
    is, from 0.

    Matches 2k and 2k+1 belong together: the same start with the seats swapped.
    """

    pair: Pair
    number: int

    @property
    def seats(self) -> Pair:
        """The two in seat order."""
        first, second = self.pair
        return (second, first) if self.number % 2 else self.pair

    @property
    def start(self) -> int:
        """Which of the pair's starts is played."""
        return self.number // 2


def round_robin_pairs(
    names: Sequence[str],
    meetings: Mapping[Pair, Meetings],
    matches: int,
    stands_for: Mapping[str, str] | None = None,
) -> list[Pairing]:
    """The next `matches` matches between `names`: whoever has met least, each start from both
    seats.

    A start that was played from one seat only is completed first. `stands_for` says by name who
    counts for the same competitor: those never meet. Fewer than two names: none.
    """
    queue = []
    same = stands_for or {}
    for order, pair in enumerate(_spread(sorted(names))):
        if same.get(pair[0], pair[0]) == same.get(pair[1], pair[1]):
            continue
        met = meetings.get(pair, Meetings())
        queue.append((met.league % 2 == 0, met.total, order, met.league, pair))
    heapq.heapify(queue)
    pairings: list[Pairing] = []
    while queue and len(pairings) < matches:
        _, total, order, number, pair = queue[0]
        pairings.append(Pairing(pair, number))
        heapq.heapreplace(queue, (number % 2 == 1, total + 1, order, number + 1, pair))
    return pairings


def _spread(names: Sequence[str]) -> list[Pair]:
    """All pairs, ordered so that the first of them already give everybody about as many matches."""
    count = len(names)

    def turn(pair: tuple[int, int]) -> tuple[int, int]:
        first, second = pair
        gap = second - first
        return (gap, first) if gap <= count - gap else (count - gap, second)

    return [(names[a], names[b]) for a, b in sorted(combinations(range(count), 2), key=turn)]
