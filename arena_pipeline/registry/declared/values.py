"""Single values of a models file: what each may be, and what is wrong with it in words.

Nothing here repeats what it refuses where that may be a secret.
"""

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field

from arena_pipeline.catalog.row import LARGEST_LIMIT, is_slug
from arena_pipeline.registry.names import check_alias
from arena_pipeline.store.types import clean_text

HIGHEST = Decimal(1_000_000)
"""USD above which a price (per million tokens) or a daily cap is a slip of the pen."""

_GATEWAY = re.compile(r"[a-z0-9][a-z0-9._-]{0,49}", re.ASCII)
_KEY_VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]{0,99}", re.ASCII)
_PROMPT = re.compile(r"[a-z0-9][a-z0-9._-]{0,79}(@[1-9][0-9]{0,5})?", re.ASCII)
_NUMBER = re.compile(r"[0-9]{1,12}(\.[0-9]{0,30})?([eE][+-]?[0-9]{1,2})?", re.ASCII)


def _slug(text: str) -> str:
    if not is_slug(text):
        raise ValueError(f"{text[:60]!r} is no slug like vendor/model")
    return text


def _usd(value: object) -> Decimal:
    """Exact: a YAML float is the number that was written, as far as a float can hold it."""
    if not isinstance(value, bool) and isinstance(value, str | int | float | Decimal):
        text = repr(value) if isinstance(value, float) else str(value).strip()
        if _NUMBER.fullmatch(text) and Decimal(text) <= HIGHEST:
            return Decimal(text)
    raise ValueError(f"{value!r:.40} is no amount of USD from 0 to {HIGHEST:f}")


def _day(value: object) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError as error:
        raise ValueError(f"{value!s:.40} is no day like 2026-04-30") from error


def _url(text: str) -> str:
    try:
        parts = urlsplit(text)
        has_port = parts.port != 0
    except ValueError as error:
        raise ValueError("this is no address like https://host/v1") from error
    if parts.username or parts.password or "@" in parts.netloc:
        raise ValueError("an address has no user or password here; a key stays in the environment")
    plain = text.isascii() and text.isprintable() and " " not in text
    if parts.scheme not in ("http", "https") or not (parts.hostname and has_port and plain):
        raise ValueError("this is no address like https://host/v1")
    if parts.query or parts.fragment:
        raise ValueError("an address ends before ? and #; a key stays in the environment")
    return text.rstrip("/")


def _gateway(text: str) -> str:
    if not _GATEWAY.fullmatch(text):
        raise ValueError(f"{text[:40]!r} is no gateway name: small letters, digits and . _ - only")
    return text


def _key_variable(text: str) -> str:
    if not _KEY_VARIABLE.fullmatch(text):
        raise ValueError(
            "this is no name of an environment variable like ACME_API_KEY; "
            "the key itself stays in the environment"
        )
    return text


def _prompt_name(text: str) -> str:
    if not _PROMPT.fullmatch(text):
        raise ValueError(f"{text[:60]!r} is no prompt like snake or snake@2")
    return text


Alias = Annotated[str, AfterValidator(check_alias)]
Slug = Annotated[str, AfterValidator(_slug)]
Text = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(clean_text)]
GatewayName = Annotated[str, AfterValidator(_gateway)]
PromptName = Annotated[str, AfterValidator(_prompt_name)]
KeyVariable = Annotated[str, AfterValidator(_key_variable)]
Url = Annotated[str, Field(max_length=500), AfterValidator(_url)]
Price = Annotated[Decimal, BeforeValidator(_usd)]
Amount = Annotated[Decimal, BeforeValidator(_usd), AfterValidator(lambda usd: round(usd, 12))]
Day = Annotated[date, BeforeValidator(_day)]
Count = Annotated[int, Field(ge=1, le=LARGEST_LIMIT)]
