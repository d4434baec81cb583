"""The whole history as a dataset: Parquet files by month, with a card that says what they are.

`exporting` goes through the history, `columns` says which tables there are, `decisions` reads
replays, `parts` writes Parquet, `card` the README, `placing` puts a finished folder in place.
"""

from arena_pipeline.operations.dataset.errors import DatasetError
from arena_pipeline.operations.dataset.exporting import export_dataset
from arena_pipeline.operations.dataset.manifest import DatasetFile
from arena_pipeline.operations.dataset.report import DatasetReport, MissingReplay

__all__ = ["DatasetError", "DatasetFile", "DatasetReport", "MissingReplay", "export_dataset"]
