"""What an export of the dataset did, for people and programs."""

import msgspec

from arena_pipeline.operations.dataset.manifest import DatasetFile


class MissingReplay(msgspec.Struct, frozen=True):
    """A match whose turns are not in the dataset though it should have a replay, and why."""

    uuid: str
    reason: str


class DatasetReport(msgspec.Struct, frozen=True):
    """What was written: rows of each table, months, bytes, Parquet files; `missing_replays` counts
    the replays that are not there or not what was recorded, `named` the first of them.
    """

    folder: str
    matches: int
    participants: int
    turns: int
    months: int
    bytes: int
    files: tuple[DatasetFile, ...]
    missing_replays: int
    named: tuple[MissingReplay, ...]
