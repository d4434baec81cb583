"""`arena void`, `arena unvoid`: matches that do not count, and taking that back."""

from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from arena_pipeline.cli.app import Session, command
from arena_pipeline.cli.asking import actor
from arena_pipeline.cli.registry.reports import Why

if TYPE_CHECKING:
    from arena_pipeline.leaderboard.voiding import Voiding

Matches = Annotated[
    list[str],
    typer.Argument(metavar="MATCH", help="Matches by uuid, or its first eight characters or more."),
]
Reason = Annotated[
    str, typer.Option("--reason", metavar="TEXT", help="Why it does not count; kept for ever.")
]


@command("void")
def void(session: Session, matches: Matches, reason: Reason) -> int:
    """Let matches not count any more: ratings, boards and warehouse follow; nothing is deleted."""
    from arena_pipeline.leaderboard import voiding

    with session.screen.progress("Rating again") as advance:
        done = voiding.void(
            session.ready_store(),
            matches,
            actor=actor(),
            reason=reason,
            progress=lambda rated: advance(rated, None),
        )
    return _show(session, done, "void")


@command("unvoid")
def unvoid(session: Session, matches: Matches, reason: Why = None) -> int:
    """Let voided matches count again, at the place they had."""
    from arena_pipeline.leaderboard import voiding

    with session.screen.progress("Rating again") as advance:
        done = voiding.unvoid(
            session.ready_store(),
            matches,
            actor=actor(),
            reason=reason,
            progress=lambda rated: advance(rated, None),
        )
    return _show(session, done, "valid")


def _show(session: Session, done: "Voiding", state: str) -> int:
    screen = session.screen
    if screen.as_json:
        screen.document(done)
        return 1 if done.refused else 0
    for uuid in done.changed:
        screen.show(Text.assemble((uuid, "bold"), f" is {state} now"))
    for uuid in done.already:
        screen.show(Text.assemble((uuid, "bold"), f" was {state} already"))
    for ladder in done.ladders:
        screen.show(
            Text(
                f"Ladder {ladder.ladder}: {ladder.matches} matches rated again as epoch "
                f"{ladder.epoch}, {len({one.subject for one in ladder.changed})} standings changed"
            )
        )
    if done.changed and not done.ladders:
        screen.show(Text("No ladder had judged it, so no rating changed", style="dim"))
    for refusal in done.refused:
        screen.notice(f"{refusal.match}: {refusal.reason}")
    return 1 if done.refused else 0
