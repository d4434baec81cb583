"""Elo over ten million two-player matches, against a bare numba loop over the same arrays.

The bare loop does what no rating can do without, two powers a match, and nothing else: no checks,
no history. The general way (any number of seats, ratings before and after
each match) is shown beside it.
"""

import statistics
import time
from collections.abc import Callable
from typing import Any

import numba
import numpy as np

from arena_pipeline.ratings.elo import INITIAL, replay, replay_pairs

MATCHES = 10_000_000
COMPETITORS = 300
ROUNDS = 5
TARGET = 1.5


@numba.njit
def bare_loop(first: Any, second: Any, outcome: Any, ratings: Any, base: float) -> None:
    """Two powers a match."""
    for match in range(len(first)):
        own, other = ratings[first[match]], ratings[second[match]]
        score = 0.5 * outcome[match]
        ratings[first[match]] = own + 32.0 * (score - 1.0 / (1.0 + base ** ((other - own) / 400.0)))
        ratings[second[match]] = other + 32.0 * (
            1.0 - score - 1.0 / (1.0 + base ** ((own - other) / 400.0))
        )


def seconds(act: Callable[[], object]) -> float:
    """Median time of a call; the first one, which compiles, is not counted."""
    times = []
    for _ in range(ROUNDS + 1):
        start = time.perf_counter()
        act()
        times.append(time.perf_counter() - start)
    return statistics.median(times[1:])


def main() -> None:
    rng = np.random.default_rng(1)
    first = rng.integers(0, COMPETITORS, MATCHES).astype(np.int32)
    second = ((first + rng.integers(1, COMPETITORS, MATCHES)) % COMPETITORS).astype(np.int32)
    outcome = rng.integers(0, 3, MATCHES).astype(np.int8)
    initial = np.full(COMPETITORS, INITIAL)
    seats = np.stack([first, second], 1).ravel()
    ranks = np.stack([outcome, 2 - outcome], 1).ravel()
    offsets = np.arange(0, 2 * MATCHES + 1, 2)

    bare = seconds(lambda: bare_loop(first, second, outcome, initial.copy(), 10.0))
    pairs = seconds(lambda: replay_pairs(first, second, outcome, initial))
    general = seconds(lambda: replay(offsets, seats, ranks, initial))

    print(f"bare loop                 {bare * 1000:7.0f} ms")
    print(
        f"pairs                     {pairs * 1000:7.0f} ms   {pairs / bare:.2f} (target {TARGET})"
    )
    print(f"any size, with history    {general * 1000:7.0f} ms   {general / bare:.2f}")


if __name__ == "__main__":
    main()
