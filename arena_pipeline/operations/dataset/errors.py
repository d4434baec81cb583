"""What goes wrong with a dataset as a whole."""

from arena_pipeline.errors import ArenaError


class DatasetError(ArenaError):
    """A dataset can't be written; what was there before is as it was."""
