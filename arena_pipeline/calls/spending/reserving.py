"""Setting money aside for calls before they are sent, or saying which budget they do not fit into.

What belongs here: the decision for many plans at once, within a transaction that holds their
accounts. Rates, quotas and circuits are in `calls.limits`, which is asked about plans that fit.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import Connection, func, insert, select

from arena_pipeline.calls.kinds import RefusalKind
from arena_pipeline.calls.plan import CallPlan, CallSite, Refused, Reserved
from arena_pipeline.calls.spending.accounts import (
    EPOCH,
    NOTHING,
    AccountKey,
    Accounts,
    Amounts,
    charged,
    gateway_account,
)
from arena_pipeline.calls.spending.caps import Caps
from arena_pipeline.calls.spending.turns import Turn, at_turns, these_turns, turn_of
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline.store.tables import LlmCall, Switch

PAUSE = "pause"
"""The switch that keeps every call from being sent."""

TIED_UP_S = 2.0
"""Seconds after which to ask again where money that would do is only set aside for other calls."""


class Admits(Protocol):
    """Who says when a call that can be paid may go out. `calls.limits.Limits` does."""

    def admit(
        self,
        store: Store,
        connection: Connection,
        plans: Sequence[CallPlan],
        now: datetime,
        before: Sequence[CallPlan] = (),
    ) -> list[datetime | Refused]:
        """For each plan when it may be sent, or why it is not; what it takes is taken then.

        `before` are those admitted in this transaction already.
        """
        ...


@dataclass(frozen=True, slots=True)
class Wish:
    """A plan at the time at which it is decided on. `keys` are the accounts that it may come to be
    charged to: none if it is free; two days of its gateway shortly before midnight (UTC), as it
    goes out until `latest`.
    """

    plan: CallPlan
    keys: tuple[AccountKey, ...]
    now: datetime
    latest: datetime

    @classmethod
    def of(cls, plan: CallPlan, now: datetime, wait: float) -> "Wish":
        """A plan for a call that goes out within `wait` seconds. Raises ValueError for one whose
        most is negative.
        """
        latest = now + timedelta(seconds=wait)
        if plan.most < 0:
            raise ValueError(f"A call can't cost {plan.most} USD at most")
        if not plan.most:
            return cls(plan, (), now, latest)
        site = plan.site
        keys = charged(plan.gateway, now, site.match_uuid, site.evaluation_id)
        late = gateway_account(plan.gateway, latest)
        return cls(plan, keys if late in keys else (*keys, late), now, latest)

    @property
    def amounts(self) -> Amounts:
        """What is set aside for it."""
        return Amounts(reserved=self.plan.most)

    def start(self, send_at: datetime) -> datetime:
        """The start that the ledger gives it: on a day whose account is held for it."""
        return min(send_at, self.latest)

    def not_charged(self, send_at: datetime) -> tuple[AccountKey, ...]:
        """Those of `keys` that are not charged if it goes out then."""
        if len(self.keys) == 0:
            return ()
        day = gateway_account(self.plan.gateway, self.start(send_at))
        return tuple(key for key in self.keys if key.budget == day.budget and key != day)


def reserve(
    store: Store,
    connection: Connection,
    settings: Settings,
    admits: Admits,
    accounts: Accounts,
    wishes: Sequence[Wish],
) -> list[Reserved | Refused]:
    """One answer per wish: its row in the ledger with its money set aside, or why not.

    `accounts` holds the keys of every wish and is changed, not written. What is refused leaves
    nothing behind.
    """
    paused = _paused(connection)
    if paused is not None:
        return [paused] * len(wishes)
    send_at, refused = _admitted(store, connection, settings, admits, accounts, wishes)
    attempts = _attempts(connection, [wishes[index].plan.site for index in send_at])
    rows: list[dict[str, Any]] = []
    for index, moment in send_at.items():
        plan, site = wishes[index].plan, wishes[index].plan.site
        turn = turn_of(site)
        attempts[turn] = attempts.get(turn, 0) + 1
        rows.append(
            {
                "match_id": site.match_id,
                "step": site.step,
                "slot": site.slot,
                "attempt": attempts[turn],
                "question": site.question,
                "evaluation_id": site.evaluation_id,
                "agent_id": site.agent_id,
                "model_id": site.model_id,
                "gateway": plan.gateway,
                "client_name": plan.client_name,
                "started_at": wishes[index].start(moment),
                "reserved": plan.most,
            }
        )
    ids = connection.execute(_INSERT, rows).scalars().all() if rows else []
    answers: dict[int, Reserved | Refused] = dict(refused)
    for (index, moment), row, number in zip(send_at.items(), rows, ids, strict=True):
        answers[index] = Reserved(number, wishes[index].plan, row["attempt"], moment)
    return [answers[index] for index in range(len(wishes))]


def _admitted(
    store: Store,
    connection: Connection,
    settings: Settings,
    admits: Admits,
    accounts: Accounts,
    wishes: Sequence[Wish],
) -> tuple[dict[int, datetime], dict[int, Refused]]:
    """By their places in `wishes`: when those may be sent that may, and why the others are not.

    Wishes that did not fit are looked at again when one that did was not admitted and left room.
    """
    caps = _caps(connection, settings, wishes)
    send_at: dict[int, datetime] = {}
    refused: dict[int, Refused] = {}
    asked = list(range(len(wishes)))
    while asked:
        fits: list[int] = []
        for index in asked:
            wish = wishes[index]
            no = _unpaid(wish, caps, accounts)
            if no is None:
                accounts.add(wish.keys, wish.amounts)
                fits.append(index)
            else:
                refused[index] = no
        if not fits:
            break
        plans = [wishes[index].plan for index in fits]
        before = [wishes[index].plan for index in send_at]
        answers = admits.admit(store, connection, plans, wishes[0].now, before)
        left_room = False
        for index, answer in zip(fits, answers, strict=True):
            wish = wishes[index]
            if isinstance(answer, Refused):
                accounts.add(wish.keys, NOTHING - wish.amounts)
                refused[index] = answer
                left_room = True
            else:
                accounts.add(wish.not_charged(answer), NOTHING - wish.amounts)
                refused.pop(index, None)
                send_at[index] = answer
        asked = [index for index in asked if index not in fits] if left_room else []
    return send_at, refused


def _caps(connection: Connection, settings: Settings, wishes: Sequence[Wish]) -> Caps:
    paid = [wish.plan for wish in wishes if wish.keys]
    evaluations = (plan.site.evaluation_id for plan in paid)
    return Caps(
        connection,
        settings,
        {plan.gateway for plan in paid},
        {number for number in evaluations if number is not None},
    )


def _unpaid(wish: Wish, caps: Caps, accounts: Accounts) -> Refused | None:
    """Which budget a wish does not fit into, the one that is gone for longest first."""
    plan = wish.plan
    found: list[tuple[datetime, Refused]] = []
    never = datetime.max.replace(tzinfo=UTC)
    for key, cap in caps.over(wish.keys):
        amounts = accounts[key]
        if not cap.lacks(amounts, plan.most):
            continue
        until: datetime | None = wish.now + timedelta(seconds=TIED_UP_S)
        if cap.is_gone(amounts, plan.most):
            comes_back = key.window_start != EPOCH and not cap.lacks(NOTHING, plan.most)
            until = key.window_start + timedelta(days=1) if comes_back else None
        refused = Refused(RefusalKind.BUDGET, cap.refusal(amounts, plan.most), until)
        found.append((until or never, refused))
    return max(found, key=lambda one: one[0])[1] if found else None


def _paused(connection: Connection) -> Refused | None:
    row = connection.execute(_PAUSED).one_or_none()
    if row is None:
        return None
    why = f": {row.reason}" if row.reason else ""
    return Refused(
        RefusalKind.PAUSED,
        f"the arena is paused since {row.set_at:%Y-%m-%d %H:%M} UTC by {row.set_by}{why}; "
        "arena resume lets it go on",
    )


def _attempts(connection: Connection, sites: Iterable[CallSite]) -> dict[Turn, int]:
    """How many attempts there were for these turns."""
    turns = {turn_of(site) for site in sites}
    if not turns:
        return {}
    query = _ATTEMPTS.where(at_turns(connection, LlmCall.match_id, LlmCall.step, LlmCall.slot))
    rows = connection.execute(query, these_turns(connection, turns))
    return {(row[0], row[1], row[2]): row[3] for row in rows}


_PAUSED = select(Switch.reason, Switch.set_by, Switch.set_at).where(
    Switch.name == PAUSE, Switch.is_on.is_(True)
)
_ATTEMPTS = select(
    LlmCall.match_id, LlmCall.step, LlmCall.slot, func.max(LlmCall.attempt)
).group_by(LlmCall.match_id, LlmCall.step, LlmCall.slot)
_INSERT = insert(LlmCall).returning(LlmCall.id, sort_by_parameter_order=True)
