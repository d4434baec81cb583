"""Seeded chance: the only source of randomness a game or a bot may use.

A game asks for integers below n and nothing else, so that any source can stand behind it: a seed
here, the recorded outcomes of an imported match elsewhere.
"""

import hashlib
import random
from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from arena_pipeline.games.protocol import GameError

_MASK = (1 << 64) - 1


@runtime_checkable
class Chance(Protocol):
    """A source of integers."""

    def below(self, n: int) -> int:
        """An integer in [0, n), each equally likely. n must be positive."""
        ...


class SeededChance:
    """Chance from a seed: same seed and purpose, same draws, on every machine and Python version.

    Only `random.Random.random()` is used, whose sequence Python documents to be stable across
    versions; the seed and the purpose (any words that tell streams of one match apart) are joined
    through SHA-256.
    """

    __slots__ = ("_random",)

    def __init__(self, seed: int, *purpose: str | int) -> None:
        text = "/".join(map(str, (seed, *purpose)))
        self._random = random.Random(int.from_bytes(hashlib.sha256(text.encode()).digest())).random

    def below(self, n: int) -> int:
        """An integer in [0, n)."""
        return int(self._random() * n)


class ImaginedChance:
    """Chance for thinking ahead: cheap to make, and unrelated to what the real match will draw.

    A clone of a state owns one, so that a bot which searches can't see where the next apple will
    really fall. The generator is SplitMix64 (Steele, Lea, Flood 2014): a counter and three
    multiplications, no set-up at all.
    """

    __slots__ = ("_counter",)

    def __init__(self, seed: int) -> None:
        self._counter = seed & _MASK

    def below(self, n: int) -> int:
        """An integer in [0, n)."""
        self._counter = mixed = (self._counter + 0x9E3779B97F4A7C15) & _MASK
        mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & _MASK
        return ((mixed ^ (mixed >> 31)) * n) >> 64


class RecordedChance:
    """Chance that is known already: the results of a match's draws, in their order.

    It stands behind matches whose seed nobody knows, such as those another arena played. Raises
    GameError when the rules ask for more draws than were recorded, or for one that can't have been.
    """

    __slots__ = ("_draws", "_next")

    def __init__(self, draws: Sequence[int]) -> None:
        self._draws, self._next = draws, 0

    def below(self, n: int) -> int:
        """The next draw recorded."""
        if self._next >= len(self._draws):
            raise GameError(f"Only {self._next} draws are recorded and the rules ask for another")
        drawn = self._draws[self._next]
        if type(drawn) is not int or not 0 <= drawn < n:
            raise GameError(f"Draw {self._next} is {drawn!r}, not an integer in [0, {n})")
        self._next += 1
        return drawn

    @property
    def left(self) -> int:
        """How many draws have not been asked for."""
        return len(self._draws) - self._next
