"""Files of the archive: payloads of calls as Parquet, one immutable file per batch.

`llm_calls/month=YYYY-MM/<first id>-<last id>.<digest>.parquet` holds what names each call (`id`,
`match`, `step`, `slot`, `attempt`, `gateway`, `client_name`, `started_at`) and its `payload`. The
digest (16 hex digits) is over ids and payloads, so that the same calls give the same name, and a
file tells by its name whether it is whole. A call may be in two files, if a process was killed
between writing one and clearing the store; both say the same of it.
"""

import hashlib
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from arena_pipeline.errors import ArenaError

CALLS = "llm_calls"
PART = ".part"


class ArchiveError(ArenaError):
    """A file of the archive that can't be written, or does not say what was written."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call as it is archived; `match` is the match's uuid, times are UTC."""

    id: int
    match: str
    step: int
    slot: int
    attempt: int
    gateway: str
    client_name: str
    started_at: datetime
    payload: str


def write_calls(archive_dir: Path, calls: Sequence[Call]) -> Path:
    """Write calls of one month, ascending by id, and return the file, read back and compared.

    Written beside, synced and moved into place: killed at any time there is no file or a whole one.
    Safe to repeat and beside other processes, since the same calls make the same file. Raises
    ArchiveError; nothing may be cleared then.
    """
    digest = digest_of((call.id, call.payload) for call in calls)
    folder = archive_dir / CALLS / f"month={calls[0].started_at:%Y-%m}"
    file = folder / f"{calls[0].id}-{calls[-1].id}.{digest}.parquet"
    try:
        if not file.exists():
            _make(folder)
            _write(file, calls)
        found = payload_digests(file)
    except (OSError, ArchiveError) as error:
        raise ArchiveError(
            f"Payloads of calls can't be archived in {folder}: {error}. Nothing was cleared; make "
            "room, or move damaged files away, and repeat"
        ) from error
    if found != {call.id: payload_digest(call.payload) for call in calls}:
        raise ArchiveError(
            f"{file} does not say what was written to it; nothing was cleared. Move it away, look "
            "at the disk, and repeat"
        )
    return file


def payload_digests(file: Path) -> dict[int, str]:
    """SHA-256 of each payload in a file, by the call's id. Raises ArchiveError for one whose
    content is not what its name says, or that is no Parquet.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(file, columns=["id", "payload"], partitioning=None)
        pairs = list(zip(table["id"].to_pylist(), table["payload"].to_pylist(), strict=True))
    except (pa.ArrowException, KeyError, OSError) as error:
        raise ArchiveError(f"{file} can't be read: {error}") from error
    if file.name.split(".")[1:2] != [digest_of(pairs)]:
        raise ArchiveError(f"{file} was altered: its content is not the one its name tells of")
    return {call: payload_digest(payload) for call, payload in pairs}


def digest_of(pairs: Iterable[tuple[int, str]]) -> str:
    """The digest in a file's name, over (id, payload) of each call."""
    whole = hashlib.sha256()
    for call, payload in pairs:
        whole.update(f"{call}:{payload_digest(payload)}\n".encode())
    return whole.hexdigest()[:16]


def payload_digest(payload: str) -> str:
    """SHA-256 (hex) of one payload."""
    return hashlib.sha256(payload.encode()).hexdigest()


def _write(file: Path, calls: Sequence[Call]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    beside = file.with_name(f".{file.stem}.{uuid4().hex}{PART}")
    schema = pa.schema(
        [
            ("id", pa.int64()),
            ("match", pa.string()),
            ("step", pa.int64()),
            ("slot", pa.int64()),
            ("attempt", pa.int64()),
            ("gateway", pa.string()),
            ("client_name", pa.string()),
            ("started_at", pa.timestamp("us", tz="UTC")),
            ("payload", pa.large_string()),
        ]
    )
    columns = {name: [getattr(call, name) for call in calls] for name in schema.names}
    try:
        with beside.open("wb") as out:
            pq.write_table(pa.table(columns, schema=schema), out, compression="zstd")
            out.flush()
            os.fsync(out.fileno())
        beside.replace(file)
    finally:
        beside.unlink(missing_ok=True)
    _sync(file.parent)


def _make(folder: Path) -> None:
    """Make a folder and those above it, each of them on disk before what is put into it."""
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for one in missing:
        _sync(one.parent)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
