"""What is kept of a call in full: request and answer as JSON text, without headers, keys and
account ids; and the answer read back from it.
"""

import json
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from arena_pipeline.calls.parameters import ApiType
from arena_pipeline.calls.wire.cleaning import without_secrets
from arena_pipeline.calls.wire.exchange import Exchange
from arena_pipeline.calls.wire.json_text import clipped, read_json
from arena_pipeline.calls.wire.reading import OK, read_value
from arena_pipeline.calls.wire.reply import Reply
from arena_pipeline.masking import mask_accounts

_ESCAPED = re.compile(
    r"(\\(?:[bfnrt]|u[0-9a-fA-F]{4}))"
    r"(?=user_|org[-_]|proj_|acct_|sk-|gsk_|AIza|hf_|ghp_|AKIA|xai-|eyJ)"
)
_PLAIN = re.compile(r"\\(?:u00([2-7][0-9a-fA-F])|(.))", re.DOTALL)
"""An escape in JSON, taken one by one so that an escaped backslash begins no other."""

_QUOTED = '"\\'

LONGEST_ODDITY = 20_000
"""Characters kept of an answer that is no JSON."""


def write_payload(
    api: ApiType,
    body: Mapping[str, Any],
    exchange: Exchange,
    reply: Reply,
    secrets: Iterable[str],
) -> str:
    """Request and answer as a JSON object: `api`, `request`, `status`, `response` (JSON as it came,
    a string where it was none, null where none came) and `remarks`.

    `secrets` are values that must not be in it, wherever they come from.
    """
    request = json.dumps(body, separators=(",", ":"), default=str)
    text = exchange.body.decode("utf-8-sig", errors="replace")
    response = "null"
    if exchange.broken is None:
        is_json = reply.failure is None or _is_json(text)
        response = _plain(text.strip()) if is_json else json.dumps(clipped(text, LONGEST_ODDITY))
    remarks = f',"remarks":{json.dumps(reply.remarks)}' if reply.remarks else ""
    whole = (
        f'{{"api":"{api.value}","request":{request},"status":{exchange.status or "null"},'
        f'"response":{response}{remarks}}}'
    )
    # In JSON the letter of an escape, as in \\nuser_2x, hides where a word begins.
    parted = _ESCAPED.sub(r"\1 ", whole)
    return mask_accounts(without_secrets(parted, secrets))


def read_payload(payload: str, now: datetime) -> Reply | None:
    """The answer that a payload holds; None if it holds none that can be read."""
    try:
        kept = read_json(payload)
    except ValueError:
        return None
    if not isinstance(kept, Mapping) or not isinstance(kept.get("response"), Mapping):
        return None
    try:
        api = ApiType(str(kept.get("api")))
    except ValueError:
        return None
    request = kept.get("request")
    asked = str(request.get("model", "")) if isinstance(request, Mapping) else ""
    if kept.get("status") != OK:
        return None
    reply = read_value(kept["response"], {}, now, api, asked)
    return None if reply.failure else reply


def _plain(text: str) -> str:
    """JSON in which each sign of ASCII is written in the one usual way: a key in escapes
    would be found by nobody who looks for it, and come to light as soon as the JSON is read.
    """
    if "\\u00" not in text and "\\/" not in text:
        return text

    def plain(found: re.Match[str]) -> str:
        sign = chr(int(found[1], 16)) if found[1] else found[2]
        if found[1]:
            return f"\\{sign}" if sign in _QUOTED else sign
        return sign if sign == "/" else found[0]

    return _PLAIN.sub(plain, text)


def _is_json(text: str) -> bool:
    try:
        read_json(text)
    except ValueError:
        return False
    return True
