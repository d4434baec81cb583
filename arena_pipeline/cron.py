"""Whether a text is a cron schedule: five fields of numbers, names, ranges, lists and steps.

Only checked here, so that a mistake is named where it was made; Dagster reads and runs schedules.
"""

import re

_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]

_FIELDS: tuple[tuple[str, int, int, list[str]], ...] = (
    ("minute", 0, 59, []),
    ("hour", 0, 23, []),
    ("day of month", 1, 31, []),
    ("month", 1, 12, _MONTHS),
    ("day of week", 0, 7, _DAYS),
)
_PART = re.compile(r"(?:\*|(\w+)(?:-(\w+))?)(?:/(\d+))?")
_NICKNAMES = ("@hourly", "@daily", "@midnight", "@weekly", "@monthly", "@yearly", "@annually")


def check_cron(text: str) -> str:
    """`text` if it is a cron schedule. Raises ValueError naming the field that is wrong."""
    if text in _NICKNAMES:
        return text
    fields = text.split()
    if len(fields) != len(_FIELDS):
        raise ValueError(
            f"{text!r} is no cron schedule: it needs five fields, minute hour day month weekday, "
            'such as "0 6 * * *"'
        )
    for field, (name, low, high, names) in zip(fields, _FIELDS, strict=True):
        for part in field.split(","):
            if not _is_part(part, low, high, names):
                raise ValueError(f"{text!r} is no cron schedule: {part!r} is no {name}")
    return text


def _is_part(part: str, low: int, high: int, names: list[str]) -> bool:
    match = _PART.fullmatch(part)
    if match is None or match[3] == "0":
        return False
    first, last = (_number(word, low, names) for word in match.group(1, 2))
    if (match[1] is not None and first is None) or (match[2] is not None and last is None):
        return False
    return (first is None or low <= first <= high) and (
        last is None or first is None or first <= last <= high
    )


def _number(word: str | None, low: int, names: list[str]) -> int | None:
    if word is None:
        return None
    if word.lower() in names:
        return names.index(word.lower()) + low
    return int(word) if word.isdecimal() else None
