"""Prompt files: Markdown below a few lines of YAML that say what the prompt is called and for which
game it is written.

What belongs here: one file, and what is wrong with it by itself. Versions and numbers are given
when it is registered, in `registry.prompts.registering`.
"""

import hashlib
import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from arena_pipeline.registry.declared.yaml_marks import Mistake, read_yaml
from arena_pipeline.registry.names import nearest
from arena_pipeline.registry.prompts import template
from arena_pipeline.registry.prompts.errors import BadPrompt
from arena_pipeline.store.types import clean_text

LARGEST_FILE = 64_000
"""Bytes; more than any context is worth filling with rules."""

KEYS = ("name", "game", "title", "forked_from")
LONGEST_TITLE = 200

Known = Mapping[str, Collection[str]]
"""By game, the placeholders that its prompts may have. Other games do not exist."""

_MARK = "---"
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,79}", re.ASCII)
_REFERENCE = re.compile(r"[a-z0-9][a-z0-9._-]{0,79}(@[1-9][0-9]{0,5})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class PromptFile:
    """What a prompt file says. `forked_from` is NAME or NAME@VERSION of the prompt it was made
    from; `file` is what messages call it.
    """

    name: str
    game: str
    text: str
    title: str | None = None
    forked_from: str | None = None
    file: str = ""

    @property
    def digest(self) -> str:
        """SHA-256 of what makes a prompt itself: its game and its words. The same words under
        another name are the same prompt.
        """
        content = {"game": self.game, "text": self.text}
        canonical = json.dumps(content, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()


def read_prompt_file(path: Path, known: Known | None = None) -> PromptFile:
    """Read and check a prompt file. Raises BadPrompt listing every mistake as
    `file:line:column: what is wrong`.
    """
    try:
        if path.exists() and not path.is_file():
            raise _bad(path, "not a regular file")
        with path.open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
        if len(content) > LARGEST_FILE:
            raise _bad(path, f"more than {LARGEST_FILE:,} bytes")
        text = content.decode("utf-8-sig")
    except OSError as error:
        raise _bad(path, f"it can't be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise _bad(path, "this is no UTF-8 text", line) from error
    return parse_prompt(text, str(path), known)


def parse_prompt(content: str, file: str, known: Known | None = None) -> PromptFile:
    """As `read_prompt_file`, for the content of a file; `file` is what messages call it."""
    lines = content.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    end = next((n for n, line in enumerate(lines) if n and line.rstrip() == _MARK), None)
    if lines[0].rstrip() != _MARK or end is None:
        what = f"a prompt begins with its name and game between two lines of {_MARK}"
        raise BadPrompt(file, [Mistake(1, 1, what)])
    text, first_line = _body(lines, end + 1)
    head, found = _head("\n".join(lines[1:end]), known)
    found += _of_text(text, first_line, head.get("game"), known)
    if found:
        raise BadPrompt(file, sorted(found, key=lambda one: (one.line, one.column)))
    title = head.get("title")
    return PromptFile(head["name"], head["game"], text, title, head.get("forked_from"), file)


def is_name(text: str) -> bool:
    """Whether a prompt can be called this."""
    return _NAME.fullmatch(text) is not None


def written(prompt: PromptFile) -> str:
    """The file that says this, for people to edit."""
    told = {name: getattr(prompt, name) for name in KEYS}
    # A JSON string is a YAML one, whatever is in it.
    head = [f"{name}: {_plain(value)}" for name, value in told.items() if value is not None]
    return "\n".join([_MARK, *head, _MARK, "", prompt.text, ""])


def _plain(value: str) -> str:
    return value if _REFERENCE.fullmatch(value) else json.dumps(value)


def _body(lines: list[str], start: int) -> tuple[str, int]:
    """The text without blank lines around it, and the number of its first line."""
    body = [line.rstrip() for line in lines[start:]]
    blank = next((n for n, line in enumerate(body) if line), 0)
    return "\n".join(body[blank:]).rstrip(), start + blank + 1


def _head(text: str, known: Known | None) -> tuple[dict[str, Any], list[Mistake]]:
    """What the front matter says, and what is wrong with it; its first line is the file's 2nd."""
    document = read_yaml(text)
    if isinstance(document, list):
        return {}, [Mistake(one.line + 1, one.column, one.what) for one in document]
    value = document.value
    if not isinstance(value, dict):
        return {}, [Mistake(2, 1, f"it says what the prompt is: {', '.join(KEYS)}")]
    found = []
    for key, what in (*_of_head(value), *_of_game(value.get("game"), known)):
        line, column = document.place([key])
        found.append(Mistake(line + 1, column, what))
    return {key: value.get(key) for key in KEYS}, found


def _of_head(head: Mapping[Any, Any]) -> Iterator[tuple[str, str]]:
    """What is wrong with the front matter: at which key, and what."""
    for key in head:
        if key not in KEYS:
            valid = ", ".join(KEYS)
            yield str(key), f"unknown key {str(key)[:60]!r}{nearest(str(key), KEYS)} ({valid})"
    for key, shape in (("name", _NAME), ("game", _NAME), ("forked_from", _REFERENCE)):
        value = head.get(key)
        if value is None:
            if key != "forked_from":
                yield key, f"{key!r} is missing"
        elif not isinstance(value, str) or not shape.fullmatch(value):
            allowed = "small letters, digits and . _ - only"
            like = "NAME or NAME@VERSION" if shape is _REFERENCE else allowed
            yield key, f"{key}: {value!r:.60} is none ({like})"
    title = head.get("title")
    if title is not None and not (
        isinstance(title, str) and 0 < len(title) <= LONGEST_TITLE and title.isprintable()
    ):
        yield "title", f"title: one line of 1 to {LONGEST_TITLE} characters"


def _of_game(game: object, known: Known | None) -> Iterator[tuple[str, str]]:
    if known is not None and isinstance(game, str) and game not in known:
        there_are = ", ".join(sorted(known)) or "none"
        yield "game", f"there is no game {game[:60]!r}{nearest(game[:60], known)} ({there_are})"


def _of_text(text: str, first_line: int, game: object, known: Known | None) -> list[Mistake]:
    if not text:
        return [Mistake(first_line, 1, "the prompt says nothing")]
    if clean_text(text) != text:
        line = next(n for n, one in enumerate(text.split("\n")) if clean_text(one) != one)
        return [Mistake(first_line + line, 1, "a character here can't be stored")]
    names = known.get(game) if known is not None and isinstance(game, str) else None
    return list(template.mistakes(text, names, first_line))


def _bad(path: Path, what: str, line: int = 1) -> BadPrompt:
    return BadPrompt(str(path), [Mistake(line, 1, what)])
