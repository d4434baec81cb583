"""Column types that mean the same on SQLite and PostgreSQL: time, price, money, JSON, outside text.

SQLite forgets time zones and keeps decimals as floats; PostgreSQL refuses NUL characters. These
types hide both.
"""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Text, TypeDecorator
from sqlalchemy.dialects.postgresql import JSONB

PICO = 10**12
"""Units of a stored amount in one USD."""

_UNSTORABLE = {0: "\ufffd", **dict.fromkeys(range(0xD800, 0xE000), "\ufffd")}


def clean_text(text: str) -> str:
    """Replace NUL and lone surrogates, which PostgreSQL can't store, by U+FFFD."""
    return text if text.isascii() and "\0" not in text else text.translate(_UNSTORABLE)


def clean_json(value: Any) -> Any:
    """`clean_text` on every string of a JSON value, keys included."""
    match value:
        case str():
            return clean_text(value)
        case dict():
            return {clean_text(str(key)): clean_json(item) for key, item in value.items()}
        case list() | tuple():
            return [clean_json(item) for item in value]
        case _:
            return value


class UtcDateTime(TypeDecorator[datetime]):
    """A moment: aware in Python (always UTC when read), `timestamptz` on PostgreSQL, naive UTC text
    on SQLite.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To the database."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"Time {value} has no time zone; give it one (UTC)")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """From the database."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Price(TypeDecorator[Decimal]):
    """USD per million tokens, exact: decimal text without exponent. NULL is unknown, 0 is free,
    never negative.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> str | None:
        """To the database."""
        if value is None:
            return None
        if not value.is_finite() or value < 0:
            raise ValueError(f"{value} is no price; unknown is None, free is 0")
        return plain_decimal(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Decimal | None:
        """From the database."""
        return None if value is None else Decimal(value)


class Usd(TypeDecorator[Decimal]):
    """An amount of USD: Decimal in Python, an integer of 1e-12 USD in the store, so that sums are
    exact.

    Finer amounts are rounded half even to 1e-12 USD; the store holds up to 9.2 million USD in one
    amount.
    """

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        """To the database."""
        return None if value is None else int((Decimal(value) * PICO).to_integral_value())

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        """From the database."""
        return None if value is None else Decimal(int(value)) / PICO


class OutsideText(TypeDecorator[str]):
    """Text from outside (names, rationales, error messages), made storable on both databases."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """To the database."""
        return None if value is None else clean_text(value)


class Document(TypeDecorator[Any]):
    """JSON: JSONB on PostgreSQL, text on SQLite. Strings are made storable on both; None is SQL
    NULL.
    """

    impl = JSON(none_as_null=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        """The JSON type of this database."""
        json_type = JSONB if dialect.name == "postgresql" else JSON
        return dialect.type_descriptor(json_type(none_as_null=True))

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        """To the database."""
        return None if value is None else clean_json(value)


def plain_decimal(value: Decimal) -> str:
    """Shortest decimal text without exponent: `Decimal("1.500")` and `Decimal("15E-1")` both give
    "1.5".
    """
    text = format(value, "f")
    return (text.rstrip("0").rstrip(".") or "0") if "." in text else text
