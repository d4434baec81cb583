"""Seeded chance: the only source of randomness a game or a bot may use.

A game asks for integers below n and nothing else, so that any source can stand behind it: a seed
here, the recorded outcomes of an imported match elsewhere.
"""

import hashlib
import random
from typing import Protocol, runtime_checkable

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
