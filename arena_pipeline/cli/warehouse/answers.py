"""What an answer of the warehouse looks like: a table, a JSON document, CSV."""

import csv
import json
import math
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TextIO

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from arena_pipeline.cli.screen import READABLE, Screen, many, table
from arena_pipeline.cli.text import clean
from arena_pipeline.escaping import csv_cell
from arena_pipeline.store.types import plain_decimal

if TYPE_CHECKING:
    from arena_pipeline.warehouse.query import Answer, Column

LEAST, MOST = 12, 60
"""Columns of the screen that a value gets at least where it gets tight, and at most; a number gets
what it needs.
"""

MOST_LINES = 8
"""Lines of a value that is folded."""

_BETWEEN = 2
"""Columns of the screen between two values."""

_NUMBERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT",
            "UINTEGER", "UBIGINT", "UHUGEINT", "FLOAT", "DOUBLE", "DECIMAL")  # fmt: skip


def show(screen: Screen, answer: "Answer") -> None:
    """Write an answer as a table that fits the screen, and how many rows it has."""
    if answer.columns:
        screen.show(_Fitting(answer))
    count = many(len(answer.rows), "row")
    screen.show(
        Text(f"The first {count}; there are more (--limit)." if answer.more else count, style="dim")
    )


def document(answer: "Answer") -> dict[str, Any]:
    """An answer as a JSON document: rows as lists, decimals as text, times in UTC, JSON as itself;
    numbers that JSON does not know as text.
    """
    is_json = [column.type == "JSON" for column in answer.columns]
    rows = [
        [_plain(value, parse=parse) for value, parse in zip(row, is_json, strict=True)]
        for row in answer.rows
    ]
    return {"columns": answer.columns, "rows": rows, "more": answer.more}


def write_csv(answer: "Answer", out: TextIO | None = None) -> None:
    """Write an answer as CSV with a head. NULL is empty; text that a spreadsheet would take for a
    formula gets an apostrophe.
    """
    out = out or sys.stdout
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([csv_cell(column.name) for column in answer.columns])
    # A program reads every sign as it is; a terminal would act on some.
    fit = clean if out.isatty() else str
    for row in answer.rows:
        writer.writerow(["" if value is None else _csv_value(value, fit) for value in row])


def _csv_value(value: object, fit: Any) -> str:
    if isinstance(value, str):
        return csv_cell(fit(value))
    if isinstance(value, float):
        return repr(value)
    return value.isoformat() if isinstance(value, datetime) else fit(_text(value))


class _Fitting:
    """An answer as a table: where it gets tight text is folded, or cut if it could not be read so,
    and columns are left out, by name, where even that does not help.
    """

    def __init__(self, answer: "Answer") -> None:
        self._columns = answer.columns
        self._cells = [[_cell(value) for value in row] for row in answer.rows]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Choose columns and their widths, now that the width is known."""
        wanted = [self._wanted(place) for place in range(len(self._columns))]
        folded = self._least(wanted, READABLE)
        folds = _fitting(folded, options.max_width) == len(folded)
        least = folded if folds else self._least(wanted, LEAST)
        shown = _fitting(least, options.max_width)
        widths = _shrunk(wanted[:shown], least[:shown], options.max_width)
        titles = [clean(column.name) for column in self._columns]
        made = table()
        for place, width in enumerate(widths):
            made.add_column(
                Text(titles[place]),
                justify="right" if _is_number(self._columns[place]) else "left",
                no_wrap=not folds,
                overflow="fold" if folds else "ellipsis",
                max_width=width,
            )
        for row in self._cells:
            made.add_row(
                *(_cut(cell, MOST_LINES * width) for cell, width in zip(row, widths, strict=False))
            )
        yield made
        if left := titles[shown:]:
            yield Text(
                f"{many(len(left), 'more column')}: {', '.join(left)} "
                "(name those you want, or --json, --csv)",
                style="dim",
            )

    def _least(self, wanted: Sequence[int], text: int) -> list[int]:
        """The least widths if text gets so much."""
        return [
            width if _is_number(column) else min(width, text)
            for width, column in zip(wanted, self._columns, strict=True)
        ]

    def _wanted(self, place: int) -> int:
        cells = (cell_len(row[place].plain) for row in self._cells)
        return min(max((cell_len(clean(self._columns[place].name)), *cells)), MOST)


def _cut(cell: Text, most: int) -> Text:
    cut = cell.copy()
    cut.truncate(most, overflow="ellipsis")
    return cut


def _fitting(least: Sequence[int], room: int) -> int:
    """How many columns fit, from the left; one does."""
    used = 0
    for place, width in enumerate(least):
        used += width + _BETWEEN
        if used > room and place:
            return place
    return len(least)


def _shrunk(wanted: Sequence[int], least: Sequence[int], room: int) -> list[int]:
    """The widths, of those that are more than they need to be the widest cut until all fit."""
    found = list(wanted)
    while sum(found) + _BETWEEN * len(found) > room:
        place = max(range(len(found)), key=lambda one: found[one] - least[one])
        if found[place] <= least[place]:
            break
        found[place] -= 1
    return found


def _is_number(column: "Column") -> bool:
    return column.type.partition("(")[0] in _NUMBERS


def _cell(value: object) -> Text:
    return Text("NULL", style="dim") if value is None else Text(_text(value))


def _text(value: object) -> str:
    """A value on one line, as people read it."""
    match value:
        case bool():
            return "true" if value else "false"
        case float():
            return _float(value)
        case Decimal():
            return plain_decimal(value) if value.is_finite() else str(value)
        case datetime() if value.tzinfo is not None:
            return f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%S}"
        case date():
            return str(value)
        case bytes():
            return f"\\x{value.hex()}"
        case list() | dict() | tuple():
            return clean(json.dumps(_plain(value), ensure_ascii=False))
        case _:
            return clean(value)


def _float(value: float) -> str:
    """Four decimals, or as many digits as tell it where those would show nothing."""
    if value == 0 or 1e-3 <= abs(value) < 1e15:
        return f"{value:.4f}".rstrip("0").rstrip(".")
    return f"{value:.6g}"


def _plain(value: Any, *, parse: bool = False) -> Any:
    """A value as JSON knows it."""
    match value:
        case str() if parse:
            try:
                return json.loads(value)
            except ValueError:
                return value
        case float() if not math.isfinite(value):
            return str(value)
        case Decimal() if value.is_finite():
            return plain_decimal(value)
        case bytes():
            return value.hex()
        case dict():
            return {str(name): _plain(one) for name, one in value.items()}
        case list() | tuple():
            return [_plain(one) for one in value]
        case datetime():
            return value.isoformat()
        case None | bool() | int() | float() | str():
            return value
        case _:
            return str(value)
