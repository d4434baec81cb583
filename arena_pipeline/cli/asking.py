"""What people write on the command line as values: amounts, times, settings, and who they are."""

import getpass
import json
import os
import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

import typer

_AGO = re.compile(r"(\d{1,4})([hdw])")
_HOURS = {"h": 1, "d": 24, "w": 7 * 24}


def amount(text: str | None, option: str) -> Decimal | None:
    """An amount of USD. Raises BadParameter naming the option."""
    if text is None:
        return None
    try:
        usd = Decimal(text)
    except InvalidOperation:
        usd = Decimal(-1)
    if not usd.is_finite() or usd < 0:
        raise typer.BadParameter(f"{option} takes an amount of USD such as 0.5, not {text!r}")
    return usd


def since(text: str | None, now: datetime | None = None) -> datetime | None:
    """A moment (UTC): a day or time in ISO form, or so many hours, days, weeks ago (24h, 7d, 2w).

    Raises BadParameter.
    """
    if text is None:
        return None
    if ago := _AGO.fullmatch(text.strip()):
        hours = int(ago[1]) * _HOURS[ago[2]]
        return (now or datetime.now(UTC)) - timedelta(hours=hours)
    try:
        moment = datetime.fromisoformat(text.strip())
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise typer.BadParameter(
            f"--since takes a day such as 2026-01-31, or 24h, 7d, 2w, not {text!r}"
        ) from None


def day(text: str | None, option: str) -> date | None:
    """A day (UTC) in ISO form. Raises BadParameter naming the option."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise typer.BadParameter(f"{option} takes a day such as 2026-01-31, not {text!r}") from None


def settings(pairs: list[str] | None) -> dict[str, Any]:
    """The settings of an agent from `key=value` texts; a value is JSON, or else plain text.

    Raises BadParameter for a text that is no pair and for a key given twice.
    """
    found: dict[str, Any] = {}
    for pair in pairs or ():
        key, mark, value = pair.partition("=")
        if not mark or not key.strip():
            raise typer.BadParameter(f"--setting takes key=value such as depth=3, not {pair!r}")
        if key.strip() in found:
            raise typer.BadParameter(f"--setting {key.strip()} is given twice")
        found[key.strip()] = _value(value)
        if not _is_json(found[key.strip()]):
            raise typer.BadParameter(f"--setting {key.strip()} is no number that JSON knows")
    return found


def actor() -> str:
    """Who runs the command: the name of the account, for the audit."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # an account without a name, as in a container
        return f"user {os.getuid()}"


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _is_json(value: Any) -> bool:
    """Whether JSON knows the value: Python reads NaN and numbers too large to be any."""
    try:
        json.dumps(value, allow_nan=False)
    except ValueError:
        return False
    return True
