"""Elo for matches of any size: one scalar kernel, run by Python for one match and compiled by numba
for millions.

Both run the same source, because ratings must come out bit for bit whichever way they are computed:
a vectorised `10**x` differs from the scalar one in the last bit, and so does an expectation written
as `1 - E` of the other side. The base of the power is an argument for the same reason: a compiler
that knew it to be 10 would use `exp10`.

Formula (the published one of older snake leaderboards): expectations from the ratings before the
match, all pairs at once, `E_ij = 1 / (1 + 10^((R_j - R_i) / 400))`, `R_i += K / (n - 1) * (sum_j
S_ij - sum_j E_ij)`, no rounding. Seats of one team are not compared with each other.
"""

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

K = 32.0
INITIAL = 1500.0
NO_TEAM = -1

_BASE = 10.0
_SCALE = 400.0
_WORTH_COMPILING = 200_000
"""Seats from which on the two seconds of compiling are won back."""

WON, TIED, LOST = 2, 1, 0
"""Ranks of a result: the higher one of a pair scores 1, equal ones 0.5 each."""


def expected_score(own: float, other: float) -> float:
    """Probability-like expectation in [0, 1] of a competitor rated `own` against one rated `other`
    (Elo points).
    """
    return float(_expected(own, other, _BASE))


def rate(
    ratings: Sequence[float],
    competitors: Sequence[int],
    ranks: Sequence[int],
    teams: Sequence[int] | None = None,
    k: float = K,
) -> list[float]:
    """Ratings after one match.

    `ratings` are those before it, one per competitor; `competitors[seat]` indexes into them (the
    same one twice is self-play: its sums collapse), `ranks[seat]` is higher for better,
    `teams[seat]` is NO_TEAM or a team's number. A match of one seat changes nothing.
    """
    after = list(ratings)
    seats = len(competitors)
    _rate_match(
        after, competitors, ranks, teams or [NO_TEAM] * seats, 0, seats,
        [0.0] * seats, [0.0] * seats, k, _BASE,
    )  # fmt: skip
    return after


def replay(
    offsets: "NDArray[np.int64]",
    competitors: "NDArray[np.int32]",
    ranks: "NDArray[np.int8]",
    initial: "NDArray[np.float64]",
    teams: "NDArray[np.int32] | None" = None,
    k: float = K,
) -> "tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]":
    """Rate many matches in order: final ratings (competitors,), and each seat's rating before and
    after (seats,).

    Match m has the seats `offsets[m]:offsets[m + 1]` (offsets: matches + 1); arrays over seats as
    in `rate`. Raises ValueError when the shapes do not fit together or a competitor is out of
    range.
    """
    import numpy as np

    _check(offsets, competitors, ranks, initial, teams)
    seats = len(competitors)
    before, after = np.empty(seats), np.empty(seats)
    ratings = np.array(initial, dtype=np.float64)
    if teams is None:
        teams = np.full(seats, NO_TEAM, np.int32)
    most_seats = int(np.diff(offsets).max(initial=0))
    scratch = np.zeros(most_seats), np.zeros(most_seats)
    run = _replay if seats < _WORTH_COMPILING else _compiled()["replay"]
    run(offsets, competitors, ranks, teams, ratings, before, after, *scratch, k, _BASE)
    return ratings, before, after


def replay_pairs(
    first: "NDArray[np.int32]",
    second: "NDArray[np.int32]",
    outcome: "NDArray[np.int8]",
    initial: "NDArray[np.float64]",
    k: float = K,
) -> "NDArray[np.float64]":
    """Final ratings (competitors,) after two-player matches in order, bit for bit those of
    `replay`.

    `outcome[m]` is 2 when `first[m]` won, 1 for a tie, 0 when `second[m]` won. Raises ValueError as
    `replay` does.
    """
    import numpy as np

    if not len(first) == len(second) == len(outcome):
        raise ValueError(f"Arrays differ in length: {len(first)}, {len(second)}, {len(outcome)}")
    _check_range("first", first, len(initial))
    _check_range("second", second, len(initial))
    ratings = np.array(initial, dtype=np.float64)
    _compiled()["replay_pairs"](first, second, outcome, ratings, k, _BASE)
    return ratings


def _check(offsets: Any, competitors: Any, ranks: Any, initial: Any, teams: Any) -> None:
    seats = len(competitors)
    if len(ranks) != seats or (teams is not None and len(teams) != seats):
        raise ValueError("competitors, ranks and teams must have one entry per seat")
    if (
        len(offsets) == 0
        or offsets[0] != 0
        or offsets[-1] != seats
        or (offsets[1:] < offsets[:-1]).any()
    ):
        raise ValueError(f"offsets must rise from 0 to the number of seats, {seats}")
    _check_range("competitors", competitors, len(initial))


def _check_range(name: str, competitors: Any, count: int) -> None:
    if len(competitors) and (competitors.min() < 0 or competitors.max() >= count):
        raise ValueError(f"{name} must lie in [0, {count}), the number of initial ratings")


# The kernel. Plain Python over anything indexable; `_compiled` hands the same functions to numba.


def _expected(own: Any, other: Any, base: Any) -> Any:
    return 1.0 / (1.0 + base ** ((other - own) / _SCALE))


def _score(own: Any, other: Any) -> Any:
    if own > other:
        return 1.0
    return 0.5 if own == other else 0.0


def _first_seat(competitors: Any, start: Any, seat: Any) -> Any:
    """In self-play, the sums of all seats of one competitor are kept at its first."""
    for earlier in range(seat):
        if competitors[start + earlier] == competitors[start + seat]:
            return earlier
    return seat


def _rate_pair(ratings: Any, a: Any, b: Any, score: Any, k: Any, base: Any) -> None:
    """A match of two: what the general way below comes to, bit for bit."""
    if a == b:
        return
    own, other = ratings[a], ratings[b]
    ratings[a] = own + k * (score - _expected(own, other, base))
    ratings[b] = other + k * ((1.0 - score) - _expected(other, own, base))


def _rate_match(
    ratings: Any, competitors: Any, ranks: Any, teams: Any, start: int, stop: int,
    scores: Any, expectations: Any, k: float, base: float,
) -> None:  # fmt: skip
    seats = stop - start
    if seats < 2:
        return
    if seats == 2 and (teams[start] == NO_TEAM or teams[start] != teams[start + 1]):
        score = _score(ranks[start], ranks[start + 1])
        _rate_pair(ratings, competitors[start], competitors[start + 1], score, k, base)
        return
    for i in range(seats):
        scores[i] = 0.0
        expectations[i] = 0.0
    for i in range(seats):
        for j in range(i + 1, seats):
            if teams[start + i] != NO_TEAM and teams[start + i] == teams[start + j]:
                continue
            own, other = competitors[start + i], competitors[start + j]
            score = _score(ranks[start + i], ranks[start + j])
            mine = _first_seat(competitors, start, i)
            theirs = _first_seat(competitors, start, j)
            scores[mine] += score
            scores[theirs] += 1.0 - score
            expectations[mine] += _expected(ratings[own], ratings[other], base)
            expectations[theirs] += _expected(ratings[other], ratings[own], base)
    factor = k / (seats - 1)
    for i in range(seats):
        if scores[i] != 0.0 or expectations[i] != 0.0:
            ratings[competitors[start + i]] += factor * (scores[i] - expectations[i])


def _replay(
    offsets: Any, competitors: Any, ranks: Any, teams: Any, ratings: Any, before: Any, after: Any,
    scores: Any, expectations: Any, k: float, base: float,
) -> None:  # fmt: skip
    for match in range(len(offsets) - 1):
        start, stop = offsets[match], offsets[match + 1]
        for seat in range(start, stop):
            before[seat] = ratings[competitors[seat]]
        _rate_match(ratings, competitors, ranks, teams, start, stop, scores, expectations, k, base)
        for seat in range(start, stop):
            after[seat] = ratings[competitors[seat]]


def _replay_pairs(
    first: Any, second: Any, outcome: Any, ratings: Any, k: float, base: float
) -> None:
    for match in range(len(first)):
        _rate_pair(ratings, first[match], second[match], 0.5 * outcome[match], k, base)


@cache
def _compiled() -> dict[str, Any]:
    import types

    import numba

    names: dict[str, Any] = {"NO_TEAM": NO_TEAM, "_SCALE": _SCALE, "range": range, "len": len}

    def compile_kernel(function: Any, *, inline: bool = False) -> Any:
        twin = types.FunctionType(function.__code__, names, function.__name__)
        return numba.njit(twin, inline="always" if inline else "never")

    names["_expected"] = compile_kernel(_expected, inline=True)
    names["_score"] = compile_kernel(_score, inline=True)
    names["_first_seat"] = compile_kernel(_first_seat)
    names["_rate_pair"] = compile_kernel(_rate_pair, inline=True)
    names["_rate_match"] = compile_kernel(_rate_match)
    return {"replay": compile_kernel(_replay), "replay_pairs": compile_kernel(_replay_pairs)}
