"""One transaction of the clerk: settlements, reservations and look-ups of many calls together.

What belongs here: the order of the steps, and with it the order in which rows are locked on
PostgreSQL: evaluations, calls by id, accounts with the total first, then those of the limits.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from sqlalchemy import Connection

from arena_pipeline.calls.kinds import ErrorKind
from arena_pipeline.calls.plan import CallOutcome, CallPlan, CallSite, Refused, Reserved
from arena_pipeline.calls.spending import reserving, settling
from arena_pipeline.calls.spending.accounts import TOTAL_KEY, AccountKey, Accounts
from arena_pipeline.calls.spending.answers import RecordedAnswer, answers
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store


@dataclass(frozen=True, slots=True)
class Settlement:
    """A call and what came of it."""

    reserved: Reserved
    outcome: CallOutcome


@dataclass(frozen=True, slots=True)
class Unsent:
    """A reservation that nobody will send."""

    reserved: Reserved


Task = CallPlan | Settlement | Unsent | CallSite
"""What is asked of the clerk: a reservation, a settlement, the undoing of a reservation, or the
answer on record.
"""

Answer = Reserved | Refused | RecordedAnswer | None


class Bounds(reserving.Admits, Protocol):
    """The limits of calls: asked before one is sent, told what came of it. `calls.limits.Limits` is
    one.
    """

    def heed(
        self,
        store: Store,
        connection: Connection,
        settled: Sequence[tuple[Reserved, CallOutcome]],
        now: datetime,
    ) -> None:
        """Learn from the outcomes of these calls."""
        ...


def utc_now() -> datetime:
    """The time."""
    return datetime.now(UTC)


class Desk:
    """Does the work of `calls.clerk.Clerk` within transactions that it is given."""

    def __init__(
        self,
        store: Store,
        settings: Settings,
        bounds: Bounds,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._store = store
        self._settings = settings
        self._bounds = bounds
        self._clock = clock

    def do(self, connection: Connection, tasks: Sequence[Task]) -> list[Answer | Exception]:
        """One answer per task, in their order; settlements come before reservations, as they free
        money. Safe to try again.
        """
        now = self._clock()
        lot = Lot.of(tasks)
        found = self._hold(connection, lot)
        outcomes = settling.changes(found, [(one.reserved, one.outcome) for one in lot.settled])
        changed = [one for one in outcomes if isinstance(one, settling.Change)]
        wait = self._settings.retry_wait_s
        wishes = [reserving.Wish.of(plan, now, wait) for plan in lot.plans]
        accounts = Accounts(self._store, connection, _keys(lot, found, changed, wishes))

        settling.write_outcomes(connection, accounts, changed)
        for one in changed:
            # Settled by this very transaction, it is not taken back as well.
            del found[one.entry.id]
        settling.take_back(connection, accounts, found, [one.reserved for one in lot.unsent])
        self._heed(connection, lot, outcomes, now)
        answered = (
            reserving.reserve(
                self._store, connection, self._settings, self._bounds, accounts, wishes
            )
            if wishes
            else []
        )
        accounts.write()
        settling.write_spent(connection, accounts, changed)
        told = [one if isinstance(one, Exception) else None for one in outcomes]
        return lot.in_order(answered, told, answers(connection, lot.sites) if lot.sites else [])

    def _hold(self, connection: Connection, lot: "Lot") -> dict[int, settling.Entry]:
        """The calls that are to be settled or undone, held, and before them their evaluations."""
        reserved = [one.reserved for one in lot.settled] + [one.reserved for one in lot.unsent]
        if not reserved:
            return {}
        paying = [one.reserved.plan.site.evaluation_id for one in lot.settled]
        settling.hold_evaluations(self._store, connection, paying)
        return settling.entries(connection, [one.call_id for one in reserved])

    def _heed(
        self,
        connection: Connection,
        lot: "Lot",
        outcomes: Sequence[settling.Change | settling.UnknownCall | None],
        now: datetime,
    ) -> None:
        told = [
            (one.reserved, one.outcome)
            for one, outcome in zip(lot.settled, outcomes, strict=True)
            if isinstance(outcome, settling.Change)
        ]
        never_sent = CallOutcome(now, error_kind=ErrorKind.CANCELLED)
        told += [(one.reserved, never_sent) for one in lot.unsent]
        if told:
            self._bounds.heed(self._store, connection, told, now)


@dataclass(frozen=True, slots=True)
class Lot:
    """Tasks by kind; `kinds` is the kind of each in their order."""

    kinds: tuple[type[Task], ...]
    plans: list[CallPlan]
    settled: list[Settlement]
    unsent: list[Unsent]
    sites: list[CallSite]

    @classmethod
    def of(cls, tasks: Sequence[Task]) -> "Lot":
        """The tasks of one transaction."""
        return cls(
            tuple(type(task) for task in tasks),
            [task for task in tasks if isinstance(task, CallPlan)],
            [task for task in tasks if isinstance(task, Settlement)],
            [task for task in tasks if isinstance(task, Unsent)],
            [task for task in tasks if isinstance(task, CallSite)],
        )

    def in_order(
        self,
        plans: Sequence[Reserved | Refused],
        settled: Sequence[Exception | None],
        sites: Sequence[RecordedAnswer | None],
    ) -> list[Answer | Exception]:
        """The answers by kind as answers in the order of the tasks."""
        by_kind: dict[type, Iterator[Answer | Exception]] = {
            CallPlan: iter(plans),
            Settlement: iter(settled),
            CallSite: iter(sites),
            Unsent: iter([None] * len(self.unsent)),
        }
        return [next(by_kind[kind]) for kind in self.kinds]


def _keys(
    lot: Lot,
    found: Mapping[int, settling.Entry],
    changed: Iterable[settling.Change],
    wishes: Iterable[reserving.Wish],
) -> set[AccountKey]:
    """The accounts that a transaction may change; with the total, which keeps clerks from waiting
    for each other in a ring over the rows of the limits.
    """
    keys = {key for one in changed for key in one.keys}
    for one in lot.unsent:
        entry = found.get(one.reserved.call_id)
        if entry is not None and entry.reserved:
            keys.update(settling.keys_of(entry, one.reserved.plan.site.match_uuid))
    for wish in wishes:
        keys.update(wish.keys)
    if lot.plans or lot.settled or lot.unsent:
        keys.add(TOTAL_KEY)
    return keys
