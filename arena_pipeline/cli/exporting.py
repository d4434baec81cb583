"""`arena export`: a ladder published as files, or the whole history for analysis."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from arena_pipeline.cli.app import Session, command
from arena_pipeline.cli.ladders import SHOWN_DIGEST, Ladder, name_of
from arena_pipeline.cli.screen import add_rows, table

if TYPE_CHECKING:
    from arena_pipeline.leaderboard.exports import ExportReport
    from arena_pipeline.operations.dataset import DatasetReport

DATASET = "dataset"
"""The format that is not of a ladder: every match, participant and turn there is."""

_NAMED = 10
"""Matches named one by one where more may be meant."""

Games = Annotated[
    Path | None,
    typer.Option(
        "--games", metavar="FILE", help="Of these matches alone: a file with one id a line."
    ),
]


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
            help="Only this file (stats.json, leaderboard.csv, ...); may be repeated. legacy: the "
            "JSON files as SnakeBench writes them; dataset: the whole history as Parquet.",
        ),
    ] = None,
    games: Games = None,
) -> None:
    """Publish a ladder as files: JSON, CSV, Parquet, Markdown."""
    if DATASET in (formats or ()):
        _export_dataset(session, out, alone=formats == [DATASET] and not ladder and not games)
        return
    from arena_pipeline.leaderboard import exports
    from arena_pipeline.leaderboard.games_file import read_games

    name = name_of(ladder)
    is_legacy = formats == [exports.LEGACY]
    only = None if games is None else read_games(games)
    if is_legacy and only is not None and out is None:
        raise exports.ExportError(
            "An export of some matches alone needs a folder of its own; name one with --out"
        )
    own = f"{name}-{exports.LEGACY}" if is_legacy else name
    folder = out or exports.folder_of(session.settings.export_dir, own)
    report = exports.export(session.ready_store(), folder, name, formats or None, only)
    if session.screen.as_json:
        session.screen.document(report)
    else:
        _show(session, report, folder)


def _show(session: Session, report: "ExportReport", folder: Path) -> None:
    session.screen.show(
        Text(f"Ladder {report.ladder} with {report.matches} matches is in {folder}:"),
        add_rows(
            table("file", "entries", "sha-256", right=("entries",)),
            ((file.name, file.rows, file.digest[:SHOWN_DIGEST]) for file in report.files),
        ),
    )
    if report.missing:
        named = ", ".join(report.missing[:_NAMED])
        more = f" and {len(report.missing) - _NAMED} more" if len(report.missing) > _NAMED else ""
        session.screen.notice(
            f"Asked for, but not on the ladder: {len(report.missing)} ({named}{more})"
        )


def _export_dataset(session: Session, out: Path | None, *, alone: bool) -> None:
    from arena_pipeline.leaderboard.exports import ExportError

    if not alone:
        raise ExportError(
            "The dataset is of the whole history, not of a ladder: --format dataset goes without "
            "--ladder, --games and other formats"
        )
    from arena_pipeline.operations.dataset import export_dataset

    folder = out or session.settings.export_dir / DATASET
    store = session.ready_store()
    with session.screen.progress("Exporting") as advance:
        report = export_dataset(store, session.settings.replay_dir, folder, progress=advance)
    if session.screen.as_json:
        session.screen.document(report)
    else:
        _show_dataset(session, report)


def _show_dataset(session: Session, report: "DatasetReport") -> None:
    rows: dict[str, list[int]] = {}
    for file in report.files:
        sums = rows.setdefault(file.file.partition("/")[0], [0, 0, 0])
        for place, number in enumerate((1, file.rows, file.bytes)):
            sums[place] += number
    session.screen.show(
        Text(
            f"{report.matches} matches, {report.participants} participants, {report.turns} turns "
            f"in {report.folder}:"
        ),
        add_rows(
            table("table", "files", "rows", "bytes", right=("files", "rows", "bytes")),
            ((name, *sums) for name, sums in rows.items()),
        ),
    )
    if report.missing_replays:
        named = "; ".join(f"{one.uuid} ({one.reason})" for one in report.named[:_NAMED])
        session.screen.notice(
            f"Without turns, since their replays can't be read: {report.missing_replays} "
            f"(such as {named})"
        )
