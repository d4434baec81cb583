"""What the doctor finds: a subject, how it is, and what to do about it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self


def counted(count: int, one: str, many: str | None = None) -> str:
    """So many things: "1 backup", "2 backups", "2 matches"."""
    return f"{count} {one if count == 1 else many or one + 's'}"


class Health(StrEnum):
    """How a subject is: sound, worth a look, or broken."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the examination; `advice` is what to do, None where nothing is to be done."""

    subject: str
    health: Health
    what: str
    advice: str | None = None

    @classmethod
    def ok(cls, subject: str, what: str) -> Self:
        """Sound."""
        return cls(subject, Health.OK, what)

    @classmethod
    def warn(cls, subject: str, what: str, advice: str) -> Self:
        """It works, but somebody should look."""
        return cls(subject, Health.WARN, what, advice)

    @classmethod
    def fail(cls, subject: str, what: str, advice: str | None = None) -> Self:
        """Broken; an error whose sentence says what to do needs no further advice."""
        return cls(subject, Health.FAIL, what, advice)
