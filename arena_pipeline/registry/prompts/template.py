"""The text of a prompt as a template: which `{placeholders}` it has, and what is wrong with them.

A placeholder is a name in braces; braces round anything else are braces. What is filled in, and
that it is never read as a template again, is the players' business (`players.llm`).
"""

import re
from collections.abc import Collection, Iterator

from arena_pipeline.registry.declared.yaml_marks import Mistake
from arena_pipeline.registry.names import nearest

POSITION = "position"
"""The one placeholder that no prompt can do without: what the player sees."""

_PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}", re.ASCII)


def placeholders(text: str) -> tuple[str, ...]:
    """The names that stand in braces, each once, in the order of the text."""
    return tuple(dict.fromkeys(_PLACEHOLDER.findall(text)))


def mistakes(text: str, known: Collection[str] | None, first_line: int = 1) -> Iterator[Mistake]:
    """Names that are not among `known` (None: any is good), and a text that shows no position.

    `first_line` is the number of the text's first line in its file.
    """
    if POSITION not in placeholders(text):
        what = f"{{{POSITION}}} is missing: the model would not see what it decides about"
        yield Mistake(first_line, 1, what)
    for found in _PLACEHOLDER.finditer(text):
        name = found[1]
        if known is None or name in known:
            continue
        before = text[: found.start()]
        there_are = ", ".join(sorted(known)) or "none"
        yield Mistake(
            first_line + before.count("\n"),
            found.start() - before.rfind("\n"),
            f"unknown placeholder {{{name[:60]}}}{nearest(name[:60], known)} "
            f"(there are {there_are})",
        )
