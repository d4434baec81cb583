"""The pause of everything: a person's switch in the store, which every process heeds before its
next match and its next call.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, select, update

from arena_pipeline.logs import logger
from arena_pipeline.registry.acts.audit import By, SubjectKind, write_audit
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Switch

PAUSE = "pause"
"""The switch's name."""

_ARENA = "arena"
_LOG = logger(__name__)


@dataclass(frozen=True, slots=True)
class Paused:
    """That the arena is paused: since when (UTC), by whom, and why; None: unsaid."""

    since: datetime
    by: str
    reason: str | None

    def __str__(self) -> str:
        """Half a sentence for whoever wonders why nothing happens."""
        why = "" if self.reason is None else f": {self.reason}"
        return f"paused since {self.since:%Y-%m-%d %H:%M} UTC by {self.by}{why}"


def is_paused(connection: Connection) -> Paused | None:
    """Whether everything is paused; None: it is not."""
    row = connection.execute(
        select(Switch.set_at, Switch.set_by, Switch.reason).where(
            Switch.name == PAUSE, Switch.is_on
        )
    ).one_or_none()
    return None if row is None else Paused(*row)


def pause(store: Store, actor: str, reason: str | None = None) -> bool:
    """Let nothing new begin: no match, no call; what is under way pauses at its next call. False if
    it was paused before, which then stays as it is.

    One transaction with its entry in the audit log; of two at the same time one does it. Raises
    ActRefused.
    """
    return _turn(store, By.of(actor, reason), on=True)


def resume(store: Store, actor: str, reason: str | None = None) -> bool:
    """Let everything go on; False if nothing was paused. Safe as `pause` is."""
    return _turn(store, By.of(actor, reason), on=False)


def _turn(store: Store, by: By, *, on: bool) -> bool:
    values = {
        "is_on": on,
        "reason": by.reason,
        "set_by": by.actor,
        "set_at": datetime.now(UTC),
    }
    with store.write() as connection:
        # The row is there first, so that one statement on it can decide.
        connection.execute(store.insert_ignore(Switch), [{"name": PAUSE, **values, "is_on": False}])
        changed = connection.execute(
            update(Switch).where(Switch.name == PAUSE, Switch.is_on.is_not(on)).values(**values)
        ).rowcount
        if not changed:
            return False
        write_audit(connection, by, "pause" if on else "resume", SubjectKind.STORE, _ARENA)
    _LOG.info("arena paused" if on else "arena resumed", by=by.actor, reason=by.reason)
    return True
