"""Reading an answer in tests: a value, a status, headers."""

import json
from datetime import UTC, datetime
from typing import Any

from arena_pipeline.calls.kinds import ErrorKind
from arena_pipeline.calls.parameters import ApiType
from arena_pipeline.calls.wire.reading import read_text
from arena_pipeline.calls.wire.reply import Reply

NOW = datetime(2026, 8, 1, 12, tzinfo=UTC)


def read(value: Any, status: int = 200, *, api: Any = ApiType.CHAT, **headers: str) -> Reply:
    text = value if isinstance(value, str) else json.dumps(value)
    named = {name.lower().replace("_", "-"): given for name, given in headers.items()}
    return read_text(text, status, named, NOW, api, "acme/one")


def kind(value: Any, status: int = 200, **headers: str) -> ErrorKind | None:
    failure = read(value, status, **headers).failure
    return None if failure is None else failure.kind
