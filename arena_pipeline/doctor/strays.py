"""Files in the replay folder that nothing refers to: of recordings that were killed, or refused,
before the store knew of them.

They do no harm but take room. The replays that the store does refer to are in `doctor.records`.
"""

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path

from sqlalchemy import select

from arena_pipeline.doctor.findings import Finding
from arena_pipeline.doctor.machine import LEFTOVER_AGE
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Match

MOST_FILES = 20_000
"""How many files of the replay folder are looked at, newest days first."""

_UUID = re.compile(r"[0-9a-f-]{36}(?=\.)")
_PAGE = 500
"""Names asked for in one query."""


@dataclass(frozen=True, slots=True)
class Strays:
    """Of the `looked_at` files in the replay folder, those that belong to nothing: paths in it."""

    looked_at: int
    unknown: tuple[str, ...]
    half_written: tuple[str, ...]


def strays(store: Store, settings: Settings, now: datetime) -> Finding:
    """Whether killed recordings left files among the replays."""
    found = find_strays(store, settings.replay_dir, (now - LEFTOVER_AGE).timestamp())
    return judge_strays(found, settings.replay_dir)


def judge_strays(found: Strays, replay_dir: Path) -> Finding:
    """From the files found."""
    count = len(found.unknown) + len(found.half_written)
    if not count:
        return Finding.ok(
            "strays", f"{found.looked_at} replay files looked at, each belongs to a match"
        )
    first = (*found.half_written, *found.unknown)[0]
    return Finding.warn(
        "strays",
        f"{len(found.unknown)} of the newest {found.looked_at} replay files belong to no match and "
        f"{len(found.half_written)} are half-written, such as {replay_dir / first}",
        "killed recordings left them; nothing refers to them, so they may be deleted",
    )


def find_strays(store: Store, replay_dir: Path, before: float, most: int = MOST_FILES) -> Strays:
    """Look at the `most` newest files; those changed since `before` (seconds since 1970) may belong
    to a recording at work and are left out.
    """
    newest = list(islice(_files(replay_dir), most))
    old = [file for file in newest if _modified(file) < before]
    names = [file.relative_to(replay_dir).as_posix() for file in old if file.name[0] != "."]
    return Strays(
        looked_at=len(newest),
        unknown=tuple(_unknown(store, names)),
        half_written=tuple(
            file.relative_to(replay_dir).as_posix() for file in old if file.name[0] == "."
        ),
    )


def _files(folder: Path) -> Iterator[Path]:
    """All files below a folder, later names first: folders are named by date."""
    try:
        with os.scandir(folder) as listing:
            entries = sorted(listing, key=lambda entry: entry.name, reverse=True)
    except FileNotFoundError:
        return
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            yield from _files(Path(entry.path))
        else:
            yield Path(entry.path)


def _modified(file: Path) -> float:
    """When a file was changed; one that is gone by now counts as just changed."""
    try:
        return file.lstat().st_mtime
    except FileNotFoundError:
        return float("inf")


def _unknown(store: Store, names: Sequence[str]) -> Iterator[str]:
    for start in range(0, len(names), _PAGE):
        page = names[start : start + _PAGE]
        uuids = {match[0] for name in page if (match := _UUID.match(Path(name).name))}
        with store.read() as connection:
            known = set(connection.scalars(select(Match.replay_path).where(Match.uuid.in_(uuids))))
        yield from (name for name in page if name not in known)
