"""Every document among the files named: out of folders, archives and files of lines, one after the
other.

Folders are read recursively in the order of their names; links in them are not followed. What can't
be a document comes too, with the reason, so that nothing is passed over in silence. Nothing is
written, and no name from an archive is used for more than being told.
"""

import hashlib
import os
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from arena_pipeline.errors import ArenaError
from arena_pipeline.importers.snakebench.reading.archives import SUFFIXES, unpacking
from arena_pipeline.importers.snakebench.reading.tar import CutShort, members, too_large

LARGEST = 64 * 2**20
"""Bytes a document may have. The largest game published has 4 MB."""

LINES_SUFFIX, JSON_SUFFIX = ".jsonl", ".json"


class NothingToImport(ArenaError):
    """A path that is not there, or nothing below it that could be read at all."""


@dataclass(frozen=True, slots=True)
class Document:
    """Something to be accounted for: bytes of a file, a member or a line, or why there are none.

    `path` is the file's with `::member` or `:line` after it. `file` is set for a line: which file
    it belongs to.
    """

    path: str
    content: bytes = b""
    digest: str = ""
    refused: str | None = None
    file: str | None = None


@dataclass(frozen=True, slots=True)
class Read:
    """How far reading has come: bytes of the files themselves done so far."""

    done: int


@dataclass(frozen=True, slots=True)
class Sources:
    """The files to be read, in order, each once."""

    files: tuple[Path, ...]
    size: int
    """Bytes of all of them."""
    models: Path | None = None
    """The list of models, which is read as such and no document."""

    def read(self) -> Iterator[Document | Read]:
        """Every document, with a note of how far it is now and then."""
        before = 0
        for path in self.files:
            size = _size(path)
            try:
                for found in _documents(path) if path != self.models else _of_models(path):
                    yield Read(before + found.done) if isinstance(found, Read) else found
            except OSError as error:
                yield Document(_told(path), refused=f"it can't be read: {error.strerror}")
            before += size
            yield Read(before)


def find_sources(paths: Sequence[Path], models: Path | None = None) -> Sources:
    """The files below `paths`, which are folders and files; `models`, if it is among them, is told
    to be the list of models. Raises NothingToImport for a path that is not there or leads
    nowhere.
    """
    found: dict[Path, None] = {}
    for path in paths:
        try:
            absolute = path.expanduser().resolve()
        except RuntimeError as error:  # links in a circle, a home that nobody has
            raise NothingToImport(
                f"{path} leads nowhere ({error}); nothing was imported"
            ) from error
        if absolute.is_dir():
            found.update(dict.fromkeys(_below(absolute)))
        elif absolute.exists():
            found[absolute] = None
        else:
            raise NothingToImport(f"There is no file or folder {path}; nothing was imported")
    listed = None if models is None else models.expanduser().resolve()
    return Sources(tuple(found), sum(_size(path) for path in found), listed)


def named_from(paths: Sequence[Path]) -> Callable[[str], str]:
    """What tells a document's path as somebody knows it who named `paths`: from the one folder they
    named on, or beginning as they wrote it.
    """
    roots = {_told(path.expanduser().resolve()): _told(path) for path in paths}
    is_alone = len(paths) == 1 and paths[0].expanduser().is_dir()

    def named(path: str) -> str:
        for root in sorted(roots, key=len, reverse=True):
            rest = path.removeprefix(root)
            if path.startswith(root) and (not rest or rest[0] in "/:"):
                return rest[1:] if rest and is_alone else f"{roots[root]}{rest}"
        return path

    return named


def _below(folder: Path) -> Iterator[Path]:
    try:
        with os.scandir(folder) as listing:
            entries = sorted(listing, key=lambda entry: entry.name)
    except OSError:
        yield folder  # and `_documents` says why it can't be read
        return
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            yield from _below(Path(entry.path))
        else:
            yield Path(entry.path)


def _documents(path: Path) -> Iterator[Document | Read]:
    name = path.name.lower()
    mode = path.lstat().st_mode
    if stat.S_ISDIR(mode):
        os.scandir(path).close()
    elif not stat.S_ISREG(mode):
        kind = "a link, and links are not followed" if stat.S_ISLNK(mode) else "no plain file"
        yield Document(_told(path), refused=f"it is {kind}")
    elif name.endswith(SUFFIXES):
        yield from _of_archive(path)
    elif name.endswith(LINES_SUFFIX):
        yield from _of_lines(path)
    elif name.endswith(JSON_SUFFIX):
        yield _whole(path)
    else:
        yield Document(
            _told(path),
            refused="its name ends neither in .json, .jsonl nor in that of an archive "
            f"({', '.join(SUFFIXES)})",
        )


def _of_archive(path: Path) -> Iterator[Document | Read]:
    with unpacking(path) as archive:
        try:
            for member in members(archive, LARGEST):
                where = f"{_told(path)}::{_printable(member.name)}"
                if member.refused is None and not member.name.lower().endswith(JSON_SUFFIX):
                    yield Document(where, refused="its name does not end in .json")
                elif member.refused is not None:
                    yield Document(where, refused=member.refused)
                else:
                    yield _document(where, member.content)
                yield Read(archive.consumed)
        except CutShort as error:
            yield Document(
                _told(path), refused=f"the archive is not whole: {error}; what came before counts"
            )


def _of_lines(path: Path) -> Iterator[Document | Read]:
    told, number, done = _told(path), 0, 0
    with path.open("rb") as file:
        while line := file.readline(LARGEST + 1):
            number += 1
            where, size = f"{told}:{number}", len(line)
            while len(line) > LARGEST and not line.endswith(b"\n"):
                line = file.readline(LARGEST + 1)
                size += len(line)
            done += size
            if size > LARGEST + 1:
                yield Document(where, refused=too_large(size, LARGEST), file=told)
            elif content := line.strip():
                yield _document(where, content, file=told)
            yield Read(done)


def _of_models(path: Path) -> Iterator[Document]:
    yield Document(_told(path), refused="it is the list of models, and was read as that")


def _whole(path: Path) -> Document:
    size = path.stat().st_size
    if size > LARGEST:
        return Document(_told(path), refused=too_large(size, LARGEST))
    return _document(_told(path), path.read_bytes())


def _document(path: str, content: bytes, *, file: str | None = None) -> Document:
    return Document(path, content, hashlib.sha256(content).hexdigest(), file=file)


def _size(path: Path) -> int:
    try:
        return path.lstat().st_size
    except OSError:
        return 0


def _told(path: Path) -> str:
    return _printable(str(path))


def _printable(name: str) -> str:
    """A name as text that can be stored: bytes that are no UTF-8 are replaced."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
