"""`arena sql`: questions to the warehouse, from the command line, a file or a prompt."""

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from arena_pipeline.cli.app import Session, command
from arena_pipeline.cli.screen import Screen
from arena_pipeline.errors import ArenaError

if TYPE_CHECKING:
    from arena_pipeline.warehouse.query import Asking

ENOUGH = 1_000
"""Rows of a table that are shown unless somebody wants more."""


@command("sql")
def sql(
    session: Session,
    statement: Annotated[
        str | None,
        typer.Argument(
            metavar="SQL",
            help="What to ask, one statement or several; -: read from standard input. "
            "Unset: a prompt.",
            show_default=False,
        ),
    ] = None,
    limit: Annotated[
        int | None,
        typer.Option(
            "--limit",
            metavar="N",
            min=0,
            help=f"At most so many rows; unset: {ENOUGH} in a table, else all.",
        ),
    ] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV instead of a table.")] = False,
    files: Annotated[
        bool,
        typer.Option(
            "--files", help="Let SQL read files, and write them by COPY; else it reaches none."
        ),
    ] = False,
) -> int | None:
    """Ask the warehouse in SQL. [dim]FROM guide[/dim] lists what there is to ask."""
    from arena_pipeline.warehouse.query import Asking

    with Asking(session.settings, files=files) as asking:
        if statement is None and sys.stdin.isatty() and not (session.screen.as_json or as_csv):
            from arena_pipeline.cli.warehouse.prompt import Prompt

            Prompt(asking, session.screen, session.settings.root, limit or ENOUGH).run()
            return None
        text = sys.stdin.read() if statement in (None, "-") else str(statement)
        return _answer(asking, session.screen, text, limit=limit, as_csv=as_csv)


def _answer(
    asking: "Asking", screen: Screen, text: str, *, limit: int | None, as_csv: bool
) -> int | None:
    """Answer every statement of a text; one that fails is told, and the others are answered."""
    from arena_pipeline.cli.warehouse.answers import document, show, write_csv

    statements = asking.statements(text)
    if not statements:
        raise ArenaError('There is nothing to ask; give SQL, such as arena sql "FROM guide"')
    if limit is None and not (screen.as_json or as_csv):
        limit = ENOUGH
    documents: list[dict[str, Any]] = []
    failed = False
    for one in statements:
        try:
            answer = asking.ask(one, limit=limit)
        except ArenaError as error:
            failed = True
            if screen.as_json:
                documents.append({"error": str(error)})
            else:
                screen.failure(str(error))
            continue
        if screen.as_json:
            documents.append(document(answer))
        elif as_csv:
            write_csv(answer)
        else:
            show(screen, answer)
    if screen.as_json:
        screen.document(documents[0] if len(documents) == 1 else {"answers": documents})
    return 1 if failed else None
