"""What the warehouse offers beside its tables: macros (questions with parameters), views (among
them the flat ones of older clients), and a guide to all of it.

Each macro and view is a file of SQL whose first lines say what it is for and show it in use. What
is written here is parsed by DuckDB 1.5 too.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.resources import files
from typing import TYPE_CHECKING

from arena_pipeline.warehouse.columns import literal, quoted

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MACROS = (
    "leaderboard", "head_to_head", "beats", "rating_history", "rating_at", "standings_on",
    "catalog_changes", "price_on", "moves_of",
)  # fmt: skip
"""The questions with parameters, in the order of the guide."""

SMALL_MACROS = ("known_ladder", "utc_end", "utc_moment")
"""What those use to read their parameters."""

VIEWS = ("pairs", "flat_models", "games", "game_participants")

FLAT = {"models": "flat_models", "games": "games", "game_participants": "game_participants"}
"""Views of the schema `flat`, under their older names, and what they show."""

_COLUMN = re.compile(r"(\w+): (.+)")
_EXAMPLE = "Example: "


@dataclass(frozen=True, slots=True)
class Offer:
    """One macro or view: how it is made, what it is for, how it is used, what its columns mean."""

    name: str
    kind: str
    statement: str
    what_for: str
    example: str
    columns: dict[str, str] = field(default_factory=dict)


def offers() -> tuple[Offer, ...]:
    """Every macro and view, in the order of the guide; each uses only those after it."""
    macros = (_read("macros", "macro", name) for name in MACROS)
    views = (_read("views", "view", name) for name in VIEWS)
    return (*macros, *views, *(_read("macros", "macro", name) for name in SMALL_MACROS))


def create_macros(connection: "DuckDBPyConnection") -> None:
    """Put macros, views and the table `guide` into the current database, each with its comment.

    The tables they read must be there. Repeating it puts the present ones in the place of others of
    these names.
    """
    known = offers()
    connection.execute("CREATE SCHEMA IF NOT EXISTS flat")
    for offer in reversed(known):
        for statement in _statements(offer):
            connection.execute(statement)
    for name, shown in FLAT.items():
        view = next(offer for offer in known if offer.name == shown)
        connection.execute(f"CREATE OR REPLACE VIEW flat.{name} AS FROM main.{shown}")
        for statement in _view_comments(f"flat.{name}", view):
            connection.execute(statement)
    _write_guide(connection, known)


def _read(folder: str, kind: str, name: str) -> Offer:
    text = files("arena_pipeline.warehouse").joinpath(folder, f"{name}.sql").read_text("utf-8")
    lines = text.splitlines()
    head = [line.removeprefix("-- ") for line in lines if line.startswith("-- ")]
    example = next(place for place, line in enumerate(head) if line.startswith(_EXAMPLE))
    columns = [match for line in head[example + 1 :] if (match := _COLUMN.fullmatch(line))]
    return Offer(
        name,
        kind,
        statement="\n".join(lines[len(head) :]),
        what_for=" ".join(head[:example]),
        example=head[example].removeprefix(_EXAMPLE),
        columns={match[1]: match[2] for match in columns},
    )


def _statements(offer: Offer) -> Iterator[str]:
    yield offer.statement
    if offer.kind == "view":
        yield from _view_comments(offer.name, offer)
    else:
        kind = "MACRO TABLE" if " AS TABLE\n" in offer.statement else "MACRO"
        yield f"COMMENT ON {kind} {quoted(offer.name)} IS {literal(offer.what_for)}"


def _view_comments(view: str, offer: Offer) -> Iterator[str]:
    yield f"COMMENT ON VIEW {view} IS {literal(offer.what_for)}"
    for column, meaning in offer.columns.items():
        yield f"COMMENT ON COLUMN {view}.{quoted(column)} IS {literal(meaning)}"


_GUIDE_COMMENT = "What there is to ask: start here. One row for each table, view and macro."
_GUIDE_COLUMNS = {
    "name": "What it is called.",
    "kind": "macro (a question with parameters), view or table.",
    "what_for": "What it tells.",
    "example": "A statement that shows it in use.",
}


def _write_guide(connection: "DuckDBPyConnection", known: tuple[Offer, ...]) -> None:
    """Replace the table `guide`: macros and views by use, tables by name, and at the end what only
    the macros themselves need.
    """
    rows, small = (
        [
            (one.name, one.kind, one.what_for, one.example)
            for one in known
            if (one.name in SMALL_MACROS) is is_small
        ]
        for is_small in (False, True)
    )
    tables = connection.execute(
        "SELECT table_name, 'table', coalesce(comment, ''), 'FROM ' || table_name || ' LIMIT 10'"
        " FROM duckdb_tables() WHERE database_name = current_database() AND NOT internal"
        " AND table_name <> 'guide' ORDER BY table_name"
    ).fetchall()
    columns = ", ".join(f"{name} VARCHAR" for name in _GUIDE_COLUMNS)
    connection.execute(f"CREATE OR REPLACE TABLE guide ({columns})")
    connection.executemany("INSERT INTO guide VALUES (?, ?, ?, ?)", [*rows, *tables, *small])
    connection.execute(f"COMMENT ON TABLE guide IS {literal(_GUIDE_COMMENT)}")
    for column, meaning in _GUIDE_COLUMNS.items():
        connection.execute(f"COMMENT ON COLUMN guide.{column} IS {literal(meaning)}")
