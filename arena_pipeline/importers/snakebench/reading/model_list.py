"""SnakeBench's hand-kept list of models (`model_list.yaml`), or a models file of ours, as entries
by which published names are resolved.
"""

from collections.abc import Iterator
from pathlib import Path

from arena_pipeline.importers.snakebench.naming.names import ListedModel
from arena_pipeline.registry.agents import unstorable
from arena_pipeline.registry.declared.entries import ModelsFile
from arena_pipeline.registry.declared.models_file import ModelsFileError, read_as_written
from arena_pipeline.registry.declared.old_models_file import OldModelsFile


def read_model_list(path: Path) -> tuple[ListedModel, ...]:
    """The entries of the file at `path`, in its order. Raises ModelsFileError listing every mistake
    as `file:line:column: what is wrong`, and naming an entry whose settings the store would not
    give back.
    """
    if not path.exists():
        raise ModelsFileError(f"There is no list of models {path}; nothing was imported")
    read = read_as_written(path)
    entries = tuple(_of_ours(read) if isinstance(read, ModelsFile) else _of_theirs(read))
    for entry in entries:
        if what := unstorable(dict(entry.settings)):
            raise ModelsFileError(
                f"{path}: the settings of {entry.name[:60]!r} hold {what}, which can't be kept; "
                "write another"
            )
    return entries


def _of_theirs(read: OldModelsFile) -> Iterator[ListedModel]:
    for entry in read.models:
        yield ListedModel(entry.name, entry.model_name, entry.slug, entry.settings)


def _of_ours(read: ModelsFile) -> Iterator[ListedModel]:
    """Agents by their aliases, models by their further names."""
    called = {entry.slug: entry.client_name or entry.slug for entry in read.models.bootstrap}
    for agent in read.agents:
        model = called.get(agent.model, agent.model)
        yield ListedModel(agent.alias, model, agent.model, agent.settings)
    for slug, names in read.models.names.items():
        for name in names:
            yield ListedModel(name, called.get(slug, slug), slug)
