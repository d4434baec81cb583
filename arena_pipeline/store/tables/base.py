"""The declarative base: naming of constraints (so that migrations can name them) and column types
by Python type.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import BigInteger, CheckConstraint, Double, Integer, MetaData
from sqlalchemy.orm import DeclarativeBase

from arena_pipeline.store.types import Document, UtcDateTime

BIG_ID = BigInteger().with_variant(Integer, "sqlite")
"""Identity column: 64 bit on PostgreSQL; SQLite numbers rows only in a column declared INTEGER."""


class Base(DeclarativeBase):
    """Root of every table of the store."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: UtcDateTime,
        dict[str, Any]: Document,
        list[Any]: Document,
        float: Double,
    }


def one_of(column: str, values: type[StrEnum]) -> CheckConstraint:
    """A CHECK that `column` holds one of an enumeration's values (or NULL where the column allows
    it).
    """
    words = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({words})", name=column)
