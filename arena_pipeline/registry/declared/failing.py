"""When models whose calls keep failing are taken out of evaluation, as the models file says."""

from arena_pipeline.registry.declared.entries import FailingEntry
from arena_pipeline.registry.declared.models_file import read_models_file
from arena_pipeline.settings import Settings


def failing_policy(settings: Settings) -> FailingEntry | None:
    """What `models: retire: failing` says; None if it is not in the file.

    Raises ModelsFileError for a file that can't be read.
    """
    return read_models_file(settings.models_path).models.retire.failing
