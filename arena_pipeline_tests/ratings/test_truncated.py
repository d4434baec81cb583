"""The cut-off normal distribution: its moments are those of the density, however far out it is
cut.
"""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena_pipeline.ratings.truncated import chebyshev_erfc, density, tie, win

GAPS = st.floats(min_value=-1e9, max_value=1e9)
MARGINS = st.floats(min_value=1e-9, max_value=1e3)


def moments(t: float, low: float, high: float) -> tuple[float, float]:
    """Shift of the mean and share of the variance of N(t, 1) between the bounds, summed up."""
    points = np.linspace(low, high, 400_001)
    exponents = -0.5 * (points - t) ** 2
    weights = np.exp(exponents - exponents.max())
    weights[[0, -1]] *= 0.5
    mean = float((weights * points).sum() / weights.sum())
    return mean - t, float((weights * (points - mean) ** 2).sum() / weights.sum())


@pytest.mark.parametrize("t", [-12.0, -9.9, -3.0, -0.5, 0.0, 0.7, 4.0])
def test_a_win_has_the_moments_of_the_density_above_the_margin(t: float) -> None:
    wide = 0.1 + (20.0 if t > -5 else 3.0)

    assert win(t, 0.1) == pytest.approx(moments(t, 0.1, max(wide, t + 12.0)), rel=2e-4)


@pytest.mark.parametrize("margin", [0.001, 0.04, 0.06, 0.5, 2.0])
@pytest.mark.parametrize("t", [-15.0, -5.5, -1.0, 0.0, 0.3, 4.9, 5.1, 30.0])
def test_a_tie_has_the_moments_of_the_density_within_the_margin(t: float, margin: float) -> None:
    expected = moments(t, -margin, margin)

    assert tie(t, margin) == pytest.approx(expected, rel=1e-4, abs=1e-9)


def test_far_out_a_win_goes_over_into_its_limit_without_a_step() -> None:
    for here, there in ((-9.9999999, -10.0000001), (-10.1, -10.1000001)):
        assert win(here, 0.0) == pytest.approx(win(there, 0.0), rel=1e-6)
    v, left = win(-1e9, 0.0)
    assert v == pytest.approx(1e9)
    assert left == pytest.approx(1e-18)


@given(GAPS, MARGINS)
def test_no_gap_gives_more_variance_or_none(t: float, margin: float) -> None:
    for v, left in (win(t, margin), tie(t, margin)):
        assert math.isfinite(v)
        assert 0.0 < left <= 1.0


@given(GAPS, MARGINS)
def test_no_gap_gives_none_with_the_approximation_either(t: float, margin: float) -> None:
    for v, left in (win(t, margin, chebyshev_erfc), tie(t, margin, chebyshev_erfc)):
        assert math.isfinite(v)
        assert 0.0 < left <= 1.0 + 1e-6


@given(GAPS, MARGINS)
def test_a_tie_pulls_both_sides_alike(t: float, margin: float) -> None:
    v, left = tie(t, margin)

    assert tie(-t, margin) == (-v, left) or t == 0.0
    assert v * t <= 1e-12


@given(st.floats(min_value=-25, max_value=25))
def test_the_approximated_error_function_errs_by_less_than_it_says(x: float) -> None:
    assert chebyshev_erfc(x) == pytest.approx(math.erfc(x), rel=1.3e-7)


def test_the_density_is_normal() -> None:
    assert density(0.0) == pytest.approx(1.0 / math.sqrt(2.0 * math.pi))
    assert density(1.5) == density(-1.5)
