"""What is left of every budget, for people: the one over all, each gateway's day, evaluations under
way, and matches under way.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import Connection, select, text

from arena_pipeline.calls.spending.accounts import (
    TOTAL_KEY,
    AccountKey,
    Amounts,
    evaluation_account,
    gateway_account,
    match_account,
    on_accounts,
)
from arena_pipeline.calls.spending.caps import Cap, Caps
from arena_pipeline.registry.gateways import gateway_rows
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline.store.tables import (
    OPEN_STATES,
    Agent,
    Evaluation,
    Ladder,
    Match,
)


class BudgetKind(StrEnum):
    """What a budget is for."""

    TOTAL = "total"
    GATEWAY = "gateway"
    EVALUATION = "evaluation"
    MATCH = "match"


@dataclass(frozen=True, slots=True)
class BudgetState:
    """One budget, in USD. `cap` and `left` are None where there is no cap; `left` is below zero
    after overruns. `resets_at` (UTC): when it begins anew; None: it does not.
    """

    kind: BudgetKind
    name: str
    cap: Decimal | None
    spent: Decimal
    assumed: Decimal
    reserved: Decimal
    overrun: Decimal
    left: Decimal | None
    setting: str
    resets_at: datetime | None = None


def budgets(store: Store, settings: Settings, now: datetime) -> list[BudgetState]:
    """All budgets that count now: the one over all, today's of each gateway in use, those of open
    evaluations, and those of matches under way that have cost something.
    """
    with store.read() as connection:
        gateways = _gateways(connection, now)
        evaluations = _evaluations(connection)
        matches = _matches(connection)
        caps = Caps(connection, settings, gateways, evaluations)
        wanted: list[tuple[BudgetKind, str, AccountKey, Cap]] = [
            (BudgetKind.TOTAL, "over all", TOTAL_KEY, caps.total()),
            *(
                (BudgetKind.GATEWAY, name, gateway_account(name, now), caps.gateway(name))
                for name in gateways
            ),
            *(
                (BudgetKind.EVALUATION, name, evaluation_account(number), caps.evaluation(number))
                for number, name in evaluations.items()
            ),
            *((BudgetKind.MATCH, uuid, match_account(uuid), caps.match()) for uuid in matches),
        ]
        found = on_accounts(connection, [key for _, _, key, _ in wanted])
    return [
        _state(kind, name, key, cap, found[key])
        for kind, name, key, cap in wanted
        if kind is not BudgetKind.MATCH or found[key]
    ]


def _state(kind: BudgetKind, name: str, key: AccountKey, cap: Cap, amounts: Amounts) -> BudgetState:
    return BudgetState(
        kind,
        name,
        cap.amount,
        amounts.spent,
        amounts.assumed,
        amounts.reserved,
        amounts.overrun,
        None if cap.amount is None else cap.amount - amounts.taken,
        cap.setting,
        key.window_start + timedelta(days=1) if kind is BudgetKind.GATEWAY else None,
    )


def _gateways(connection: Connection, now: datetime) -> list[str]:
    """Those declared, and those that cost something today."""
    rows = gateway_rows(connection)
    today = on_accounts(connection, [gateway_account(row.name, now) for row in rows])
    return [row.name for row in rows if row.declared or today[gateway_account(row.name, now)]]


def _evaluations(connection: Connection) -> dict[int, str]:
    """Those open: agent and ladder by number."""
    rows = connection.execute(
        select(Evaluation.id, Agent.alias, Ladder.name)
        .join(Agent, Agent.id == Evaluation.agent_id)
        .join(Ladder, Ladder.id == Evaluation.ladder_id)
        .where(Evaluation.state.in_(OPEN_STATES))
        .order_by(Evaluation.id)
    )
    return {number: f"{alias} on {ladder}" for number, alias, ladder in rows}


def _matches(connection: Connection) -> list[str]:
    return sorted(connection.scalars(select(Match.uuid).where(_IS_UNDER_WAY)))


_IS_UNDER_WAY = text("matches.state IN ('running', 'paused')")
"""As the index of open matches has it."""
