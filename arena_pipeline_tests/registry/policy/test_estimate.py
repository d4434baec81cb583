from datetime import datetime
from decimal import Decimal

import pytest

from arena_pipeline.registry.policy.estimate import (
    PLAIN,
    REASONING,
    TokenUse,
    estimate_match,
    first_guess,
)
from arena_pipeline_tests.registry.model_rows import NOW, model_row

ONE_TURN = TokenUse(turns=1, prompt_tokens=1000, completion_tokens=100)


@pytest.mark.parametrize(
    ("details", "guess"),
    [
        ({}, PLAIN),
        ({"supported_parameters": ["temperature", "reasoning"]}, REASONING),
        ({"reasoning": {"mandatory": True}}, REASONING),
        ({"reasoning": {"mandatory": False, "default_enabled": True}}, REASONING),
        ({"reasoning": {"mandatory": False}, "supported_parameters": []}, PLAIN),
        ({"reasoning": "mandatory", "supported_parameters": "reasoning"}, PLAIN),
    ],
)
def test_models_that_can_reason_are_expected_to_write_more(
    details: dict[str, object], guess: TokenUse
) -> None:
    assert first_guess(model_row(details=details)) == guess
    assert REASONING.completion_tokens > PLAIN.completion_tokens


def test_a_match_costs_its_turns_each_what_it_reads_and_writes() -> None:
    row = model_row(price_prompt=Decimal("1.25"), price_completion=Decimal(10))

    assert estimate_match(row, TokenUse(20, 1700, 500)) == Decimal("0.1425")
    assert estimate_match(row) == estimate_match(row, PLAIN)


def test_a_free_match_costs_nothing_and_one_of_unknown_price_nobody_knows() -> None:
    assert estimate_match(model_row(price_prompt=Decimal(0), price_completion=Decimal(0))) == 0
    assert estimate_match(model_row(price_prompt=None)) is None
    assert estimate_match(model_row(price_completion=None)) is None


def test_every_turn_pays_the_fee_for_a_request() -> None:
    row = model_row(details={"pricing": {"request": "0.01"}})

    assert estimate_match(row) == (estimate_match(model_row()) or 0) + PLAIN.turns * Decimal("0.01")


def test_a_long_context_tier_counts_by_the_prompt_of_one_turn() -> None:
    tier = {"min_prompt_tokens": 2000, "prompt": "0.001", "completion": "0.001"}
    row = model_row(details={"pricing": {"overrides": [tier]}})

    assert estimate_match(row, TokenUse(5, 1999, 1)) == Decimal("0.0010005")
    assert estimate_match(row, TokenUse(5, 2000, 1)) == Decimal("10.005")


def test_without_a_time_the_dearest_hour_of_the_day_counts() -> None:
    day = {"utc_start": 600, "utc_end": 1800, "prompt": "0.000002", "completion": "0"}
    night = {"utc_start": 1800, "utc_end": 600, "prompt": "0.000001", "completion": "0"}
    row = model_row(details={"pricing": {"overrides": [day, night]}})
    midnight = NOW.replace(hour=0)

    def at(moment: datetime | None) -> Decimal | None:
        return estimate_match(row, ONE_TURN, moment)

    assert (at(NOW), at(midnight), at(None)) == (
        Decimal("0.002"),
        Decimal("0.001"),
        Decimal("0.002"),
    )


def test_prices_that_somebody_set_leave_no_special_price_of_the_catalog() -> None:
    tier = {"min_prompt_tokens": 1, "prompt": "0.001", "completion": "0.001"}
    row = model_row(
        price_prompt=Decimal(1),
        price_completion=Decimal(2),
        override_set_by="yaml",
        details={"pricing": {"overrides": [tier], "request": "0.5"}},
    )

    assert estimate_match(row, ONE_TURN) == Decimal("0.0012")
