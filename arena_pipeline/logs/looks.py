"""How log lines look: fields in one order, fit for showing, as JSON or for people."""

import logging
from collections.abc import Callable, MutableMapping
from datetime import UTC, datetime
from math import isfinite
from typing import Any

from arena_pipeline.escaping import visible
from arena_pipeline.masking import mask_text

ROOT = "arena_pipeline"
"""Above all loggers of the arena."""

FIELDS = "arena_fields"
"""Attribute of a log record that holds the line's own fields."""

LONGEST_VALUE = 2000
"""Characters of one field that are written; what is longer says by how much."""

_TAKEN = ("timestamp", "level", "event", "logger", "pid")
"""Keys that every line has; they come first."""

_MOST_OF_A_TRACE = 60
"""Lines of a traceback; its end says what went wrong."""

_Event = MutableMapping[str, Any]


def formatter(secrets: frozenset[str], *, is_json: bool, coloured: bool) -> logging.Formatter:
    """A formatter that shows none of `secrets`; `coloured` is for lines that people read."""
    from structlog.processors import JSONRenderer, format_exc_info
    from structlog.stdlib import ProcessorFormatter

    render = JSONRenderer(allow_nan=False) if is_json else _pretty(coloured=coloured)
    return ProcessorFormatter(
        foreign_pre_chain=[_gather, format_exc_info],
        processors=[
            ProcessorFormatter.remove_processors_meta,
            _made_fit(secrets, unseen=str if is_json else visible),
            render,
        ],
    )


def _pretty(*, coloured: bool) -> Any:
    """A line for people: time, level, event, then `name=value`, in colours on a terminal."""
    from structlog.dev import Column, ConsoleRenderer, KeyValueColumnFormatter

    def column(key: str, colour: int, width: int = 0) -> Column:
        style, reset = (f"\x1b[{colour}m", "\x1b[0m") if coloured else ("", "")
        shown = KeyValueColumnFormatter(None, style, reset, value_repr=str, width=width)
        return Column(key, shown)

    dim, reset = ("\x1b[2m", "\x1b[0m") if coloured else ("", "")
    own = KeyValueColumnFormatter(dim, "", reset, value_repr=_quoted)
    columns = [
        column("timestamp", 2),
        column("level", 33, 7),
        column("event", 1, 22),
        Column("", own),
    ]
    return ConsoleRenderer(columns=columns, sort_keys=False)


def _quoted(value: object) -> str:
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return f'"{text}"' if not text or any(sign in text for sign in ' ="') else text


def _gather(_: object, level: str, event: _Event) -> _Event:
    """The line's keys in their order: when, how weighty, what, from where, then its own fields."""
    record: logging.LogRecord = event["_record"]
    own: dict[str, object] = getattr(record, FIELDS, {})
    happened = datetime.fromtimestamp(record.created, UTC)
    return {
        "timestamp": happened.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "level": level,
        "event": event["event"],
        "logger": record.name.removeprefix(f"{ROOT}."),
        "pid": record.process,
        **{f"{key}_" if key in _TAKEN else key: fact for key, fact in own.items()},
        **{key: fact for key, fact in event.items() if key.startswith(("_", "exc_"))},
    }


def _made_fit(secrets: frozenset[str], unseen: Callable[[str], str]) -> Callable[..., _Event]:
    """Makes every field plain, short and free of secrets; `unseen` writes out control characters
    where the format does not.
    """

    def text(value: str) -> str:
        masked = mask_text(value, secrets)
        if len(masked) > LONGEST_VALUE:
            masked = f"{masked[:LONGEST_VALUE]}... ({len(masked)} characters)"
        return unseen(masked)

    def process(_: object, level: str, event: _Event) -> _Event:
        trace = event.pop("exception", None)
        fields = {key: _plain(value, text) for key, value in event.items()}
        if trace is not None:
            lines = mask_text(str(trace), secrets).splitlines()[-_MOST_OF_A_TRACE:]
            fields["exception"] = "\n".join(unseen(line) for line in lines)
        return fields

    return process


def _plain(value: object, text: Callable[[str], str]) -> object:
    """The value as JSON has it, each string in it treated by `text`."""
    match value:
        case None | bool() | int():
            return value
        case float() if isfinite(value):
            return value
        case dict():
            return {text(str(key)): _plain(item, text) for key, item in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_plain(item, text) for item in value]
        case datetime():
            return value.astimezone(UTC).isoformat()
    return text(str(value))
