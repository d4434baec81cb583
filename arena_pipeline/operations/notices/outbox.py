"""The outbox: notices that wait, were sent or were given up (table `notices`).

What belongs here: reading and writing its rows. What is written into it is found by `collecting`,
who sends it is `delivering`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select

from arena_pipeline.escaping import plain_line
from arena_pipeline.masking import mask_text
from arena_pipeline.store import Store
from arena_pipeline.store import tables as t
from arena_pipeline.store.tables import NoticeKind

LONGEST_TITLE = 300
LONGEST_TEXT = 2000
"""Characters of one text of a notice; what is longer is cut."""


class NoticeState(StrEnum):
    """What became of a notice."""

    WAITING = "waiting"
    SENT = "sent"
    GIVEN_UP = "given up"


@dataclass(frozen=True, slots=True)
class News:
    """Something to be told. `key` says what it is about and makes that it is told once; `details`
    are for programs.
    """

    key: str
    kind: NoticeKind
    happened_at: datetime
    title: str
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Notice:
    """One row of the outbox. `error` says why the newest delivery failed."""

    id: int
    key: str
    kind: str
    created_at: datetime
    happened_at: datetime
    title: str
    body: dict[str, Any]
    attempts: int
    next_attempt_at: datetime
    sent_at: datetime | None
    given_up_at: datetime | None
    error: str | None

    @property
    def state(self) -> NoticeState:
        """What became of it."""
        if self.sent_at is not None:
            return NoticeState.SENT
        return NoticeState.WAITING if self.given_up_at is None else NoticeState.GIVEN_UP


COLUMNS = tuple(getattr(t.Notice, one.name) for one in fields(Notice))


def write_down(
    store: Store,
    news: Iterable[News],
    secrets: Iterable[str] = (),
    *,
    now: datetime | None = None,
    taken_until: datetime | None = None,
) -> list[Notice]:
    """Put into the outbox what is not in it yet, without any of `secrets`; returns what is new.

    With `taken_until` it is the caller's to deliver, and nobody else's before that moment. Safe to
    repeat and beside others: the key is unique and a row that is there is left alone. One
    transaction; if nothing is new, nothing is written.
    """
    told = list(news)
    with store.read() as connection:
        known = set(
            connection.scalars(
                select(t.Notice.key).where(t.Notice.key.in_([one.key for one in told]))
            )
        )
    moment, hidden = now or datetime.now(UTC), list(secrets)
    rows = [_row(one, hidden, moment, taken_until) for one in told if one.key not in known]
    if not rows:
        return []
    with store.write() as connection:
        added = connection.execute(store.insert_ignore(t.Notice).returning(*COLUMNS), rows)
        return [Notice(*row) for row in added]


def notices(
    store: Store, *, state: NoticeState | None = None, limit: int = 100
) -> tuple[Notice, ...]:
    """The newest notices, newest first; those in one state only, if one is given."""
    statement = (
        select(*COLUMNS).order_by(t.Notice.created_at.desc(), t.Notice.id.desc()).limit(limit)
    )
    if state is not None:
        statement = statement.where(_IN_STATE[state])
    with store.read() as connection:
        return tuple(Notice(*row) for row in connection.execute(statement))


def counts(store: Store) -> dict[NoticeState, int]:
    """How many notices are in each state; those in which there are none count 0."""
    columns = [func.count().filter(condition) for condition in _IN_STATE.values()]
    with store.read() as connection:
        row = connection.execute(select(*columns).select_from(t.Notice)).one()
    return dict(zip(_IN_STATE, row, strict=True))


def masked(value: Any, secrets: Sequence[str]) -> Any:
    """A JSON value with every text in it short and free of secrets."""
    match value:
        case str():
            return mask_text(value, secrets)[:LONGEST_TEXT]
        case dict():
            return {masked(str(key), secrets): masked(one, secrets) for key, one in value.items()}
        case list() | tuple():
            return [masked(one, secrets) for one in value]
        case _:
            return value


def _row(
    news: News, secrets: Sequence[str], now: datetime, taken_until: datetime | None
) -> dict[str, Any]:
    return {
        "key": news.key,
        "kind": news.kind.value,
        "created_at": now,
        "happened_at": news.happened_at,
        "title": plain_line(masked(news.title, secrets))[:LONGEST_TITLE],
        "body": masked(dict(news.details), secrets),
        "attempts": 0 if taken_until is None else 1,
        "next_attempt_at": taken_until or now,
    }


_IN_STATE: dict[NoticeState, ColumnElement[bool]] = {
    NoticeState.WAITING: and_(t.Notice.sent_at.is_(None), t.Notice.given_up_at.is_(None)),
    NoticeState.SENT: t.Notice.sent_at.is_not(None),
    NoticeState.GIVEN_UP: and_(t.Notice.sent_at.is_(None), t.Notice.given_up_at.is_not(None)),
}
