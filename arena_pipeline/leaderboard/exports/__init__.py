"""A ladder published as files: what older clients read (JSON), what people open (CSV, Markdown),
what tools load (Parquet).

`publishing` writes them, `formats` says which there are, `checking` compares them with the store.
The schemas are in `stats`, `legacy` and `tables`, what is read for them in `played` and, of some
matches alone, in `part`; the escaping of names in `escaping`.
"""

from arena_pipeline.leaderboard.exports.checking import ExportCheck, behind, check
from arena_pipeline.leaderboard.exports.played import ExportError
from arena_pipeline.leaderboard.exports.publishing import (
    FORMATS,
    LEGACY,
    ExportedFile,
    ExportReport,
    export,
    folder_of,
)

__all__ = [
    "FORMATS",
    "LEGACY",
    "ExportCheck",
    "ExportError",
    "ExportReport",
    "ExportedFile",
    "behind",
    "check",
    "export",
    "folder_of",
]
