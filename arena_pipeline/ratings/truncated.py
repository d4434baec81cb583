"""The normal distribution cut off on one side or on both, as TrueSkill needs it: how far the mean
moves, and how much of the variance is left.

For a standard normal variable moved by `t`, which must exceed `margin` (a win) or lie within it on
both sides (a tie): `v` is the shift of the mean and `1 - w` the factor of the variance, written
`left` here (Herbrich, Minka, Graepel, "TrueSkill: A Bayesian Skill Rating System", 2006, table 1).
`1 - w` is computed as such wherever `w` comes close to 1, so that no gap of ratings, however wide,
gives an infinite or a negative number.
"""

import math
from collections.abc import Callable
from functools import cache

Erfc = Callable[[float], float]
"""The complementary error function, or an approximation of it."""

_ROOT_2 = math.sqrt(2.0)
_ROOT_2_PI = math.sqrt(2.0 * math.pi)

_FAR = -10.0
"""Below it the tail comes from its continued fraction, which is exact there."""

_FRACTION_TERMS = 60

_NARROW = 0.05
_FAR_TIE = 5.0
"""For a margin below the one, or an end further out than the other, the difference of two tails
says too little of what lies between them.
"""

_NEGLIGIBLE = 40.0
"""In exponents: what is e^-40 of something else is nothing beside it."""

_NODES = 40


def chebyshev_erfc(x: float) -> float:
    """The complementary error function with a fractional error below 1.2e-7 everywhere: the
    polynomial in Press et al., Numerical Recipes, 2nd edition, section 6.2.

    Ratings that others published were computed with it; they come out to the last digits only this
    way, since its errors move a rating in the sixth decimal.
    """
    t = 1.0 / (1.0 + 0.5 * abs(x))
    exponent = 0.17087277
    for coefficient in _COEFFICIENTS:
        exponent = coefficient + t * exponent
    tail = t * math.exp(-x * x + exponent)
    return tail if x >= 0.0 else 2.0 - tail


_COEFFICIENTS = (
    -0.82215223, 1.48851587, -1.13520398, 0.27886807, -0.18628806, 0.09678418, 0.37409196,
    1.00002368, -1.26551223,
)  # fmt: skip


def density(x: float) -> float:
    """Of the standard normal distribution."""
    return math.exp(-0.5 * x * x) / _ROOT_2_PI


def below(x: float, erfc: Erfc = math.erfc) -> float:
    """Probability that a standard normal variable lies below `x`."""
    return 0.5 * erfc(-x / _ROOT_2)


def win(t: float, margin: float, erfc: Erfc = math.erfc) -> tuple[float, float]:
    """`v >= 0` and `left` in (0, 1] for a difference that must exceed `margin`."""
    x = t - margin
    if x < _FAR:
        first, second = _fractions(-x)
        return -x + first, first * (second - first)
    v = density(x) / below(x, erfc)
    return v, 1.0 - v * (v + x)


def tie(t: float, margin: float, erfc: Erfc = math.erfc) -> tuple[float, float]:
    """`v`, of the sign opposite to `t`, and `left` in (0, 1) for a difference that must lie within
    `margin` on both sides; `margin` must be positive.
    """
    gap = abs(t)
    upper, lower = margin - gap, -margin - gap
    if 2.0 * margin * gap > _NEGLIGIBLE and upper < 0.0:
        v, left = win(upper, 0.0, erfc)
        v = -v
    elif margin < _NARROW or upper < -_FAR_TIE:
        v, left = _by_quadrature(gap, margin)
    else:
        inside = below(upper, erfc) - below(lower, erfc)
        v = (density(lower) - density(upper)) / inside
        left = 1.0 - v * v - (upper * density(upper) - lower * density(lower)) / inside
    return (-v if t < 0.0 else v), left


def _fractions(x: float) -> tuple[float, float]:
    """`K = 1/(x + L)` and `L = 2/(x + 3/(x + 4/(x + ...)))`, the tails of Mills' ratio's continued
    fraction at `x > 0`: `v = x + K`, `1 - w = K (L - K)`.
    """
    second = 0.0
    for term in range(_FRACTION_TERMS, 1, -1):
        second = term / (x + second)
    return 1.0 / (x + second), second


def _by_quadrature(gap: float, margin: float) -> tuple[float, float]:
    """The same as moments of the density between the margins, relative to its value at the upper
    one, by Gauss and Legendre.
    """
    weights, means, points = 0.0, 0.0, []
    for node, weight in _gauss_legendre():
        point = margin * node
        weight *= math.exp(0.5 * ((margin - gap) ** 2 - (point - gap) ** 2))
        points.append((point, weight))
        weights += weight
        means += weight * point
    mean = means / weights
    variance = sum(weight * (point - mean) ** 2 for point, weight in points) / weights
    return mean - gap, variance


@cache
def _gauss_legendre() -> tuple[tuple[float, float], ...]:
    import numpy as np

    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    return tuple(zip(nodes.tolist(), weights.tolist(), strict=True))
