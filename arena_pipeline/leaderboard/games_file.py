"""Lists of matches in a file: one id a line."""

import re
from pathlib import Path

from arena_pipeline.errors import ArenaError

_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
_LONGEST_FILE = 256 * 2**20


class BadGamesFile(ArenaError):
    """A list of matches that can't be read."""


def read_games(path: Path) -> frozenset[str]:
    """The ids (uuids) in a file: one a line; blank lines and what follows a # do not matter.

    Raises BadGamesFile naming file and line for anything else, and for a file without ids.
    """
    try:
        if path.stat().st_size > _LONGEST_FILE:
            raise BadGamesFile(f"{path} is too large for a list of ids: over 256 MB")
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadGamesFile(f"{path} is no text, so no list of ids (one a line)") from error
    except OSError as error:
        raise BadGamesFile(f"{path} can't be read: {error.strerror}") from error
    found = set()
    for number, line in enumerate(text.splitlines(), start=1):
        named = line.partition("#")[0].strip().lower()
        if not named:
            continue
        if not _ID.fullmatch(named):
            raise BadGamesFile(
                f"{path}, line {number}: {named[:60]!r} is no id of a match; give one a line, as "
                "in 0a0e7ce4-0000-4000-8000-000000000000"
            )
        found.add(named)
    if not found:
        raise BadGamesFile(f"{path} names no match; give one id a line")
    return frozenset(found)
