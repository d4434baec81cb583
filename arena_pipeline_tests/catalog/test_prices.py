from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena_pipeline.catalog.prices import per_million, price_text


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("0.0000025", "2.5"),
        ("0", "0"),
        ("-0", "0"),
        ("0.00000008333333333333334", "0.08333333333333334"),
        ("1e-6", "1"),
        (0.000001, "1"),
        (0, "0"),
    ],
)
def test_a_price_is_read_exactly_as_usd_per_million_tokens(written: object, meant: str) -> None:
    assert price_text(per_million(written)) == meant


@pytest.mark.parametrize("written", ["-1", "-0.5", -1, None])
def test_a_negative_or_missing_price_is_unknown_not_free(written: object) -> None:
    assert per_million(written) is None


@pytest.mark.parametrize(
    "written",
    ["free", "", "1e999", "NaN", "Infinity", "1_000", "٣", "2", True, [], {}, float("nan")],
)
def test_what_is_no_price_is_refused(written: object) -> None:
    with pytest.raises(ValueError, match="price"):
        per_million(written)


@given(st.decimals(min_value=0, max_value=1, places=23))
def test_no_digit_of_a_price_is_lost(price: Decimal) -> None:
    read = per_million(format(price, "f"))

    assert read is not None
    assert Decimal(format(read, "f")).compare(price.scaleb(6)) == 0
