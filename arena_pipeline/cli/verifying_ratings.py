"""`arena verify-ratings`: published statistics files against the ratings our matches give."""

import math
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from arena_pipeline.cli.app import Session, command
from arena_pipeline.cli.exporting import Games
from arena_pipeline.cli.screen import Widest, add_rows, table
from arena_pipeline.cli.text import clean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.table import Table

    from arena_pipeline.leaderboard.published import Published
    from arena_pipeline.leaderboard.published.agreement import Agreement
    from arena_pipeline.leaderboard.published.parting import Disparity

_SHOWN = 20
"""Differences of one file that are shown; the JSON document has all."""


@command("verify-ratings")
def verify_ratings(
    session: Session,
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE...", help="Statistics files that SnakeBench published."),
    ],
    ladder: Annotated[
        str | None,
        typer.Option("--ladder", metavar="NAME", help="The ladder; unset: the one as published."),
    ] = None,
    games: Games = None,
) -> int:
    """Compare published ratings with ours, and name the first match where they part.

    A file is compared over the matches that it says it covers.
    One that doesn't say so is compared over those of --games, or all.
    """
    from arena_pipeline.importers.snakebench.recording.published import LADDER
    from arena_pipeline.leaderboard.games_file import read_games
    from arena_pipeline.leaderboard.ladders import ladder_row
    from arena_pipeline.leaderboard.published.agreement import agreement

    store = session.ready_store()
    only = None if games is None else read_games(games)
    given = [(path, _read(path)) for path in files]
    name = ladder or LADDER
    found: list[tuple[Path, Agreement]] = []
    with session.screen.progress("Comparing") as advance, store.read() as view:
        row = ladder_row(view, name)
        for path, published in given:
            found.append((path, agreement(view, row, published, only)))
            advance(len(found), len(given))
    are_equal = all(one.is_equal for _, one in found)
    if session.screen.as_json:
        told = [_document(path, one) for path, one in found]
        session.screen.document({"ladder": name, "agrees": are_equal, "files": told})
    else:
        _show(session, found)
    return 0 if are_equal else 1


def _read(path: Path) -> "Published":
    from arena_pipeline.importers.snakebench.recording.published import (
        BadStatistics,
        read_published,
    )

    published = read_published(path.read_bytes(), str(path))
    if published is None:
        raise BadStatistics(
            f"{path} is no index or statistics file; there are stats.json, stats_simple.json, "
            "game_index.json, TrueSkill lists and states with their games"
        )
    return published


def _document(path: Path, one: "Agreement") -> dict[str, Any]:
    gap = 0.0 if one.largest is None else one.largest.gap
    known = {"largest_gap": gap if math.isfinite(gap) else None}
    return {"file": path, "agrees": one.is_equal, **asdict(one), **known}


def _show(session: Session, found: "Sequence[tuple[Path, Agreement]]") -> None:
    session.screen.show(Widest(_overview(found, whole=True), _overview(found, whole=False)))
    for path, one in found:
        if one.is_equal:
            continue
        session.screen.show(Text(_sentence(path, one)))
        differences = one.first.differences if one.first else one.differences
        if differences:
            session.screen.show(_differences(differences[:_SHOWN]))
        if len(differences) > _SHOWN:
            session.screen.show(Text(f"... and {len(differences) - _SHOWN} more", style="dim"))


def _overview(found: "Sequence[tuple[Path, Agreement]]", *, whole: bool) -> "Table":
    details = ("rounded", "missing", "extra") if whole else ()
    made = table(
        "file", "matches", "equal", *details, "different", "largest gap", "verdict",
        right=("matches", "equal", *details, "different", "largest gap"),
    )  # fmt: skip
    for path, one in found:
        more = (one.rounded, len(one.missing), len(one.extra)) if whole else ()
        gap = "0" if one.largest is None else f"{one.largest.gap:.3g}"
        row = (path.name, one.matches, one.equal, *more, one.different, gap, _verdict(one))
        add_rows(made, [row])
    return made


def _verdict(one: "Agreement") -> Text:
    if not one.is_equal:
        return Text("differs", style="red")
    return Text("equal" if one.competitors else "no ratings", style="green")


def _sentence(path: Path, one: "Agreement") -> str:
    """What is wrong with a file that differs, ending in what the table below it shows."""
    parts = [
        f"{count} {what}: {_some(names)}."
        for what, names in (
            ("of its matches are not on the ladder", one.unknown),
            ("of its competitors have no match here", one.missing),
            ("competitors here are not in it", one.extra),
        )
        if (count := len(names))
    ]
    if one.first is not None:
        place = "not rated here" if one.first.sequence is None else f"no. {one.first.sequence}"
        between = " and ".join(map(repr, one.first.competitors))
        parts.append(f"They part at match {one.first.uuid} ({place}), {between}.")
    elif one.tells_matches:
        parts.append("Every match in it is as it is here; the totals alone differ.")
    elif one.different:
        parts.append(
            "It tells no match by itself, so where they part can't be named; is it of some matches "
            "only, say which with --games."
        )
    return clean(f"{path.name}: {' '.join(parts)}")


def _some(names: "Sequence[str]") -> str:
    few = ", ".join(names[:5])
    return few if len(names) <= 5 else f"{few} and {len(names) - 5} more"


def _differences(differences: "Sequence[Disparity]") -> "Table":
    return add_rows(
        table("competitor", "what", "published", "ours", right=("published", "ours")),
        ((one.competitor, one.field, one.published, one.ours) for one in differences),
    )
