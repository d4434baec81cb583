"""The models file (`data/models.yaml`): which bots and agents there are, and what overrides the
catalog.

What belongs here: the file's shape and every way it can be wrong, each with its line and column.
What the declarations lead to is in `registry.agents` and `registry.overrides`.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue, ValidationError
from pydantic_core import ErrorDetails

from arena_pipeline.catalog.row import is_slug
from arena_pipeline.errors import ArenaError
from arena_pipeline.registry.names import nearest
from arena_pipeline.registry.yaml_marks import MarkedYaml, Mistake, read_yaml

LARGEST_FILE = 1_000_000

_ALIAS = re.compile(r"[A-Za-z0-9][\w.+:/-]{0,99}", re.ASCII)


class ModelsFileError(ArenaError):
    """The models file is missing or wrong; nothing was changed."""


def _alias(text: str) -> str:
    if not _ALIAS.fullmatch(text) or ".." in text:
        raise ValueError(
            f"{text[:60]!r} is no alias: letters, digits and . _ + : / - only, "
            "beginning with a letter or digit (@ is for versions)"
        )
    return text


def _slug(text: str) -> str:
    if not is_slug(text):
        raise ValueError(f"{text[:60]!r} is no slug like vendor/model")
    return text


class _Entry(BaseModel):
    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", frozen=True, strict=True)


Alias = Annotated[str, AfterValidator(_alias)]
Text = Annotated[str, Field(min_length=1, max_length=200)]


class BotEntry(_Entry):
    """A bot: an agent without a model, deciding by a policy of `players.bots`."""

    alias: Alias
    policy: Text
    title: Text | None = None
    active: bool = True
    settings: dict[str, JsonValue] = {}


class AgentEntry(_Entry):
    """An agent that plays with a model of the catalog, under settings of its own."""

    alias: Alias
    model: Text
    title: Text | None = None
    active: bool = True
    settings: dict[str, JsonValue] = {}


class ModelOverrides(_Entry):
    """What this file says about models.

    Patterns are slugs in which * stands for anything; deny wins over allow.
    """

    allow: tuple[Text, ...] = Field(default=(), strict=False)
    deny: tuple[Text, ...] = Field(default=(), strict=False)
    names: dict[
        Annotated[str, AfterValidator(_slug)], Annotated[tuple[Text, ...], Field(strict=False)]
    ] = {}


class ModelsFile(_Entry):
    """Everything a models file declares."""

    bots: tuple[BotEntry, ...] = Field(default=(), strict=False)
    agents: tuple[AgentEntry, ...] = Field(default=(), strict=False)
    models: ModelOverrides = ModelOverrides()


def read_models_file(path: Path) -> ModelsFile:
    """Read and check the models file.

    Raises ModelsFileError listing every mistake as `file:line:column: what is wrong`.
    """
    try:
        text = _bounded(path).decode("utf-8")
    except FileNotFoundError as error:
        raise ModelsFileError(
            f"There is no models file {path}; create it or set ARENA_MODELS_FILE"
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ModelsFileError(f"Can't read the models file {path}: {reason}") from error
    return parse_models_file(text, str(path))


def _bounded(path: Path) -> bytes:
    if path.exists() and not path.is_file():
        raise ModelsFileError(f"The models file {path} is not a regular file")
    with path.open("rb") as file:
        content = file.read(LARGEST_FILE + 1)
    if len(content) > LARGEST_FILE:
        raise ModelsFileError(f"The models file {path} has more than {LARGEST_FILE / 1e6:g} MB")
    return content


def parse_models_file(text: str, name: str) -> ModelsFile:
    """The same for a text; `name` is what messages call the file."""
    document = read_yaml(text)
    if isinstance(document, list):
        raise _error(name, document)
    value = (
        {key: part for key, part in document.value.items() if part is not None}
        if isinstance(document.value, dict)
        else document.value
    )
    try:
        declared = ModelsFile.model_validate({} if value is None else value)
    except ValidationError as error:
        raise _error(name, [_explain(problem, document) for problem in error.errors()]) from error
    if twice := list(_double_aliases(declared, document)):
        raise _error(name, twice)
    return declared


def _error(name: str, mistakes: Sequence[Mistake]) -> ModelsFileError:
    lines = [f"{name}:{m.line}:{m.column}: {m.what}" for m in mistakes]
    return ModelsFileError(
        "The models file can't be used; nothing was changed.\n" + "\n".join(lines)
    )


_KEYS: dict[str, tuple[str, ...]] = {
    "": tuple(ModelsFile.model_fields),
    "bots": tuple(BotEntry.model_fields),
    "agents": tuple(AgentEntry.model_fields),
    "models": tuple(ModelOverrides.model_fields),
}


def _explain(problem: ErrorDetails, document: MarkedYaml) -> Mistake:
    path = problem["loc"]
    line, column = document.place(path)
    key = str(path[-1]) if path else ""
    if problem["type"] == "extra_forbidden":
        known = _KEYS[str(path[0]) if len(path) > 1 else ""]
        return Mistake(
            line, column, f"unknown key {key!r}{nearest(key, known)} (valid: {', '.join(known)})"
        )
    if problem["type"] == "missing":
        return Mistake(line, column, f"{key!r} is missing")
    where = f"{key}: " if key else ""
    return Mistake(line, column, where + problem["msg"].removeprefix("Value error, "))


def _double_aliases(declared: ModelsFile, document: MarkedYaml) -> Iterator[Mistake]:
    first: dict[str, int] = {}
    entries: list[tuple[str, int, Any]] = [
        *(("bots", number, bot) for number, bot in enumerate(declared.bots)),
        *(("agents", number, agent) for number, agent in enumerate(declared.agents)),
    ]
    for part, number, entry in entries:
        line, column = document.place((part, number, "alias"))
        if entry.alias in first:
            what = f"alias {entry.alias!r} is taken already (line {first[entry.alias]})"
            yield Mistake(line, column, what)
        first.setdefault(entry.alias, line)
