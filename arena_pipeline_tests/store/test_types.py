"""Column types: what goes in comes out the same on both databases."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, insert, select
from sqlalchemy.exc import StatementError

from arena_pipeline.store import Store
from arena_pipeline.store.tables import Model, ModelSource, Spend
from arena_pipeline.store.types import clean_json, clean_text, plain_decimal

NOW = datetime(2026, 11, 1, 12, 30, 45, 123456, tzinfo=UTC)


def model(**columns: object) -> dict[str, object]:
    row = {
        "slug": "acme/one",
        "source": ModelSource.OPENROUTER.value,
        "display_name": "One",
        "vendor": "acme",
        "discovered_at": NOW,
    }
    return {**row, **columns}


def put_and_get(store: Store, **columns: object) -> Any:
    with store.write() as connection:
        connection.execute(insert(Model), [model(**columns)])
    with store.read() as connection:
        return connection.execute(select(Model.__table__)).one()


def test_a_moment_comes_back_in_utc_to_the_microsecond(store: Store) -> None:
    elsewhere = NOW.astimezone(timezone(timedelta(hours=5, minutes=45)))

    row = put_and_get(store, discovered_at=elsewhere)

    assert row.discovered_at == NOW
    assert row.discovered_at.tzinfo is UTC


def test_a_moment_without_a_time_zone_is_refused(store: Store) -> None:
    with pytest.raises(StatementError, match="has no time zone"):
        put_and_get(store, discovered_at=NOW.replace(tzinfo=None))


@pytest.mark.parametrize("text", ["0", "0.08333333333333334", "0.00000008333333333333334", "600"])
def test_a_price_comes_back_digit_for_digit(store: Store, text: str) -> None:
    assert put_and_get(store, price_prompt=Decimal(text)).price_prompt == Decimal(text)


def test_an_unknown_price_is_not_a_free_one(store: Store) -> None:
    row = put_and_get(store, price_prompt=None, price_completion=Decimal(0))

    assert row.price_prompt is None
    assert row.price_completion == 0


@pytest.mark.parametrize("price", ["-1", "NaN", "Infinity"])
def test_what_is_no_price_is_refused(store: Store, price: str) -> None:
    with pytest.raises(StatementError, match="is no price"):
        put_and_get(store, price_prompt=Decimal(price))


def test_sums_of_money_are_exact(store: Store) -> None:
    rows = [
        {
            "budget": f"b{n}",
            "window_start": NOW,
            "reserved": Decimal("0.000000000001"),
            "spent": Decimal(0),
        }
        for n in range(1000)
    ]
    with store.write() as connection:
        connection.execute(insert(Spend), rows)
    with store.read() as connection:
        total = connection.scalar(select(func.sum(Spend.reserved)))

    assert total == Decimal("0.000000001")


def test_hostile_text_is_storable_and_the_same_on_both_databases(store: Store) -> None:
    row = put_and_get(
        store, display_name="a\0b\ud800", details={"k\0": ["x\0", {"y": "\udfff"}], "n": 1.5}
    )

    assert row.display_name == "a\ufffdb\ufffd"
    assert row.details == {"k\ufffd": ["x\ufffd", {"y": "\ufffd"}], "n": 1.5}


@given(st.text())
def test_cleaning_text_changes_only_what_cannot_be_stored(text: str) -> None:
    cleaned = clean_text(text)

    assert len(cleaned) == len(text)
    assert all(a == b or b == "\ufffd" for a, b in zip(text, cleaned, strict=True))
    cleaned.encode()
    assert "\0" not in cleaned


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=0, places=23))
def test_decimal_text_is_plain_short_and_exact(value: Decimal) -> None:
    text = plain_decimal(value)

    assert Decimal(text) == value
    assert "e" not in text.lower()
    assert not ("." in text and text.endswith(("0", ".")))


def test_json_of_any_depth_is_cleaned() -> None:
    assert clean_json([{"a": ("\0",)}, None, 1, True]) == [{"a": ["\ufffd"]}, None, 1, True]
