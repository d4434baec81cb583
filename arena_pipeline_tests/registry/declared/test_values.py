from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from arena_pipeline.registry.declared.values import Amount, Day, KeyVariable, Price, Url

Read = Callable[[Any], Any]


def reader(kind: Any) -> Read:
    return TypeAdapter(kind).validate_python


@pytest.mark.parametrize(
    ("written", "meant"),
    [(0.1, "0.1"), (2, "2"), ("0.25", "0.25"), (1e-7, "1E-7"), (0, "0"), (" 3.50 ", "3.50")],
)
def test_a_price_is_exactly_the_number_that_was_written(written: object, meant: str) -> None:
    assert str(reader(Price)(written)) == str(Decimal(meant))


@pytest.mark.parametrize(
    "written",
    [-1, -0.5, "-1", float("nan"), float("inf"), "free", "", True, "1e999", 1e300, [1], 10**4000],
)
def test_what_is_no_price_is_refused(written: object) -> None:
    with pytest.raises(ValidationError, match="is no amount of USD"):
        reader(Price)(written)


def test_a_cap_is_as_fine_as_the_store_keeps_amounts() -> None:
    assert reader(Amount)("0.1234567890123456") == Decimal("0.123456789012")


def test_a_day_is_a_date_or_its_text() -> None:
    assert reader(Day)("2025-04-30") == reader(Day)(date(2025, 4, 30)) == date(2025, 4, 30)
    with pytest.raises(ValidationError, match=r"30\.4\.2025 is no day like 2026-04-30"):
        reader(Day)("30.4.2025")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("https://api.acme.example/v1/", "https://api.acme.example/v1"),
        ("http://localhost:8000/v1", "http://localhost:8000/v1"),
        ("http://[::1]:8000/v1", "http://[::1]:8000/v1"),
    ],
)
def test_an_address_ends_without_a_slash(written: str, meant: str) -> None:
    assert reader(Url)(written) == meant


@pytest.mark.parametrize(
    "written",
    [
        "https://me:hunter2@acme.example/v1",
        "https://hunter2@acme.example/v1",
        "https://acme.example/v1?key=hunter2",
        "https://acme.example/#hunter2",
        "ftp://acme.example/hunter2",
        "file:///hunter2",
        "hunter2",
        "https:///hunter2",
        "https://acme.example:99999/hunter2",
        "https://acme.example/hunter2 x",
        "https://acme.example/hunter2\n",
    ],
)
def test_a_bad_address_is_refused_without_repeating_what_may_be_secret(written: str) -> None:
    with pytest.raises(ValidationError) as caught:
        reader(Url)(written)

    assert "hunter2" not in caught.value.errors(include_input=False)[0]["msg"]


def test_a_key_itself_is_refused_without_repeating_it() -> None:
    assert reader(KeyVariable)("ACME_API_KEY") == "ACME_API_KEY"
    for key in ("sk-or-v1-0123", "acme_key", "0123ABC", "A B", ""):
        with pytest.raises(ValidationError) as caught:
            reader(KeyVariable)(key)
        message = caught.value.errors(include_input=False)[0]["msg"]
        assert "stays in the environment" in message
        assert not key or key not in message
