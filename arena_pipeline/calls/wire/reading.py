"""From an exchange to a reply: status, kind of body, JSON, then what the API's reader says."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from arena_pipeline.calls.kinds import ErrorKind
from arena_pipeline.calls.parameters import ApiType
from arena_pipeline.calls.wire.chat import read_chat
from arena_pipeline.calls.wire.exchange import Exchange
from arena_pipeline.calls.wire.failures import LONGEST_MESSAGE, failure_of
from arena_pipeline.calls.wire.json_text import clipped, read_json
from arena_pipeline.calls.wire.reply import Failure, Reply
from arena_pipeline.calls.wire.responses import read_response
from arena_pipeline.calls.wire.usage import read_usage

OK = 200
_REDIRECTS = range(300, 400)
_PAGE = re.compile(r"\s*<(!doctype\s+html|html|head|body|\?xml)", re.IGNORECASE)
_TITLE = re.compile(r"<title[^>]{0,200}>([^<]{1,200})", re.IGNORECASE)
_IDS = ("x-generation-id", "x-request-id", "request-id", "cf-ray")

_Reader = Callable[[Mapping[str, Any], Mapping[str, str], datetime, str], Reply]
_READERS: dict[ApiType, _Reader] = {ApiType.CHAT: read_chat, ApiType.RESPONSES: read_response}


def read_exchange(exchange: Exchange, api: ApiType, asked: str) -> Reply:
    """What an exchange says; it never raises for what came. `asked` is the model asked for."""
    if exchange.broken is not None:
        return Reply(failure=Failure(exchange.broken.kind, exchange.broken.detail))
    text = exchange.body.decode("utf-8-sig", errors="replace")
    reply = read_text(text, exchange.status or 0, exchange.headers, exchange.ended_at, api, asked)
    given = (clipped(exchange.headers.get(name), 200) for name in _IDS)
    return replace(reply, request_id=next(filter(None, given), None) or reply.request_id)


def read_text(
    text: str,
    status: int,
    headers: Mapping[str, str],
    now: datetime,
    api: ApiType,
    asked: str,
) -> Reply:
    """The same of a body in hand."""
    if status in _REDIRECTS:
        return _failed(
            ErrorKind.NOT_FOUND,
            f"it redirects elsewhere (status {status}), which is not followed; "
            "correct the gateway's base_url",
        )
    try:
        value = read_json(text)
    except ValueError as error:
        return Reply(failure=_no_json(text, status, headers, now, error))
    if not isinstance(value, Mapping):
        if status == OK:
            return _failed(ErrorKind.MALFORMED, f"JSON that is no object: {_shown(text)}")
        return Reply(failure=failure_of(status, {"message": value}, headers, now))
    if status == OK:
        return read_value(value, headers, now, api, asked)
    told = value.get("error", value)
    return Reply(
        failure=failure_of(
            status, told if isinstance(told, Mapping) else {"message": told}, headers, now
        ),
        usage=read_usage(value["usage"], []) if "usage" in value else Reply().usage,
    )


def read_value(
    value: Mapping[str, Any],
    headers: Mapping[str, str],
    now: datetime,
    api: ApiType,
    asked: str,
) -> Reply:
    """The same of a JSON object that came with status 200."""
    return _READERS[api](value, headers, now, asked)


def _no_json(
    text: str, status: int, headers: Mapping[str, str], now: datetime, error: ValueError
) -> Failure:
    is_page = "text/html" in headers.get("content-type", "").lower() or _PAGE.match(text[:500])
    if is_page:
        title = _TITLE.search(text[:20_000])
        told = f"a page instead of JSON: {_shown(title[1] if title else text)}"
    elif not text.strip():
        told = "an empty body"
    else:
        told = f"no JSON ({clipped(str(error), 100)}): {_shown(text)}"
    if status == OK:
        return Failure(ErrorKind.HTML if is_page else ErrorKind.MALFORMED, told)
    found = failure_of(status, {"message": told}, headers, now)
    # A page with 403 is of a wall before the gateway, which knows nothing of keys and accounts.
    return replace(found, kind=ErrorKind.HTML) if is_page and status == 403 else found


def _shown(text: str) -> str:
    return " ".join(clipped(text[: 2 * LONGEST_MESSAGE].strip(), 200).split())


def _failed(kind: ErrorKind, message: str) -> Reply:
    return Reply(failure=Failure(kind, message))
