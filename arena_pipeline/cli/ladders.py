"""`arena leaderboard`, `arena recompute`: a ladder shown, and rebuilt from its matches."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
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


NAMED = 10
"""Matches that are named where only their number matters; the JSON document names all."""

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
    compare: Annotated[
        tuple[str, str] | None,
        typer.Option(
            "--compare", metavar="A B", help="Two ladders side by side: who moved, how far, why."
        ),
    ] = None,
) -> None:
    """Show a ladder: rank, rating, wins, losses, ties, scores."""
    from arena_pipeline.leaderboard.board import board
    from arena_pipeline.leaderboard.days import standings_on

    if compare is not None:
        if ladder is not None or on is not None:
            raise typer.BadParameter("--compare A B names both ladders, as they are now")
        _compare(session, *compare)
        return
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
    if shown.not_rated and not session.screen.as_json:
        session.screen.show(Text(not_counted(shown.not_rated), style="dim"))


def _compare(session: Session, one: str, other: str) -> None:
    from arena_pipeline.cli.comparing import side_table
    from arena_pipeline.leaderboard.side_by_side import side_by_side

    with session.screen.busy("Comparing"):
        compared = side_by_side(session.ready_store(), one, other)
    if session.screen.as_json:
        session.screen.document(compared.to_json())
        return
    session.screen.show(side_table(compared))


def not_counted(reasons: Mapping[str, int]) -> str:
    """How many matches do not count, and why, as a sentence."""
    told = ", ".join(f"{reason} {count}" for reason, count in reasons.items())
    return f"Matches that do not count: {sum(reasons.values())} ({told})."


class _Order(StrEnum):
    SEQUENCE = "sequence"
    ENDED_AT = "ended_at"


@command("recompute")
def recompute(
    session: Session,
    ladder: Ladder = None,
    order: Annotated[
        _Order | None,
        typer.Option(
            "--order",
            help="Number the matches by the time they ended, and keep that order from then on; "
            "sequence: as they are numbered.",
        ),
    ] = None,
    games: Annotated[
        Path | None,
        typer.Option(
            "--games",
            metavar="FILE",
            help="Only show what the ladder would be of these matches alone (one id a line).",
        ),
    ] = None,
) -> None:
    """Rebuild a ladder's ratings from its matches, and say what that changed."""
    from arena_pipeline.leaderboard.recompute import Order
    from arena_pipeline.leaderboard.recompute import recompute as rebuild
    from arena_pipeline.registry.acts.audit import By

    if games is not None:
        _of_these(session, name_of(ladder), games, by_time=order is _Order.ENDED_AT)
        return
    screen = session.screen
    with screen.progress("Recomputing") as advance:
        done = rebuild(
            session.ready_store(),
            name_of(ladder),
            lambda matches: advance(matches, None),
            order=None if order is None else Order(order.value),
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


def _of_these(session: Session, ladder: str, games: Path, *, by_time: bool) -> None:
    """Show what the ladder would be of the matches in the file; nothing is stored."""
    from arena_pipeline.cli.comparing import selection_table
    from arena_pipeline.leaderboard.games_file import read_games
    from arena_pipeline.leaderboard.restricted import select_matches

    uuids = read_games(games)
    with session.screen.busy("Recomputing"):
        made = select_matches(session.ready_store(), ladder, uuids, by_time=by_time)
    screen = session.screen
    if screen.as_json:
        screen.document(made.to_json())
        return
    screen.show(
        selection_table(made),
        Text(f"{made.rated} of the {len(uuids)} matches named are rated; nothing was stored."),
    )
    if made.not_rated:
        screen.show(Text(not_counted(made.not_rated), style="dim"))
    if made.missing:
        shown = ", ".join(made.missing[:NAMED])
        more = ", ..." if len(made.missing) > NAMED else ""
        screen.notice(f"Not on ladder {ladder}: {len(made.missing)} ({shown}{more})")


def name_of(ladder: str | None) -> str:
    """The ladder asked for, or the default one."""
    from arena_pipeline.leaderboard.ladders import DEFAULT_LADDER

    return ladder or DEFAULT_LADDER


def board_table(board: "Board") -> Widest:
    """The leaderboard as a table; on a narrow terminal without scores and dates.

    TrueSkill is shown at its lower bound (mean less three deviations) where it is kept.
    """
    kept = any(row.trueskill_exposed is not None for row in board.rows)
    skill = ("trueskill",) if kept else ()
    return Widest(
        _board_table(board, (*skill, "score", "top", "first", "last")),
        _board_table(board, (*skill, "top", "last")),
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


_RIGHT = ("trueskill", "score", "top")


def _board_table(board: "Board", details: Sequence[str]) -> "Table":
    columns = ("#", "competitor", "rating", "played", "won", "lost", "tied", *details, "status")
    made = table(*columns, title=board.title, right=(*columns[:1], *columns[2:7], *_RIGHT))
    for row in board.rows:
        exposed = row.trueskill_exposed
        known = {
            "trueskill": None if exposed is None else f"{exposed:.2f}",
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
