"""`arena aliases`: every name a model was ever known under."""

from dataclasses import asdict
from typing import Annotated

import typer

from arena_pipeline.cli.app import Session, command
from arena_pipeline.cli.screen import Widest, add_rows, many, table


@command("aliases")
def aliases(
    session: Session,
    name: Annotated[
        str | None,
        typer.Argument(metavar="NAME", help="Only who was called so; a slug: all its names."),
    ] = None,
    ambiguous: Annotated[
        bool, typer.Option("--ambiguous", help="Only names that several models have borne.")
    ] = False,
) -> None:
    """List the names models were ever known under beside their slugs."""
    from arena_pipeline.registry.history import all_aliases

    rows = all_aliases(session.ready_store(), name=name, ambiguous=ambiguous)
    if session.screen.as_json:
        session.screen.document({"aliases": [asdict(row) for row in rows]})
    elif rows:
        columns = ("name", "model", "from", "first seen", "last seen")
        lines = [
            (one.alias, one.model, one.origin, one.first_seen_at, one.last_seen_at) for one in rows
        ]
        session.screen.show(
            Widest(
                add_rows(table(*columns), lines),
                add_rows(table(*columns[:2], whole=columns[1:2]), (line[:2] for line in lines)),
            ),
            many(len(rows), "name"),
        )
    else:
        session.screen.show("No names to show.")
