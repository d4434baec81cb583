"""What became of an act on many models or agents: each name, and an exit code."""

from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from arena_pipeline.cli.app import Session
from arena_pipeline.cli.text import clean

if TYPE_CHECKING:
    from arena_pipeline.registry.acts.models import ActReport

Why = Annotated[
    str | None, typer.Option("--reason", metavar="TEXT", help="Why, to be remembered with it.")
]


def show_report(session: Session, report: "ActReport", done: str) -> int:
    """Show what was done, what was so already and what failed; returns 1 if anything failed.

    `done` says what is so now of those that changed.
    """
    if session.screen.as_json:
        session.screen.document(report.to_json())
        return 1 if report.failed else 0
    for name in report.done:
        session.screen.show(Text.assemble((clean(name), "bold"), f" is {done} now"))
    for name in report.unchanged:
        session.screen.show(Text.assemble((clean(name), "bold"), f" was {done} already"))
    for name, why in report.failed:
        session.screen.notice(f"{name}: {why}")
    return 1 if report.failed else 0
