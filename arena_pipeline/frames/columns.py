"""Columns of a frame: what each takes from a row, and its type, also where there are no rows.

Times are `datetime64[us, UTC]`, counts `Int64`, text `str`; what is unknown is NaT, NA or NaN.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from operator import attrgetter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


class Kind(StrEnum):
    """What a column holds; the value is pandas' name of its type."""

    TEXT = "str"
    FLAG = "bool"
    COUNT = "Int64"
    MOMENT = "datetime64[us, UTC]"
    PRICE = "float64"
    ANY = "object"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, its kind, and how it is read from a row."""

    name: str
    kind: Kind
    value: Callable[[Any], Any]


def column(name: str, kind: Kind, attribute: str | None = None) -> Column:
    """A column that holds an attribute of its rows, the one of its own name if none is given."""
    return Column(name, kind, attrgetter(attribute or name))


def frame(
    rows: Iterable[object], columns: Iterable[Column], *, exact: bool = False
) -> "pd.DataFrame":
    """A frame of these columns over `rows`, in their order.

    `exact`: prices stay `Decimal` (None where unknown) in columns of type object.
    """
    import pandas as pd

    rows = list(rows)

    def series(column: Column) -> "pd.Series[Any]":
        values = [column.value(row) for row in rows]
        if column.kind is not Kind.PRICE:
            return pd.Series(values, dtype=str(column.kind))
        if exact:
            return pd.Series(values, dtype="object")
        return pd.Series([None if v is None else float(v) for v in values], dtype="float64")

    return pd.DataFrame({column.name: series(column) for column in columns})
