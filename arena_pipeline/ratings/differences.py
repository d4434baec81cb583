"""Whether groups differ by more than chance: a permutation test for few and uneven samples, and
Holm's correction for many tests at once.

A permutation test asks how often groups dealt out at random would differ as much; it needs no
distribution and is right for any sample size. Sources: Phipson and Smyth 2010 (a p-value is never
zero), Besag and Clifford 1991 (drawing may stop once enough draws differ as much), Holm 1979.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

DRAWS = 99_999
"""Most deals that are tried: with them a p-value of 1e-5 can be seen."""

ENOUGH = 20
"""Deals that differ as much as what was seen, after which nothing more is to be learnt."""

_BATCH = 200_000
"""Cells dealt at once, a matter of memory."""

_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Cell:
    """What one group did in one independent sample: `total` over `weight` units, such as faults
    over replies. Cells are what is dealt out, so units of one sample may depend on each other.
    """

    group: str
    weight: float
    total: float


def permutation_p(cells: Sequence[Cell], seed: str, draws: int = DRAWS) -> float:
    """The p-value of "all groups have the same mean per unit", in (0, 1].

    The measure is the weighted sum of squares between groups. The same cells and seed give the same
    number, in whatever order they come. Weights must be positive.
    """
    import numpy as np

    ordered = sorted(cells, key=lambda cell: (cell.group, cell.weight, cell.total))
    groups = [cell.group for cell in ordered]
    starts = np.array([n for n, group in enumerate(groups) if n == 0 or group != groups[n - 1]])
    weights = np.array([cell.weight for cell in ordered])
    totals = np.array([cell.total for cell in ordered])
    if len(starts) < 2:
        return 1.0
    # About the mean, so that what is squared is only what differs.
    totals = totals - weights * (totals.sum() / weights.sum())
    seen = float(_between(weights[None], totals[None], starts)[0])
    if seen <= _ROUNDING * float(np.abs(totals).sum() + 1):
        return 1.0
    rng = np.random.default_rng(int.from_bytes(hashlib.sha256(seed.encode()).digest()[:8]))
    rows = max(1, _BATCH // len(ordered))
    order = np.arange(len(ordered))
    drawn = as_much = 0
    while drawn < draws:
        deals = rng.permuted(np.tile(order, (min(rows, draws - drawn), 1)), axis=1)
        hits = _between(weights[deals], totals[deals], starts) >= seen * (1 - _ROUNDING)
        reached = np.flatnonzero(np.cumsum(hits) + as_much >= ENOUGH)
        if len(reached):
            return ENOUGH / (drawn + int(reached[0]) + 1)
        as_much += int(hits.sum())
        drawn += len(hits)
    return (1 + as_much) / (1 + drawn)


def holm(p_values: Sequence[float]) -> list[float]:
    """The p-values, in their order, as if each were the only test that was made (Holm 1979)."""
    ranked = sorted(range(len(p_values)), key=lambda index: p_values[index])
    adjusted, highest = [1.0] * len(p_values), 0.0
    for rank, index in enumerate(ranked):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[index]))
        adjusted[index] = highest
    return adjusted


def _between(
    weights: "NDArray[np.float64]", totals: "NDArray[np.float64]", starts: "NDArray[np.intp]"
) -> "NDArray[np.float64]":
    """Weighted sum of squares between groups, for each row: (rows,)."""
    import numpy as np

    squares = np.add.reduceat(totals, starts, axis=1) ** 2
    between: NDArray[np.float64] = (squares / np.add.reduceat(weights, starts, axis=1)).sum(axis=1)
    return between
