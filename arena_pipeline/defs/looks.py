"""How results look in the Dagster UI: tables, charts, column schemas. No number is made here."""

import html
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import dagster as dg
from sqlalchemy import Table

from arena_pipeline.store.tables import Base

NOTICE = "notice"
"""Metadata key of a sentence a person must see; `arena up` shows it too."""

MOST_ROWS = 15
"""Rows of a table shown in metadata: the UI folds Markdown of a thousand characters away."""

LONGEST_CELL = 120


def table(
    columns: Sequence[str], rows: Iterable[Sequence[object]], empty: str = "None."
) -> dg.MarkdownMetadataValue:
    """The first rows as Markdown, with a last line saying how many more there are."""
    cells = [[_cell(value) for value in row] for row in rows]
    if not cells:
        return dg.MetadataValue.md(empty)
    lines = [list(columns), ["---"] * len(columns), *cells[:MOST_ROWS]]
    if len(cells) > MOST_ROWS:
        lines.append([f"... and {len(cells) - MOST_ROWS} more", *[""] * (len(columns) - 1)])
    return dg.MetadataValue.md("\n".join(f"| {' | '.join(line)} |" for line in lines))


def chart(svg: str) -> dg.MarkdownMetadataValue:
    """A chart given as SVG."""
    from arena_pipeline.drawing import data_uri

    return dg.MetadataValue.md(data_uri(svg))


def findings(
    found: Sequence[str],
    sound: str,
    severity: dg.AssetCheckSeverity = dg.AssetCheckSeverity.ERROR,
) -> dg.AssetCheckResult:
    """The result of a check that lists what is wrong, one sentence each; `sound` if nothing is."""
    if not found:
        return dg.AssetCheckResult(passed=True, description=sound)
    return dg.AssetCheckResult(
        passed=False,
        severity=severity,
        description=found[0] if len(found) == 1 else f"{found[0]} (and {len(found) - 1} more)",
        metadata={"found": len(found), "what": table(("what is wrong",), [(f,) for f in found])},
    )


def stored_in(table_class: type[Base]) -> dict[str, Any]:
    """Definition metadata of an asset that is a table of the store: its name and its columns."""
    return rows_of(table_class, columns_of(table_class))


def rows_of(table_class: type[Base], columns: Sequence[dg.TableColumn]) -> dict[str, Any]:
    """Definition metadata of an asset that shows a table of the store in `columns` of its own."""
    return {
        "dagster/table_name": _stored(table_class).name,
        "dagster/column_schema": dg.TableSchema(columns=columns),
    }


def columns_of(table_class: type[Base]) -> list[dg.TableColumn]:
    """The columns of a table of the store, as it describes them."""
    return [
        dg.TableColumn(
            column.name,
            str(column.type),
            description=column.doc,
            constraints=dg.TableColumnConstraints(nullable=bool(column.nullable)),
        )
        for column in _stored(table_class).columns
    ]


def _stored(table_class: type[Base]) -> Table:
    stored = table_class.__table__
    assert isinstance(stored, Table)
    return stored


def _word(fact: object) -> object:
    return "none" if fact is None else fact


def _cell(value: object) -> str:
    """One cell: foreign text can't end it, and no markup of it gets through."""
    match value:
        case None:
            return ""
        case float():
            return f"{value:,.1f}"
        case datetime():
            return f"{value.astimezone(UTC):%Y-%m-%d %H:%M}"
        case Mapping():
            value = ", ".join(f"{key} {_word(fact)}" for key, fact in value.items())
    text = " ".join(str(value).split())
    text = text if len(text) <= LONGEST_CELL else f"{text[: LONGEST_CELL - 3]}..."
    escaped = html.escape(text)
    for sign in "|`*_[]\\":
        escaped = escaped.replace(sign, f"&#{ord(sign)};")
    return escaped
