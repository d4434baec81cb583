"""The replay format: everything that happened in a match, as one compressed, immutable file.

A replay is JSON under zstd: `{"format": "arena-replay", "version": 1, "match", "seats", "initial",
"steps", "outcome"}`. `steps[k]` holds the `actions` taken in the state before it, the `events`, the
`state` after, and under `turns` whatever else is known of a decision; one that language models were
asked for has its `calls`, one for each attempt, as the ledger has them, with request and answer
under `payload`. The state before step 0 is `initial`. All chance comes from `match.seed`; a match
played elsewhere has none, but `match.draws`, what chance gave in order, and `match.source`, where
it came from.

A file's name holds the first half of its SHA-256, so that a file is never overwritten by other
content, whoever else records the same match; the store keeps the whole digest.
"""

import ctypes
import errno
import hashlib
import os
import re
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import zstandard

from arena_pipeline.errors import ReplayError
from arena_pipeline.matches.plan import FinishedMatch, Step, TurnRecord

FORMAT = "arena-replay"
VERSION = 1
SUFFIX = ".replay.zst"

_LEVEL = 3
_LARGEST = 512 * 2**20
"""Bytes a replay may unpack to; more is refused as damaged or hostile."""

_MANY = 200
"""Replays from which on their whole file system is synced rather than each file."""

_IS_LINUX = sys.platform == "linux"

_TURN_DETAILS = (
    "fault", "rationale", "input_tokens", "output_tokens", "cost", "decided_at", "duration_ms",
    "extra",
)  # fmt: skip
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class SealedReplay:
    """A replay's bytes with their address: `path` relative to the replay folder, `digest` their
    SHA-256 in hex.
    """

    path: str
    digest: str
    content: bytes


def seal(match: FinishedMatch) -> SealedReplay:
    """Pack a finished match; the same match gives the same bytes. Raises ReplayError for an unfit
    uuid.
    """
    if not _UUID.fullmatch(match.uuid):
        raise ReplayError(
            f"Match {match.uuid!r} has no lower-case UUID for a name, so it can't have a replay"
        )
    packed = zstandard.ZstdCompressor(level=_LEVEL).compress(_ENCODER.encode(_document(match)))
    digest = hashlib.sha256(packed).hexdigest()
    return SealedReplay(path_of(match.uuid, match.ended_at, digest), digest, packed)


def path_of(uuid: str, ended_at: datetime | None, digest: str) -> str:
    """Where the replay with these bytes belongs, relative to the replay folder."""
    day = "undated" if ended_at is None else f"{ended_at:%Y/%m/%d}"
    return f"{day}/{uuid}.{digest[:32]}{SUFFIX}"


def write(folder: Path, replays: list[SealedReplay], *, sync: bool) -> None:
    """Put replays on disk, whole or not at all; with `sync`, a power cut does not lose them once
    this returns.

    A new file is created under its final name, which nobody refers to yet; one that is there with
    other bytes (a writer that was killed, or one still at it) is replaced in one step. Raises
    ReplayError (disk full, no permission).
    """
    try:
        targets = [folder / replay.path for replay in replays]
        for target, replay in zip(targets, replays, strict=True):
            if not _create(target, replay.content) and target.read_bytes() != replay.content:
                beside = target.with_name(f".{target.name}.{os.getpid()}-{threading.get_ident()}")
                beside.unlink(missing_ok=True)
                _create(beside, replay.content)
                beside.replace(target)
        if sync and not (len(targets) >= _MANY and _sync_file_system(folder)):
            for path in [*targets, *{target.parent for target in targets}]:
                _sync(path)
    except OSError as error:
        raise ReplayError(
            f"Can't write the replay {error.filename or folder}: {error.strerror}; "
            "nothing was recorded. Free space or permissions there are needed"
        ) from error


def read(folder: Path, path: str, digest: str | None) -> dict[str, Any]:
    """The replay at `path`, checked against `digest`. Raises as `content` and `unpack` do."""
    return unpack(content(folder, path, digest), path)


def content(folder: Path, path: str, digest: str | None) -> bytes:
    """The bytes of the replay at `path`, relative to `folder`, checked against `digest`.

    Raises ReplayError that says whether it is missing, altered, or leads out of the folder.
    """
    target = (folder / path).resolve()
    if not target.is_relative_to(folder.resolve()):
        raise ReplayError(
            f"Replay path {path!r} leads out of the replay folder; the store was tampered with"
        )
    try:
        found = target.read_bytes()
    except FileNotFoundError as error:
        raise ReplayError(f"Replay {path} is missing") from error
    except OSError as error:
        raise ReplayError(f"Replay {path} can't be read: {error.strerror}") from error
    if digest is not None and hashlib.sha256(found).hexdigest() != digest:
        raise ReplayError(f"Replay {path} was altered: its SHA-256 is not the one in the store")
    return found


def unpack(content: bytes, name: str) -> dict[str, Any]:
    """The document in a replay's bytes; `name` is for the message. Raises ReplayError when it is
    none.
    """
    try:
        reader = zstandard.ZstdDecompressor().stream_reader(content)
        text = reader.read(_LARGEST + 1)
        if len(text) > _LARGEST:
            raise ReplayError(f"Replay {name} unpacks to more than {_LARGEST // 2**20} MiB")
        document = msgspec.json.decode(text)
    except (zstandard.ZstdError, msgspec.DecodeError) as error:
        raise ReplayError(f"Replay {name} is damaged: {error}") from error
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise ReplayError(f"Replay {name} is not in the format {FORMAT}")
    if document.get("version") != VERSION:
        raise ReplayError(
            f"Replay {name} has version {document.get('version')}; this program reads {VERSION}"
        )
    return document


def _document(match: FinishedMatch) -> dict[str, Any]:
    plan = match.plan
    start = match.start if plan.instance is None else plan.instance.position
    calls = _calls(match)
    document: dict[str, Any] = {
        "format": FORMAT,
        "version": VERSION,
        "match": {
            "uuid": plan.uuid,
            "game": plan.config.game,
            "config": plan.config.name,
            "settings": dict(sorted(plan.config.settings.items())),
            "rule_version": plan.rule_version,
            "seed": plan.seed,
            "instance": None if start is None else dict(start),
            "purpose": plan.purpose.value,
            "started_at": match.started_at,
            "ended_at": match.ended_at,
        },
        "seats": [
            {"slot": slot, "name": entrant.name, "team": seat.team, "role": seat.role}
            for slot, (entrant, seat) in enumerate(zip(plan.entrants, match.seats, strict=True))
        ],
        "initial": match.initial,
        "steps": [_step(step, calls.get(number, {})) for number, step in enumerate(match.steps)],
        "outcome": match.outcome,
    }
    if match.draws is not None:
        document["match"]["draws"] = match.draws
    if match.origin is not None:
        document["match"]["source"] = {
            "system": match.origin.system,
            "layout": match.origin.layout,
            "digest": match.origin.digest,
        }
    return document


def _calls(match: FinishedMatch) -> dict[int, dict[int, list[Mapping[str, Any]]]]:
    """What is told of the calls of a match, by step and seat, in the order of attempts."""
    calls: dict[int, dict[int, list[Mapping[str, Any]]]] = {}
    for call in match.calls:
        calls.setdefault(call.step, {}).setdefault(call.slot, []).append(call.facts)
    return calls


def _step(step: Step, calls: Mapping[int, Sequence[Mapping[str, Any]]]) -> dict[str, Any]:
    packed: dict[str, Any] = {
        "actions": {str(turn.slot): turn.action for turn in step.turns},
        "events": step.events,
        "state": step.state,
    }
    details = {
        str(turn.slot): known
        for turn in step.turns
        if (known := _details(turn, calls.get(turn.slot)))
    }
    if details:
        packed["turns"] = details
    return packed


def _details(turn: TurnRecord, calls: Sequence[Mapping[str, Any]] | None = None) -> dict[str, Any]:
    pairs = ((name, getattr(turn, name)) for name in _TURN_DETAILS)
    known = {name: value for name, value in pairs if value is not None and value != {}}
    if calls:
        known["calls"] = calls
    return known


def _create(target: Path, content: bytes) -> bool:
    """Create a file; False if there is one already. A failed write leaves nothing."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    try:
        descriptor = os.open(target, flags, 0o644)
    except FileExistsError:
        return False
    except FileNotFoundError:
        target.parent.mkdir(parents=True, exist_ok=True)
        return _create(target, content)  # another writer may have been faster
    try:
        with os.fdopen(descriptor, "wb", buffering=0) as file:
            written = file.write(content)
            if written != len(content):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(target))
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    return True


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sync_file_system(folder: Path) -> bool:
    """Sync everything on the folder's file system at once, which for many files is far faster than
    one by one; False where the system can't.
    """
    syncfs = getattr(ctypes.CDLL(None, use_errno=True), "syncfs", None) if _IS_LINUX else None
    if syncfs is None:
        return False
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        return bool(syncfs(descriptor) == 0)
    finally:
        os.close(descriptor)


_ENCODER = msgspec.json.Encoder(decimal_format="string")
