"""TrueSkill for free-for-alls of any size: a mean and a standard deviation of each player's skill.

Herbrich, Minka and Graepel, "TrueSkill: A Bayesian Skill Rating System" (2006), for teams of one:
skills are normal, a performance is a skill plus noise of `beta`, better places mean performances
higher by more than a margin, equal places performances within the margin of each other. The margin
is what makes two equals tie with `draw_probability`. Before a match each variance grows by `tau`
squared. Two players are rated in closed form, more by `factor_graph`.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from statistics import NormalDist

from arena_pipeline.ratings.factor_graph import posterior
from arena_pipeline.ratings.truncated import Erfc, below, chebyshev_erfc, density, tie, win


@dataclass(frozen=True, slots=True)
class Parameters:
    """What the model takes for granted. `mu` and `sigma` are those of a newcomer; all but `mu` and
    `draw_probability` are in units of skill and not negative.

    `erfc` is the error function the normal distribution is computed with. Raises ValueError for
    what no model can be made of.
    """

    mu: float = 25.0
    sigma: float = 25.0 / 3.0
    beta: float = 25.0 / 6.0
    tau: float = 0.5
    draw_probability: float = 0.1
    erfc: Erfc = math.erfc

    def __post_init__(self) -> None:
        if not (math.isfinite(self.mu) and 0.0 < self.beta < math.inf):
            raise ValueError(f"mu {self.mu} must be finite, beta {self.beta} finite and positive")
        if not (0.0 <= self.tau < math.inf and 0.0 < self.sigma < math.inf):
            raise ValueError(f"tau {self.tau} must not be negative, sigma {self.sigma} positive")
        if not 0.0 < self.draw_probability < 1.0:
            raise ValueError(f"draw_probability {self.draw_probability} must lie in (0, 1)")


DEFAULTS = Parameters()
PUBLISHED = Parameters(erfc=chebyshev_erfc)
"""As the published ratings of the older snake leaderboard were computed."""


def rate(
    mus: Sequence[float],
    sigmas: Sequence[float],
    ranks: Sequence[int],
    parameters: Parameters = DEFAULTS,
) -> tuple[list[float], list[float]]:
    """Means and standard deviations after one match, by seat as given.

    `ranks[seat]` is higher for better, as in `elo.rate`; equal ranks are a tie. Players of one rank
    are compared with their neighbours in seat order, so that with three or more of them, or two of
    them beside others, the order of seats matters a little; else it does not. A match of one seat
    changes nothing. Raises ValueError for sequences of different lengths and for numbers that are
    not finite, or a variance of nothing.
    """
    _check(mus, sigmas, ranks, parameters)
    if len(ranks) < 2:
        return list(mus), list(sigmas)
    variances = [sigma * sigma + parameters.tau**2 for sigma in sigmas]
    if len(ranks) == 2:
        return _rate_two(mus, variances, ranks, parameters)
    order = sorted(range(len(ranks)), key=lambda seat: -ranks[seat])
    found = posterior(
        [mus[seat] for seat in order],
        [variances[seat] for seat in order],
        [ranks[a] == ranks[b] for a, b in pairwise(order)],
        beta=parameters.beta,
        margin=draw_margin(parameters),
        erfc=parameters.erfc,
    )
    by_seat = dict(zip(order, found, strict=True))
    seats = range(len(ranks))
    return [by_seat[seat][0] for seat in seats], [math.sqrt(by_seat[seat][1]) for seat in seats]


def exposed(mu: float, sigma: float) -> float:
    """The skill a player has almost surely: what TrueSkill leaderboards sort by."""
    return mu - 3.0 * sigma


@lru_cache(maxsize=16)
def draw_margin(parameters: Parameters) -> float:
    """How far apart two performances may be for a tie, in units of skill."""
    wanted = 0.5 * (parameters.draw_probability + 1.0)
    x = NormalDist().inv_cdf(wanted)
    for _ in range(2):  # Newton's steps, which matter where the error function is approximated
        x -= (below(x, parameters.erfc) - wanted) / density(x)
    return x * math.sqrt(2.0) * parameters.beta


def _rate_two(
    mus: Sequence[float], variances: Sequence[float], ranks: Sequence[int], parameters: Parameters
) -> tuple[list[float], list[float]]:
    """The closed form; the first seat's view, mirrored where the second won."""
    total = variances[0] + variances[1] + 2.0 * parameters.beta**2
    c = math.sqrt(total)
    margin = draw_margin(parameters) / c
    t = (mus[0] - mus[1]) / c
    if ranks[0] == ranks[1]:
        v, left = tie(t, margin, parameters.erfc)
    elif ranks[0] > ranks[1]:
        v, left = win(t, margin, parameters.erfc)
    else:
        v, left = win(-t, margin, parameters.erfc)
        v = -v
    means = [mus[0] + variances[0] / c * v, mus[1] - variances[1] / c * v]
    # 1 - share * w, where 1 - w is what is left
    spreads = [math.sqrt(own * ((total - own) + own * left) / total) for own in variances]
    return means, spreads


def _check(
    mus: Sequence[float], sigmas: Sequence[float], ranks: Sequence[int], parameters: Parameters
) -> None:
    if not len(mus) == len(sigmas) == len(ranks):
        raise ValueError(
            f"mus, sigmas and ranks must have one entry per seat, not {len(mus)}, {len(sigmas)} "
            f"and {len(ranks)}"
        )
    for mu, sigma in zip(mus, sigmas, strict=True):
        if not (math.isfinite(mu) and 0.0 <= sigma < math.inf):
            raise ValueError(f"mu {mu} and sigma {sigma} must be finite, sigma not negative")
        if sigma == 0.0 == parameters.tau:
            raise ValueError("A sigma of 0 needs a tau above 0: nothing could ever change it")
