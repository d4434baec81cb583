"""`arena audit PARQUET_DIR`: published numbers checked by somebody who has nothing but them."""

from pathlib import Path
from typing import TYPE_CHECKING

from rich.text import Text

from arena_pipeline.cli.screen import add_rows, many, table
from arena_pipeline.cli.text import clean

if TYPE_CHECKING:
    from rich.table import Table

    from arena_pipeline.cli.app import Session
    from arena_pipeline.warehouse.auditing import Audit

SHOWN_DIGEST = 12
"""Characters of a head in the table: enough to compare by eye; the JSON document has all."""


def audit_folder(session: "Session", folder: Path, head: str | None) -> int:
    """Audit a folder of Parquet and show what was found; returns the exit code."""
    from arena_pipeline.warehouse.auditing import audit

    screen = session.screen
    with screen.progress("Computing again") as advance:
        found = audit(folder, head=head, progress=advance)
    if screen.as_json:
        screen.document(
            {
                "sound": found.is_sound,
                "folder": found.folder,
                "built_at": found.built_at,
                "files_unaltered": found.files,
                "ladders": found.ladders,
                "faults": found.faults,
                "notes": found.notes,
            }
        )
    else:
        screen.show(_ladders(found), *(Text(clean(note)) for note in found.notes))
        screen.show(*(Text(clean(one), style="red") for one in found.sentences))
        screen.show(_verdict(found))
    return 0 if found.is_sound else 1


def _ladders(found: "Audit") -> "Table":
    columns = ("ladder", "epoch", "matches", "competitors", "head", "parted")
    made = table(*columns, right=("epoch", "matches", "competitors", "parted"))
    return add_rows(
        made,
        (
            (
                one.ladder,
                one.epoch,
                f"{one.matches:,}",
                one.competitors,
                None if one.head is None else one.head[:SHOWN_DIGEST],
                one.parted,
            )
            for one in found.ladders
        ),
    )


def _verdict(found: "Audit") -> Text:
    files = f"{many(found.files, 'file')} as the manifest says"
    if found.is_sound:
        return Text(f"Every published number is what the matches give; {files}.", style="green")
    wrong = len(found.faults) + sum(one.parted for one in found.ladders)
    return Text(
        f"{many(wrong, 'thing')} {'is' if wrong == 1 else 'are'} not as published; {files}.",
        style="bold red",
    )
