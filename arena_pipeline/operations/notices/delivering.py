"""Working off the outbox: who takes a notice sends it, and nobody else does meanwhile.

At least once: a process that dies after the receiver took a notice and before that is written down
leaves it to be sent again. `id` and `key` in what is sent (`Idempotency-Key` in the header) tell
the receiver that it has it already.
"""

import random
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, and_, or_, select, update

from arena_pipeline.logs import logger
from arena_pipeline.masking import mask_text
from arena_pipeline.operations.notices.outbox import COLUMNS, News, Notice, masked, write_down
from arena_pipeline.operations.notices.posting import Outcome, need_address, post
from arena_pipeline.settings import Settings, secret_values
from arena_pipeline.store import Store
from arena_pipeline.store import tables as t
from arena_pipeline.store.tables import NoticeKind

FIRST_PAUSE_S = 30.0
"""Pause after the first failed delivery; each next is twice as long, up to the longest."""
LONGEST_PAUSE_S = 3600.0
MARGIN_S = 30.0
"""A notice is taken for as long as its delivery may last, and so much longer."""

_LOG = logger(__name__)
_DIED = "The process that sent it last did not live to say what came of it."

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Delivered:
    """What one pass over the outbox did: counts, and why the last failure was one."""

    sent: int = 0
    failed: int = 0
    given_up: int = 0
    error: str | None = None


def deliver_due(
    store: Store,
    settings: Settings,
    *,
    most: int = 100,
    within_s: float = 60.0,
    on_tried: Callable[[int], None] = lambda tried: None,
    clock: Clock = lambda: datetime.now(UTC),
) -> Delivered:
    """Send the notices that are due, at most so many, beginning none that could last longer than
    `within_s` seconds from now (the first one is always begun).

    Safe beside others: one conditional UPDATE takes a notice by moving its time into the future, so
    that two processes never send it at the same time. Interrupted, it is due again when that time
    has come. A delivery that fails is tried again later, each time after a longer pause, and given
    up after ARENA_NOTIFY_ATTEMPTS. When nobody answers, the others wait for the next pass instead
    of being tried in vain. `on_tried` is told how many were tried. Raises BadNoticeAddress.
    """
    url = need_address(settings)
    began, sent, failed = time.monotonic(), 0, 0
    given_up, error = _give_up_dead(store, settings, clock()), None
    while sent + failed < most:
        spent_s = time.monotonic() - began
        if sent + failed and spent_s + settings.notify_timeout_s > within_s:
            break
        notice = _take(store, settings, clock())
        if notice is None:
            break
        outcome = _send(url, settings, notice)
        if outcome.arrived:
            sent += 1
            _note_sent(store, notice, clock())
        else:
            failed, error = failed + 1, outcome.error
            given_up += _note_failed(store, settings, notice, outcome, clock())
        on_tried(sent + failed)
        if not (outcome.arrived or outcome.is_refused):
            break
    return Delivered(sent, failed, given_up, error)


def send_test(store: Store, settings: Settings) -> Outcome:
    """Write down a notice that is only a test, and send it at once; tried once, unless the process
    dies meanwhile. Raises BadNoticeAddress.
    """
    url, now = need_address(settings), datetime.now(UTC)
    test = News(f"test:{uuid4()}", NoticeKind.TEST, now, "This is a test of the arena's notices.")
    [notice] = write_down(store, [test], now=now, taken_until=now + _lease(settings))
    outcome = _send(url, settings, notice)
    if outcome.arrived:
        _note_sent(store, notice, datetime.now(UTC))
    else:
        _note_failed(store, settings, notice, outcome, datetime.now(UTC), is_last=True)
    return outcome


def document(notice: Notice, settings: Settings) -> dict[str, Any]:
    """What is sent of a notice. `arena` tells arenas apart that report to one address."""
    secrets = list(secret_values(settings))
    text: dict[str, Any] = masked({"title": notice.title, "details": notice.body}, secrets)
    return {
        "id": notice.id,
        "key": notice.key,
        "kind": notice.kind,
        "title": text["title"],
        "happened_at": notice.happened_at.isoformat(),
        "arena": f"{socket.gethostname()}:{settings.root}",
        "details": text["details"],
    }


def pause_after(attempts: int, chance: Callable[[], float] = random.random) -> timedelta:
    """How long to wait after so many failed deliveries: twice as long each time, and up to a
    quarter more by chance, so that those that failed together do not come again together.
    """
    doubled = FIRST_PAUSE_S * 2 ** min(attempts - 1, 20)
    return timedelta(seconds=min(doubled, LONGEST_PAUSE_S) * (1 + chance() / 4))


def _send(url: str, settings: Settings, notice: Notice) -> Outcome:
    outcome = post(url, document(notice, settings), notice.key, settings.notify_timeout_s)
    if outcome.error is None:
        return outcome
    return replace(outcome, error=mask_text(outcome.error, secret_values(settings)))


def _lease(settings: Settings) -> timedelta:
    """How long a notice is taken for."""
    return timedelta(seconds=settings.notify_timeout_s + MARGIN_S)


def _due(now: datetime) -> ColumnElement[bool]:
    """Also what lies further in the future than any pause: the clock has been set back."""
    never = now + timedelta(seconds=2 * LONGEST_PAUSE_S)
    time_has_come = or_(t.Notice.next_attempt_at <= now, t.Notice.next_attempt_at > never)
    return and_(t.Notice.sent_at.is_(None), t.Notice.given_up_at.is_(None), time_has_come)


def _take(store: Store, settings: Settings, now: datetime) -> Notice | None:
    """The notice that is due the longest, now ours until its delivery must be over; None: none."""
    first = (
        select(t.Notice.id)
        .where(_due(now))
        .order_by(t.Notice.next_attempt_at, t.Notice.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    with store.write() as connection:
        row = connection.execute(
            update(t.Notice)
            .where(t.Notice.id == first.scalar_subquery(), _due(now))
            .values(attempts=t.Notice.attempts + 1, next_attempt_at=now + _lease(settings))
            .returning(*COLUMNS)
        ).one_or_none()
    return None if row is None else Notice(*row)


def _give_up_dead(store: Store, settings: Settings, now: datetime) -> int:
    """Give up notices that were tried often enough by processes that died of it, or meanwhile."""
    exhausted = (_due(now), t.Notice.attempts >= settings.notify_attempts)
    with store.read() as connection:
        if connection.scalar(select(t.Notice.id).where(*exhausted).limit(1)) is None:
            return 0
    with store.write() as connection:
        rows = connection.execute(
            update(t.Notice)
            .where(*exhausted)
            .values(given_up_at=now, error=_DIED)
            .returning(t.Notice.key, t.Notice.attempts)
        ).all()
    for row in rows:
        _LOG.warning("notice given up", key=row.key, attempts=row.attempts, error=_DIED)
    return len(rows)


def _note_sent(store: Store, notice: Notice, now: datetime) -> None:
    _note(store, notice, {"sent_at": now, "given_up_at": None, "error": None})
    _LOG.info("notice sent", key=notice.key, kind=notice.kind, attempts=notice.attempts)


def _note_failed(
    store: Store,
    settings: Settings,
    notice: Notice,
    outcome: Outcome,
    now: datetime,
    *,
    is_last: bool = False,
) -> bool:
    """Write down a failure and when to try again; returns whether it was the last one."""
    is_last = is_last or notice.attempts >= settings.notify_attempts
    pause = max(pause_after(notice.attempts), timedelta(seconds=outcome.pause_s))
    change = {"given_up_at": now} if is_last else {"next_attempt_at": now + pause}
    # Whoever took it over after our time was up decides what becomes of it.
    _note(store, notice, {**change, "error": outcome.error}, t.Notice.attempts == notice.attempts)
    facts = {"key": notice.key, "attempts": notice.attempts, "error": outcome.error}
    if is_last:
        _LOG.warning("notice given up", **facts)
    else:
        _LOG.info("notice not delivered", **facts, next_in_s=round(pause.total_seconds()))
    return is_last


def _note(
    store: Store, notice: Notice, change: Mapping[str, Any], *where: ColumnElement[bool]
) -> None:
    with store.write() as connection:
        connection.execute(
            update(t.Notice)
            .where(t.Notice.id == notice.id, t.Notice.sent_at.is_(None), *where)
            .values(**change)
        )
