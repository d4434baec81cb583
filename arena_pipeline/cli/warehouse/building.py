"""`arena warehouse`: the store's rows as Parquet and as one DuckDB file, brought up to date."""

from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from arena_pipeline.cli.app import Session, command
from arena_pipeline.cli.screen import many

if TYPE_CHECKING:
    from rich.columns import Columns

    from arena_pipeline.warehouse.build import Built

SHOWN_PROBLEMS = 10
"""Problems that are told one by one; the JSON document has all."""


@command("warehouse")
def warehouse(
    session: Session,
    full: Annotated[
        bool, typer.Option("--full", help="Read everything anew, not only what changed.")
    ] = False,
    moves: Annotated[
        bool, typer.Option("--moves", help="Read the moves in the replays as well.")
    ] = False,
) -> int:
    """Bring the DuckDB file and Parquet files that people ask up to date."""
    from arena_pipeline.warehouse.build import build

    screen = session.screen
    store = session.ready_store()
    with screen.progress("Building the warehouse") as advance:
        built = build(
            store,
            session.settings,
            full=full,
            moves=moves,
            progress=advance,
            waiting=lambda: screen.notice("Another build is under way; waiting for its end."),
        )
    if screen.as_json:
        screen.document(built)
        return 1 if built.problems else 0
    screen.show(_counts(built), _sentence(built))
    for note in built.notes:
        screen.notice(note)
    for problem in built.problems[:SHOWN_PROBLEMS]:
        screen.notice(problem)
    if built.problems:
        screen.notice(f"{many(len(built.problems), 'replay')} could not be read.")
    return 1 if built.problems else 0


def _counts(built: "Built") -> "Columns":
    """Tables and their rows, as many beside each other as have room."""
    from rich.columns import Columns

    parts = (f"{name} {rows:,}" for name, rows in built.tables.items() if rows)
    return Columns((Text(part, no_wrap=True) for part in parts), padding=(0, 3, 0, 0))


def _sentence(built: "Built") -> Text:
    what = "Built in full" if built.kind == "full" else "Brought up to date"
    return Text.assemble(
        f"{what} in {built.seconds:.1f} s, {built.bytes / 1e6:,.1f} MB "
        f"({many(built.rebuilt, 'part')} read, {built.kept} taken over): {built.path}\n",
        ("arena sql", "dim"),
        " asks it.",
    )
