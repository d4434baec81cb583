"""The models file (`data/models.yaml`): reading it, and every way it can be wrong, each mistake
with its line and column.

What may stand in it is in `registry.declared.entries`, the older format in
`registry.declared.old_models_file`. What the declarations lead to is in `registry.declared.agents`
(agents) and `registry.declared.overrides` (models).
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from arena_pipeline.errors import ArenaError
from arena_pipeline.registry.declared import old_models_file
from arena_pipeline.registry.declared.entries import ModelsFile, valid_keys
from arena_pipeline.registry.declared.old_models_file import OldModelsFile
from arena_pipeline.registry.declared.yaml_marks import MarkedYaml, Mistake, Steps, read_yaml
from arena_pipeline.registry.gateways import OPENROUTER
from arena_pipeline.registry.names import nearest

LARGEST_FILE = 1_000_000


class ModelsFileError(ArenaError):
    """The models file is missing or wrong; nothing was changed."""


def read_models_file(path: Path) -> ModelsFile:
    """Read and check the models file, of today's format or the older one.

    Raises ModelsFileError listing every mistake as `file:line:column: what is wrong`.
    """
    return _today(read_as_written(path))


def read_as_written(path: Path) -> ModelsFile | OldModelsFile:
    """The same, in the words of the format that it is written in."""
    try:
        text = _bounded(path).decode("utf-8")
    except FileNotFoundError as error:
        raise ModelsFileError(
            f"There is no models file {path}; create it or set ARENA_MODELS_FILE"
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ModelsFileError(f"Can't read the models file {path}: {reason}") from error
    return _parsed(text, str(path))


def _bounded(path: Path) -> bytes:
    if path.exists() and not path.is_file():
        raise ModelsFileError(f"The models file {path} is not a regular file")
    with path.open("rb") as file:
        content = file.read(LARGEST_FILE + 1)
    if len(content) > LARGEST_FILE:
        raise ModelsFileError(f"The models file {path} has more than {LARGEST_FILE / 1e6:g} MB")
    return content


def parse_models_file(text: str, name: str) -> ModelsFile:
    """As `read_models_file`, for a text; `name` is what messages call the file."""
    return _today(_parsed(text, name))


def _today(read: ModelsFile | OldModelsFile) -> ModelsFile:
    return read if isinstance(read, ModelsFile) else old_models_file.translated(read)


def _parsed(text: str, name: str) -> ModelsFile | OldModelsFile:
    document = read_yaml(text)
    if isinstance(document, list):
        raise _error(name, document)
    value = _without_empty(document.value)
    is_old = old_models_file.is_old(value)
    slips = old_models_file.slips(value, document) if is_old else []
    try:
        read = (OldModelsFile if is_old else ModelsFile).model_validate(value)
    except ValidationError as error:
        found = [_explain(problem, document, is_old) for problem in error.errors()]
        raise _error(name, sorted([*slips, *found], key=lambda m: (m.line, m.column))) from error
    if mistakes := [*slips, *_taken_twice(read, document), *_undeclared(read, document)]:
        raise _error(name, mistakes)
    return read


def _without_empty(value: Any) -> Any:
    """A part whose lines are all commented out is as good as none."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        return value
    parts = {key: part for key, part in value.items() if part is not None}
    if isinstance(models := parts.get("models"), dict):
        parts["models"] = {key: part for key, part in models.items() if part is not None}
    return parts


def _error(name: str, mistakes: Sequence[Mistake]) -> ModelsFileError:
    lines = [f"{name}:{m.line}:{m.column}: {m.what}" for m in mistakes]
    return ModelsFileError(
        "The models file can't be used; nothing was changed.\n" + "\n".join(lines)
    )


def _explain(problem: ErrorDetails, document: MarkedYaml, is_old: bool) -> Mistake:
    path = problem["loc"]
    line, column = document.place(path)
    key = str(path[-1]) if path else ""
    if problem["type"] == "extra_forbidden":
        known = (old_models_file.valid_keys if is_old else valid_keys)(path[:-1])
        return Mistake(
            line, column, f"unknown key {key!r}{nearest(key, known)} (valid: {', '.join(known)})"
        )
    if problem["type"] == "missing":
        return Mistake(line, column, f"{key!r} is missing")
    where = f"{key}: " if path and isinstance(path[-1], str) and key != "[key]" else ""
    return Mistake(line, column, where + problem["msg"].removeprefix("Value error, "))


def _taken_twice(read: ModelsFile | OldModelsFile, document: MarkedYaml) -> Iterator[Mistake]:
    """Names that must be unique and are not."""
    aliases: list[tuple[Steps, str]] = [
        *((("bots", n, "alias"), bot.alias) for n, bot in enumerate(read.bots)),
        *((("agents", n, "alias"), agent.alias) for n, agent in enumerate(read.agents)),
    ]
    if isinstance(read, OldModelsFile):
        aliases += [(("models", n, "name"), entry.alias) for n, entry in enumerate(read.models)]
    else:
        models = enumerate(read.models.bootstrap)
        slugs = [(("models", "bootstrap", n, "slug"), model.slug) for n, model in models]
        yield from _again("slug", slugs, document)
    yield from _again("alias", aliases, document)
    names = [(("gateways", n, "name"), entry.name) for n, entry in enumerate(read.gateways)]
    yield from _again("gateway", names, document)


def _again(
    what: str, names: Iterable[tuple[Steps, str]], document: MarkedYaml
) -> Iterator[Mistake]:
    first: dict[str, int] = {}
    for path, name in names:
        line, column = document.place(path)
        if name in first:
            yield Mistake(line, column, f"{what} {name!r} is taken already (line {first[name]})")
        first.setdefault(name, line)


def _undeclared(read: ModelsFile | OldModelsFile, document: MarkedYaml) -> Iterator[Mistake]:
    """Gateways that agents and models name, and the file does not."""
    known = {OPENROUTER, *(gateway.name for gateway in read.gateways)}
    named: list[tuple[Steps, str | None]] = [
        (("agents", n, "gateway"), agent.gateway) for n, agent in enumerate(read.agents)
    ]
    if isinstance(read, ModelsFile):
        models = enumerate(read.models.bootstrap)
        named += [(("models", "bootstrap", n, "gateway"), model.gateway) for n, model in models]
    for path, name in named:
        if name is not None and name not in known:
            what = f"no gateway {name!r} is declared{nearest(name, known)}"
            yield Mistake(*document.place(path), what)
