"""The newest report of an import, read back from its file for those who were not there."""

from datetime import datetime
from pathlib import Path

import msgspec

from arena_pipeline.errors import ArenaError
from arena_pipeline.importers.snakebench.telling.report import Counts, report_file


class BadReport(ArenaError):
    """The file with the newest report can't be read."""


class KeptReport(msgspec.Struct, frozen=True):
    """What is asked of it: when it was made, and what became of documents and participants, by
    layout and in `all`.
    """

    at: datetime
    documents: dict[str, Counts]
    participants: dict[str, Counts]

    @property
    def unaccounted(self) -> list[str]:
        """Where the parts are not the whole, one sentence each; none for a report that holds."""
        return [
            f"{what} of layout {layout}: {counts.found} found, but {counts.imported} imported, "
            f"{counts.already_present} already present, {counts.superseded} superseded and "
            f"{counts.rejected} rejected"
            for what, by_layout in (
                ("Documents", self.documents),
                ("Participants", self.participants),
            )
            for layout, counts in by_layout.items()
            if not counts.is_whole
        ]


def kept_report(replay_dir: Path) -> KeptReport | None:
    """The newest report of an arena, None if nothing was imported there yet. Raises BadReport."""
    file = report_file(replay_dir)
    try:
        return msgspec.json.decode(file.read_bytes(), type=KeptReport)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadReport(
            f"The report of the last import in {file} can't be read ({error}); the import itself "
            "is in the store, and importing the same again writes a new report"
        ) from error
