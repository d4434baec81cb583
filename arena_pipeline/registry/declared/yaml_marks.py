"""Reading YAML so that a mistake in it can be pointed at: line and column of every value.

What belongs here: YAML itself. What a models file may say is in `registry.declared.models_file`.
"""

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

Steps = tuple[int | str, ...]
"""Steps from the root of a document to a part of it: keys, and numbers of items from 0."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong in a YAML text, and where (line and column from 1)."""

    line: int
    column: int
    what: str


@dataclass(frozen=True, slots=True)
class MarkedYaml:
    """A YAML document and where its parts stand."""

    value: Any
    root: yaml.Node | None

    def place(self, path: Sequence[int | str]) -> tuple[int, int]:
        """Line and column of the key or item at `path`, or of the nearest part above it that
        exists.
        """
        node, mark = self.root, self.root.start_mark if self.root else None
        for step in path:
            key, node = _step(node, step)
            if key is None:
                break
            mark = key.start_mark
        return (mark.line + 1, mark.column + 1) if mark else (1, 1)


def read_yaml(text: str) -> MarkedYaml | list[Mistake]:
    """Parse one YAML document, or say what is wrong with it.

    The same key twice in a mapping is a mistake, and so is an alias (*).
    """
    try:
        loader = _Loader(text)
        root = loader.get_single_node()
        if twice := list(_double_keys(root)):
            return twice
        return MarkedYaml(loader.construct_document(root) if root else None, root)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        what = " ".join(filter(None, (error.context, error.problem)))
        return [Mistake(mark.line + 1 if mark else 1, mark.column + 1 if mark else 1, what)]
    except yaml.reader.ReaderError as error:
        line, column = _line_and_column(text, error.position)
        what = f"unacceptable character #x{ord(text[error.position]):04x}"
        return [Mistake(line, column, what)]
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        return [Mistake(1, 1, " ".join(str(error).split()))]


class _Loader(yaml.SafeLoader):
    """Without aliases: a few lines of them can stand for more values than any memory holds."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            alias = self.get_event()  # type: ignore[no-untyped-call]
            what = f"an alias (*{alias.anchor}) can't stand here; write out what it stands for"
            raise yaml.composer.ComposerError(None, None, what, alias.start_mark)
        return super().compose_node(parent, index)

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        """A day that no calendar has, a number too long to read: a mistake with its place."""
        try:
            return super().construct_object(node, deep=deep)
        except (ValueError, KeyError, AttributeError) as error:
            what = f"{str(node.value)[:40]!r} is no {node.tag.rpartition(':')[2]}"
            raise yaml.constructor.ConstructorError(None, None, what, node.start_mark) from error


def _line_and_column(text: str, position: int) -> tuple[int, int]:
    before = text[:position]
    return before.count("\n") + 1, position - before.rfind("\n")


def _step(node: yaml.Node | None, step: int | str) -> tuple[yaml.Node | None, yaml.Node | None]:
    """What marks the place of a step, and the node it leads to."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == str(step):
                return key, value
    elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step], node.value[step]
    return None, None


def _double_keys(node: yaml.Node | None) -> Iterator[Mistake]:
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _double_keys(item)
    elif isinstance(node, yaml.MappingNode):
        first: dict[Hashable, yaml.Node] = {}
        for key, value in node.value:
            name = (key.tag, str(key.value))
            if name in first:
                mark = key.start_mark
                line = first[name].start_mark.line + 1
                yield Mistake(
                    mark.line + 1,
                    mark.column + 1,
                    f"{key.value!r} stands here twice (first in line {line})",
                )
            first.setdefault(name, key)
            yield from _double_keys(value)
