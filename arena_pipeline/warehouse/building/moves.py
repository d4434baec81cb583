"""Reading replays for the table of moves, a match at a time."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from arena_pipeline.errors import ReplayError
from arena_pipeline.matches import replay

if TYPE_CHECKING:
    import pyarrow as pa

BATCH_ROWS = 20_000

_FIELDS = (
    "match_id", "uuid", "step", "slot", "action", "fault", "rationale", "duration_ms",
)  # fmt: skip

Seen = tuple[int, str, str, str | None]
"""A match with a replay: id, uuid, path of the replay, its digest."""


def moves_of(
    folder: Path, matches: Iterable[Seen], report: Callable[[str], None]
) -> "pa.RecordBatchReader":
    """The decisions in the replays of `matches`, as Arrow batches.

    A replay that is missing, altered or not what it should be is reported as a sentence and left
    out; the others go on.
    """
    import pyarrow as pa

    kinds = {"match_id": pa.int64(), "step": pa.int64(), "slot": pa.int64()}
    schema = pa.schema(
        [(name, kinds.get(name, pa.string())) for name in _FIELDS[:-1]]
        + [(_FIELDS[-1], pa.float64())]
    )
    rows = _rows(folder, matches, report)
    batches = (pa.RecordBatch.from_pylist(some, schema=schema) for some in _some(rows))
    return pa.RecordBatchReader.from_batches(schema, batches)


def _some(rows: Iterator[list[dict[str, Any]]]) -> Iterator[list[dict[str, Any]]]:
    waiting: list[dict[str, Any]] = []
    for of_match in rows:
        waiting += of_match
        if len(waiting) >= BATCH_ROWS:
            yield waiting
            waiting = []
    if waiting:
        yield waiting


def _rows(
    folder: Path, matches: Iterable[Seen], report: Callable[[str], None]
) -> Iterator[list[dict[str, Any]]]:
    for match_id, uuid, path, digest in matches:
        try:
            document = replay.read(folder, path, digest)
            yield _moves(match_id, uuid, document)
        except ReplayError as error:
            report(f"Match {uuid}: {error}")
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            report(f"Match {uuid}: its replay has not the shape of one ({error!r})")


def _moves(match_id: int, uuid: str, document: dict[str, Any]) -> list[dict[str, Any]]:
    found = []
    for number, step in enumerate(document["steps"]):
        known = step.get("turns", {})
        for slot, action in step["actions"].items():
            details = known.get(slot, {})
            values = (
                match_id, uuid, number, int(slot), _text(action),
                _text(details.get("fault")), _text(details.get("rationale")),
                _number(details.get("duration_ms")),
            )  # fmt: skip
            found.append(dict(zip(_FIELDS, values, strict=True)))
    return found


def _text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return msgspec.json.encode(value).decode()


def _number(value: Any) -> float | None:
    return None if value is None else float(value)
