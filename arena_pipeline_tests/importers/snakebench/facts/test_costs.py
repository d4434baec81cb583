"""Published costs: exact where they can be true, unknown where not."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena_pipeline.importers.snakebench.facts.costs import LARGEST, usd, why_unknown


@given(st.floats(0, LARGEST))
def test_a_cost_is_exactly_the_number_that_was_written(raw: float) -> None:
    found = usd(raw)

    assert found is not None
    assert (float(found), str(found)) == (raw, str(Decimal(repr(raw + 0))))
    assert why_unknown(raw) is None


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (-6473.5, "negative"),
        (-1e-300, "negative"),
        (LARGEST + 0.01, "more than 1,000 USD"),
        (10**400, "more than 1,000 USD"),
        (-(10**400), "negative"),
        (float("nan"), "not a number"),
        (float("inf"), "more than 1,000 USD"),
        (float("-inf"), "negative"),
    ],
    ids=lambda given: str(given)[:20],
)
def test_a_cost_that_can_not_be_is_unknown_and_says_why(raw: float, why: str) -> None:
    assert (usd(raw), why_unknown(raw)) == (None, why)


def test_a_cost_that_nobody_published_is_unknown_without_a_reason() -> None:
    assert (usd(None), why_unknown(None)) == (None, None)


@pytest.mark.parametrize("raw", [0, 0.0, -0.0])
def test_nothing_is_nothing(raw: float) -> None:
    found = usd(raw)

    assert found == 0
    assert not str(found).startswith("-")
