"""`arena up`: the whole arena in one command."""

from typing import Annotated

import typer

from arena_pipeline.cli.app import Session, command


@command("up")
def up(
    session: Session,
    no_serve: Annotated[
        bool, typer.Option("--no-serve", help="End after the leaderboard; start no Dagster UI.")
    ] = False,
    port: Annotated[
        int | None,
        typer.Option(min=1, max=65535, help="Port of the Dagster UI; wins over ARENA_PORT."),
    ] = None,
) -> int:
    """Run everything once, from catalog to leaderboard, and serve the Dagster UI until Ctrl-C."""
    from arena_pipeline.cli.up import up as run

    screen = session.screen
    return run(
        session.settings,
        serve=not no_serve,
        port=port,
        console=screen.err if screen.as_json else screen.out,
        as_json=screen.as_json,
    )
