"""`arena pause`, `arena resume`: everything stands still, and goes on."""

from typing import Annotated

import typer
from rich.text import Text

from arena_pipeline.cli.app import Session, command
from arena_pipeline.cli.asking import actor
from arena_pipeline.cli.text import clean_lines

Words = Annotated[
    list[str] | None,
    typer.Argument(metavar="[REASON]", help="Why, shown to whoever wonders.", show_default=False),
]


@command("pause")
def pause(session: Session, reason: Words = None) -> None:
    """Let everything stand still: no match begins, no call is made, until arena resume."""
    _switch(session, on=True, reason=" ".join(reason or ()) or None)


@command("resume")
def resume(session: Session, reason: Words = None) -> None:
    """Let everything go on that arena pause had stopped."""
    _switch(session, on=False, reason=" ".join(reason or ()) or None)


def _switch(session: Session, *, on: bool, reason: str | None) -> None:
    from arena_pipeline.evaluation import switch

    store = session.ready_store()
    turn = switch.pause if on else switch.resume
    changed = turn(store, actor(), reason)
    with store.read() as connection:
        paused = switch.is_paused(connection)
    if session.screen.as_json:
        session.screen.document({"changed": changed, "paused": paused})
        return
    if paused is None:
        told = "The arena goes on" if changed else "The arena was not paused"
    else:
        told = f"The arena is {paused}" if changed else f"The arena was {paused} already"
    session.screen.show(Text(clean_lines(told)))
    if on and changed:
        session.screen.show(
            Text("Matches under way pause at their next call; arena resume lets all go on", "dim")
        )
