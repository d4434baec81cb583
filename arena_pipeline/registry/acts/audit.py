"""What people did by command, written down beside what it changed: who, when, to what, and why.

What belongs here: writing the entry of an act within its transaction, and reading entries. The acts
themselves are in `registry.acts.models` (models), `registry.acts.agents` (agents) and
`registry.prompts.acts` (prompts).
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, insert, select

from arena_pipeline.errors import ArenaError
from arena_pipeline.escaping import plain_line
from arena_pipeline.store import Store
from arena_pipeline.store.tables import AuditEntry
from arena_pipeline.store.types import clean_text

LONGEST_REASON = 500
LONGEST_ACTOR = 100


class ActRefused(ArenaError):
    """An act that can't be done as asked; nothing was changed."""


class SubjectKind(StrEnum):
    """What people act on."""

    MODEL = "model"
    AGENT = "agent"
    PROMPT = "prompt"
    MATCH = "match"
    LADDER = "ladder"
    EVALUATION = "evaluation"
    CATALOG = "catalog"
    STORE = "store"


@dataclass(frozen=True, slots=True)
class By:
    """Who acts, and why; both on one line each and storable."""

    actor: str
    reason: str | None = None

    @classmethod
    def of(cls, actor: str, reason: str | None) -> "By":
        """The same made from what a person typed. Raises ActRefused."""
        name = clean_text(plain_line(actor))[:LONGEST_ACTOR]
        if not name:
            raise ActRefused("An act needs the name of whoever does it; nothing was changed")
        words = clean_text(plain_line(reason or ""))
        if len(words) > LONGEST_REASON:
            raise ActRefused(
                f"The reason has {len(words)} characters; say it in {LONGEST_REASON} or fewer. "
                "Nothing was changed"
            )
        return cls(name, words or None)


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One act. `before` and `after` hold what it touched: of a model or agent that was there, the
    flags; of one that was made, what it is.
    """

    id: int
    at: datetime
    actor: str
    action: str
    subject_kind: str
    subject: str
    reason: str | None
    before: dict[str, Any] | None
    after: dict[str, Any] | None


_COLUMNS = tuple(getattr(AuditEntry, field.name) for field in fields(AuditRow))


def audit(
    store: Store,
    *,
    since: datetime | None = None,
    subject: str | None = None,
    limit: int | None = None,
) -> tuple[AuditRow, ...]:
    """What was done, newest first: since a moment, to one model or agent (slug or alias), at most
    so many entries.
    """
    statement = select(*_COLUMNS).order_by(AuditEntry.id.desc()).limit(limit)
    if since is not None:
        statement = statement.where(AuditEntry.at >= since)
    if subject is not None:
        statement = statement.where(
            AuditEntry.subject_kind.in_([str(kind) for kind in SubjectKind]),
            AuditEntry.subject == subject,
        )
    with store.read() as connection:
        return tuple(AuditRow(*row) for row in connection.execute(statement))


def write_audit(
    connection: Connection,
    by: By,
    action: str,
    kind: SubjectKind,
    subject: str,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Append one entry, in the transaction of the act, so that there is never one without the
    other.
    """
    connection.execute(
        insert(AuditEntry).values(
            at=datetime.now(UTC),
            actor=by.actor,
            action=action,
            subject_kind=str(kind),
            subject=subject,
            reason=by.reason,
            before=_plain(before),
            after=_plain(after),
        )
    )


def last_reason(connection: Connection, kind: SubjectKind, subject: str) -> str | None:
    """The reason of the newest act on it; None if there was no act, or no reason."""
    reason: str | None = connection.scalar(
        select(AuditEntry.reason)
        .where(AuditEntry.subject_kind == str(kind), AuditEntry.subject == subject)
        .order_by(AuditEntry.id.desc())
        .limit(1)
    )
    return reason


def _plain(flags: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if flags is None:
        return None
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in flags.items()
    }
