"""Prompt files taken into the registry: a text nobody knew is a new version of its name, or a new
name.

A prompt never changes and is never deleted: a changed file makes the next version, a file taken
away leaves what it made.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert, select

from arena_pipeline.errors import ArenaError, NotFound
from arena_pipeline.registry.prompts.errors import BadPrompt
from arena_pipeline.registry.prompts.files import Known, PromptFile, read_prompt_file
from arena_pipeline.registry.prompts.rows import Prompt, prompt_named, prompt_rows
from arena_pipeline.registry.transaction import registry_write
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Prompt as Stored

SUFFIX = ".md"
MOST_FILES = 1000
"""Files read of one folder."""


@dataclass(frozen=True, slots=True)
class PromptsReport:
    """What became of the files: references of the prompts that came in, those that were known
    already, and files that can't be used with the reason.

    `resting` are those of the added that nobody gets without asking for them, being forks;
    `known_as` are files whose words another prompt has, with that one's reference.
    """

    added: tuple[str, ...] = ()
    resting: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    known_as: tuple[tuple[str, str], ...] = ()
    rejected: tuple[tuple[str, str], ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As shown to people and programs."""
        return {
            "added": list(self.added),
            "resting": list(self.resting),
            "unchanged": list(self.unchanged),
            "known_as": [{"file": file, "prompt": prompt} for file, prompt in self.known_as],
            "rejected": [{"file": file, "reason": reason} for file, reason in self.rejected],
        }


def register_prompts(
    store: Store, folders: Sequence[Path], *, known: Known | None = None
) -> PromptsReport:
    """Make a prompt of every `*.md` of these folders whose words are new; those of a folder that is
    not there are none. `known`: the placeholders there are (None: not checked).

    A bad file is reported and the others go on. One transaction of the registry, which excludes
    other writers; none at all where nothing is new. Safe to repeat, to kill, and beside others.
    """
    paths = [path for folder in folders for path in _files(folder)]
    return register_files(store, paths, known=known)


def register_files(
    store: Store, paths: Iterable[Path], *, known: Known | None = None
) -> PromptsReport:
    """The same for these very files."""
    read, rejected = [], []
    for path in paths:
        try:
            read.append(read_prompt_file(path, known))
        except BadPrompt as error:
            rejected.append((str(path), str(error)))
    with store.read() as connection:
        is_new = not {one.digest for one in read} <= set(connection.scalars(select(Stored.digest)))
    if is_new:
        with registry_write(store) as connection:
            return _registered(connection, read, rejected)
    with store.read() as connection:
        return _registered(connection, read, rejected)


def _files(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        found = (path for path in folder.iterdir() if path.suffix == SUFFIX)
        yield from sorted(path for path in found if not path.name.startswith("."))[:MOST_FILES]


def _registered(
    connection: Connection, read: Sequence[PromptFile], rejected: list[tuple[str, str]]
) -> PromptsReport:
    """Take in what is new; whoever was made from a prompt comes after it."""
    present = {one.digest: one for one in prompt_rows(connection)}
    added, resting, unchanged, known_as = [], [], [], []
    waiting = list(read)
    while waiting:
        later, reasons = [], []
        for one in waiting:
            try:
                same = present.get(one.digest)
                made = same or _insert(connection, one)
            except NotFound as error:
                later.append(one)
                reasons.append((one.file, f"{one.file}: forked_from: {error}"))
                continue
            except ArenaError as error:
                rejected.append((one.file, f"{one.file}: {error}"))
                continue
            present[one.digest] = made
            if same is None:
                added.append(made.reference)
                resting += [] if made.active else [made.reference]
            elif same.name == one.name:
                unchanged.append(made.reference)
            else:
                known_as.append((one.file, made.reference))
        if len(later) == len(waiting):
            rejected += reasons
            break
        waiting = later
    return PromptsReport(
        tuple(added), tuple(resting), tuple(unchanged), tuple(known_as), tuple(rejected)
    )


def _insert(connection: Connection, one: PromptFile) -> Prompt:
    """Keep a prompt that nobody knew. Raises NotFound if that is so of what it was forked from,
    ArenaError if the name is that of another game's prompt.
    """
    origin = prompt_named(connection, one.forked_from) if one.forked_from else None
    newest = connection.execute(
        select(Stored.version, Stored.active, Stored.game)
        .where(Stored.name == one.name)
        .order_by(Stored.version.desc())
        .limit(1)
    ).one_or_none()
    if newest is not None and newest.game != one.game:
        raise ArenaError(
            f"the prompts called {one.name!r} are for {newest.game!r} and this one is for "
            f"{one.game!r}; give it another name"
        )
    number = connection.execute(
        insert(Stored)
        .values(
            name=one.name,
            version=1 if newest is None else newest.version + 1,
            game=one.game,
            digest=one.digest,
            text=one.text,
            details={} if one.title is None else {"title": one.title},
            forked_from=None if origin is None else origin.id,
            active=origin is None if newest is None else newest.active,
            created_at=datetime.now(UTC),
        )
        .returning(Stored.id)
    ).scalar_one()
    (made,) = prompt_rows(connection, Stored.id == number)
    return made
