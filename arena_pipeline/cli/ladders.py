"""`arena leaderboard`, `arena recompute`, `arena export`: a ladder shown, rebuilt, published."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from arena_pipeline.cli.app import Session, command
from arena_pipeline.cli.asking import actor
from arena_pipeline.cli.asking import day as day_of
from arena_pipeline.cli.screen import Widest, add_rows, table

if TYPE_CHECKING:
    from datetime import datetime

    from rich.table import Table

    from arena_pipeline.leaderboard.board import Board
    from arena_pipeline.leaderboard.days import DayBoard

Ladder = Annotated[
    str | None,
    typer.Option("--ladder", metavar="NAME", help="The ladder; unset: the arena's default."),
]


SHOWN_DIGEST = 12
"""Characters of a SHA-256 in a table: enough to compare by eye; the JSON document has all."""


@command("leaderboard")
def leaderboard(
    session: Session,
    ladder: Ladder = None,
    on: Annotated[
        str | None,
        typer.Option("--on", metavar="DAY", help="As it was at the end of this day (UTC)."),
    ] = None,
) -> None:
    """Show a ladder: rank, rating, wins, losses, ties, scores."""
    from arena_pipeline.leaderboard.board import board
    from arena_pipeline.leaderboard.days import standings_on

    if (day := day_of(on, "--on")) is not None:
        past = standings_on(session.ready_store(), name_of(ladder), day)
        if session.screen.as_json:
            session.screen.document(past.to_json())
        else:
            taken = f"As it stood on {past.taken_at:%Y-%m-%d %H:%M} UTC."
            session.screen.show(day_table(past), Text(taken, style="dim"))
        return
    shown = board(session.ready_store(), name_of(ladder))
    if session.screen.as_json:
        session.screen.document(shown.to_json())
    elif shown.rows:
        session.screen.show(board_table(shown))
    else:
        session.screen.show(
            Text.assemble(
                f"Nobody has played on ladder {shown.ladder} yet. ",
                ("arena league", "dim"),
                " plays matches.",
            )
        )


@command("recompute")
def recompute(session: Session, ladder: Ladder = None) -> None:
    """Rebuild a ladder's ratings from its matches, and say what that changed."""
    from arena_pipeline.leaderboard.recompute import recompute as rebuild
    from arena_pipeline.registry.acts.audit import By

    screen = session.screen
    with screen.progress("Recomputing") as advance:
        done = rebuild(
            session.ready_store(),
            name_of(ladder),
            lambda matches: advance(matches, None),
            by=By.of(actor(), None),
        )
    if screen.as_json:
        screen.document(done)
        return
    screen.show(
        Text(
            f"Ladder {done.ladder}: {done.matches} matches of {done.competitors} competitors "
            f"rated again, epoch {done.epoch}."
        )
    )
    if done.changed:
        screen.show(
            add_rows(
                table("competitor", "number", "was", "is", title="Changed", right=("was", "is")),
                ((one.subject, one.field, one.stored, one.rebuilt) for one in done.changed),
            )
        )
    elif done.mended:
        screen.show(f"No standing changed, but {done.mended} places or events were put right.")
    else:
        screen.show("Nothing changed: every number was what its matches give.")


@command("export")
def export(
    session: Session,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="FOLDER",
            help="Where to; unset: the ladder's folder in the data folder.",
        ),
    ] = None,
    ladder: Ladder = None,
    formats: Annotated[
        list[str] | None,
        typer.Option(
            "--format",
            metavar="FILE",
            help="Only this file (stats.json, leaderboard.csv, ...); may be repeated.",
        ),
    ] = None,
) -> None:
    """Publish a ladder as files: JSON, CSV, Parquet, Markdown."""
    from arena_pipeline.leaderboard import exports

    name = name_of(ladder)
    folder = out or exports.folder_of(session.settings.export_dir, name)
    report = exports.export(session.ready_store(), folder, name, formats or None)
    if session.screen.as_json:
        session.screen.document(report)
        return
    session.screen.show(
        Text(f"Ladder {report.ladder} with {report.matches} matches is in {folder}:"),
        add_rows(
            table("file", "entries", "sha-256", right=("entries",)),
            ((file.name, file.rows, file.digest[:SHOWN_DIGEST]) for file in report.files),
        ),
    )


def name_of(ladder: str | None) -> str:
    """The ladder asked for, or the default one."""
    from arena_pipeline.leaderboard.ladders import DEFAULT_LADDER

    return ladder or DEFAULT_LADDER


def board_table(board: "Board") -> Widest:
    """The leaderboard as a table; on a narrow terminal without scores and dates."""
    return Widest(
        _board_table(board, ("score", "top", "first", "last")),
        _board_table(board, ("top", "last")),
        _board_table(board, ()),
    )


def day_table(board: "DayBoard") -> "Table":
    """The leaderboard of a past day as a table."""
    title = f"{board.title} at the end of {board.asked}"
    columns = ("#", "competitor", "rating", "played", "won", "lost", "tied", "score")
    made = table(*columns, title=title, right=(*columns[:1], *columns[2:]))
    for one in board.rows:
        totals = (one.matches, one.wins, one.losses, one.ties, f"{one.score_total:g}")
        add_rows(made, [(one.rank, one.competitor, f"{one.rating:.1f}", *totals)])
    return made


def _board_table(board: "Board", details: Sequence[str]) -> "Table":
    columns = ("#", "competitor", "rating", "played", "won", "lost", "tied", *details, "status")
    made = table(*columns, title=board.title, right=(*columns[:1], *columns[2:7], "score", "top"))
    for row in board.rows:
        known = {
            "score": f"{row.score_total:g}",
            "top": None if row.top_score is None else f"{row.top_score:g}",
            "first": _day(row.first_match_at),
            "last": _day(row.last_match_at),
        }
        totals = (f"{row.rating:.1f}", row.matches, row.wins, row.losses, row.ties)
        shown = [known[name] for name in details]
        add_rows(made, [(row.rank, row.competitor, *totals, *shown, row.status)])
    return made


def _day(moment: "datetime | None") -> str | None:
    return None if moment is None else f"{moment:%Y-%m-%d}"
