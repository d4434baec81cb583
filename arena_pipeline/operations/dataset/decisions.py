"""The turns of one match, read from its replay: rows of the dataset's table `turns`."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec

from arena_pipeline.errors import ReplayError
from arena_pipeline.matches import replay
from arena_pipeline.operations.dataset.columns import Value
from arena_pipeline.store.types import PICO, clean_text

Row = dict[str, Value]

_MOST = 2**63


def turns_of(folder: Path, uuid: str, path: str, digest: str | None) -> list[Row]:
    """Every decision in a match's replay, in the order in which they were made.

    Raises ReplayError if the replay is missing, altered, or not what a replay is.
    """
    document = replay.read(folder, path, digest)
    try:
        return _rows(uuid, document)
    except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
        raise ReplayError(f"Replay {path} has not the shape of one ({error!r})") from error


def _rows(uuid: str, document: Mapping[str, Any]) -> list[Row]:
    found: list[Row] = []
    before = json_text(document["initial"])
    for number, step in enumerate(document["steps"]):
        known = step.get("turns", {})
        for slot, action in sorted(step["actions"].items(), key=lambda item: int(item[0])):
            found.append(_row(uuid, number, int(slot), before, action, known.get(slot, {})))
        before = json_text(step["state"])
    return found


def _row(uuid: str, step: int, slot: int, state: str, action: Any, known: Mapping[str, Any]) -> Row:
    return {
        "uuid": uuid,
        "step": step,
        "slot": _whole(slot),
        "state": state,
        "action": _text(action) or "",
        "fault": _text(known.get("fault")),
        "rationale": _text(known.get("rationale")),
        "input_tokens": _whole(known.get("input_tokens")),
        "output_tokens": _whole(known.get("output_tokens")),
        "cost": _usd(known.get("cost")),
        "decided_at": _moment(known.get("decided_at")),
        "duration_ms": _number(known.get("duration_ms")),
        "extra": json_text(known.get("extra", {})),
    }


def json_text(value: object) -> str:
    """A JSON value as text, keys sorted, so that the same value is the same text."""
    return clean_text(msgspec.json.encode(value, order="sorted").decode())


def _text(value: object) -> str | None:
    if value is None:
        return None
    return clean_text(value) if isinstance(value, str) else json_text(value)


def _whole(value: Any) -> int | None:
    if value is None:
        return None
    if int(value) != value or not -_MOST <= value < _MOST:
        raise ValueError(f"{value!r} is not a whole number of 64 bits")
    return int(value)


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def _usd(value: Any) -> Decimal | None:
    """An amount as the store would keep it: to 1e-12 USD."""
    if value is None:
        return None
    pico = int((Decimal(value) * PICO).to_integral_value())
    if not 0 <= pico < _MOST:
        raise ValueError(f"{value!r} is no cost")
    return Decimal(pico) / PICO


def _moment(value: Any) -> datetime | None:
    if value is None:
        return None
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError(f"{value!r} has no time zone")
    return moment.astimezone(UTC)
