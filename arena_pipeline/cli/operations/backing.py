"""`arena backup` and `arena restore`: everything an arena must not lose, as one file, and back."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from arena_pipeline.cli.app import Session, command
from arena_pipeline.cli.asking import actor
from arena_pipeline.cli.screen import add_rows, facts, many, table
from arena_pipeline.cli.text import clean

if TYPE_CHECKING:
    from arena_pipeline.operations.backup import Manifest, Restored

MOST_NAMED = 20
"""Left out files that the screen names."""

BackupFile = Annotated[Path, typer.Argument(metavar="FILE", help="The backup.")]


@command("backup")
def backup(
    session: Session,
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="FILE",
            help="Where to; unset: a new file in the folder for backups (ARENA_BACKUP_DIR).",
        ),
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace FILE if it is there already.")
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Make none: read FILE and check every byte of it.")
    ] = False,
) -> int:
    """Write store, replays, catalogs and models file into one archive, while everything runs."""
    if check:
        if file is None:
            raise typer.BadParameter("--check needs the FILE of a backup")
        return _check(session, file)
    from datetime import UTC, datetime

    from arena_pipeline.operations.backup import default_file, make_backup

    now = datetime.now(UTC)
    store = session.ready_store()
    with session.screen.progress("Backing up") as advance:
        made = make_backup(
            store,
            session.settings,
            file or default_file(session.settings, now),
            overwrite=overwrite,
            now=now,
            progress=advance,
        )
    if session.screen.as_json:
        session.screen.document(made)
    else:
        told = [("size", _megabytes(made.bytes)), *_told(made.manifest)]
        session.screen.show(Text(f"The backup is {clean(made.file)}"), facts(told))
    _notice_left_out(session, made.manifest)
    return 0


@command("restore")
def restore(session: Session, file: BackupFile) -> None:
    """Make the arena of a backup anew, in a data folder and store that are empty."""
    from arena_pipeline.operations.backup import restore_backup
    from arena_pipeline.registry.acts.audit import By

    with session.screen.progress("Restoring") as advance:
        restored = restore_backup(file, session.settings, By.of(actor(), None), advance)
    if session.screen.as_json:
        session.screen.document(restored)
    else:
        told = [
            ("folder", restored.folder),
            ("store", restored.store),
            ("backup of", restored.manifest.made_at),
            *_told(restored.manifest),
            *([("migrated", ", ".join(restored.applied))] if restored.applied else []),
        ]
        session.screen.show(Text("The arena is back, as it was at the time of the backup."))
        session.screen.show(facts(told))
    _notice_left_out(session, restored.manifest)
    _notice_models_file(session, restored)
    session.screen.notice(
        "Dagster's own records (runs, ticks, which schedules are on) are not part of a backup. "
        "arena doctor examines the arena; arena verify plays its replays again."
    )


def _check(session: Session, file: Path) -> int:
    from arena_pipeline.operations.backup import check_backup

    with session.screen.progress("Checking") as advance:
        manifest = check_backup(file.expanduser(), advance)
    if session.screen.as_json:
        session.screen.document({"file": file, "sound": True, "manifest": manifest})
    else:
        told = [("backup of", manifest.made_at), *_told(manifest)]
        session.screen.show(Text(f"{clean(file)} is whole: every byte was checked."), facts(told))
    _notice_left_out(session, manifest)
    return 0


def _told(manifest: "Manifest") -> list[tuple[str, Any]]:
    """What is in a backup."""
    store, members = manifest.store, manifest.members
    return [
        ("matches", store.matches),
        ("replays", members.get("replays", 0)),
        ("catalogs", members.get("catalog", 0)),
        ("purged payloads", many(members.get("archive", 0), "file")),
        ("made from", f"{store.kind}, version {clean(store.revision)}, {_megabytes(store.bytes)}"),
        ("left out", manifest.left_out),
    ]


def _notice_left_out(session: Session, manifest: "Manifest") -> None:
    """Name the files that the arena should have and that are not in the backup."""
    if not manifest.left_out:
        return
    session.screen.notice(
        f"{many(manifest.left_out, 'file')} of the arena could not be taken along:"
    )
    if not session.screen.as_json:
        rows = [(one.name, one.why) for one in manifest.named[:MOST_NAMED]]
        session.screen.show(add_rows(table("left out", "why"), rows))
    if manifest.left_out > MOST_NAMED:
        session.screen.notice("... and more; the manifest in the backup (--json) names them.")


def _notice_models_file(session: Session, restored: "Restored") -> None:
    """Say how to use the models file that came with the backup, if another one is in use."""
    ours, used = restored.models_file, session.settings.models_path
    if ours is None or ours == used:
        return
    if not used.is_file() or used.read_bytes() != ours.read_bytes():
        session.screen.notice(
            f"The models file of the backup is {ours}, the one in use is {used} and says something "
            f"else. To use the backup's: set ARENA_MODELS_FILE={ours}"
        )


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.1f} MB"
