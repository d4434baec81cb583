"""The ranking graph of one free-for-all, solved by passing messages: TrueSkill's posterior skills
where more than two play.

Players stand in the order of their places, best first; between neighbours lies the difference of
their performances, which must exceed the margin, or lie within it for a tie. Each difference cut
off so is replaced by the normal distribution with the same first two moments (expectation
propagation), and the sweeps down and up the chain are repeated until nothing moves any more. A
message is a pair (precision, precision times mean); (0, 0) says nothing.

Source: Herbrich, Minka, Graepel (2006), figure 1, with teams of one, for which the team factors
fall away.
"""

import math
from collections.abc import Sequence

from arena_pipeline.ratings.truncated import Erfc, tie, win

Message = tuple[float, float]

_SWEEPS = 200
_STILL = 1e-12
"""Relative change of a difference below which it stands still; long chains need some ten sweeps."""

_NOTHING: Message = (0.0, 0.0)


def posterior(
    means: Sequence[float],
    variances: Sequence[float],
    tied: Sequence[bool],
    *,
    beta: float,
    margin: float,
    erfc: Erfc = math.erfc,
) -> list[tuple[float, float]]:
    """Mean and variance of each player's skill after the match.

    `means` and `variances` (positive) are those before it, players in order of their places;
    `tied[i]` says that player i + 1 shares the place of player i (players - 1 entries). `beta` is
    the noise of a performance, `margin` that of a tie, both in units of skill.
    """
    noise = beta * beta
    chain = _Chain(
        [(1.0 / (v + noise), m / (v + noise)) for m, v in zip(means, variances, strict=True)],
        tied,
        margin,
        erfc,
    )
    chain.solve()
    found = []
    for player, (mean, variance) in enumerate(zip(means, variances, strict=True)):
        precision, weighted = chain.evidence(player)
        # Through the noise between performance and skill.
        weight = 1.0 / (1.0 + noise * precision)
        after = 1.0 / (1.0 / variance + precision * weight)
        found.append((after * (mean / variance + weighted * weight), after))
    return found


class _Chain:
    """Performances and the differences between neighbours. `above[i]` and `below[i]` are what
    difference i says to the better player i and to the worse player i + 1.
    """

    def __init__(
        self, performances: list[Message], tied: Sequence[bool], margin: float, erfc: Erfc
    ) -> None:
        self._performances, self._tied, self._margin, self._erfc = (
            performances, tied, margin, erfc,
        )  # fmt: skip
        self._above = [_NOTHING] * len(tied)
        self._below = [_NOTHING] * len(tied)
        self._differences = [_NOTHING] * len(tied)

    def solve(self) -> None:
        """Sweep until nothing moves."""
        differences = range(len(self._tied))
        for _ in range(_SWEEPS):
            moved = [self._settle(i) for i in differences]
            moved += [self._settle(i) for i in reversed(differences)]
            if max(moved) <= _STILL:
                return

    def evidence(self, player: int) -> Message:
        """What the match says of a player's performance."""
        above = self._above[player] if player < len(self._tied) else _NOTHING
        below = self._below[player - 1] if player > 0 else _NOTHING
        return above[0] + below[0], above[1] + below[1]

    def _settle(self, i: int) -> float:
        """Cut off difference i given all else, tell both neighbours; returns how far it moved."""
        better, worse = self._better(i), self._worse(i)
        variance = 1.0 / better[0] + 1.0 / worse[0]
        precision = 1.0 / variance
        weighted = (better[1] / better[0] - worse[1] / worse[0]) * precision
        spread = math.sqrt(variance)
        cut = tie if self._tied[i] else win
        v, left = cut(weighted * spread, self._margin / spread, self._erfc)
        # The cut-off difference divided by what it was made from.
        told = (
            precision * (1.0 - left) / left,
            (weighted * (1.0 - left) + v / spread) / left,
        )
        self._above[i] = _through_sum(told, worse, 1.0)
        self._below[i] = _through_sum(told, better, -1.0)
        before, self._differences[i] = self._differences[i], told
        return max(
            abs(now - was) / max(abs(now), abs(was), 1e-300)
            for now, was in zip(told, before, strict=True)
        )

    def _better(self, i: int) -> Message:
        """What is known of player i without difference i."""
        own = self._performances[i]
        other = self._below[i - 1] if i > 0 else _NOTHING
        return own[0] + other[0], own[1] + other[1]

    def _worse(self, i: int) -> Message:
        """What is known of player i + 1 without difference i."""
        own = self._performances[i + 1]
        other = self._above[i + 1] if i + 1 < len(self._tied) else _NOTHING
        return own[0] + other[0], own[1] + other[1]


def _through_sum(difference: Message, other: Message, sign: float) -> Message:
    """What a difference and one of its ends say of the other end: the better one is the worse plus
    the difference, the worse one the better minus it (`sign` -1).
    """
    total = difference[0] + other[0]
    return (
        difference[0] * other[0] / total,
        (other[1] * difference[0] + sign * difference[1] * other[0]) / total,
    )
