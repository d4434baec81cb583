"""Matches to make calls for, and what must hold of the money afterwards, whatever happened."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Connection, insert, select

from arena_pipeline.calls.plan import CallOutcome, CallPlan, CallSite, Refused, Reserved
from arena_pipeline.calls.spending.accounts import (
    NOTHING,
    AccountKey,
    Amounts,
    charged,
)
from arena_pipeline.calls.spending.settling import ENTRY_COLUMNS, entry_of
from arena_pipeline.calls.spending.work import Desk, Settlement
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline.store.tables import (
    Evaluation,
    GameConfig,
    Gateway,
    Ladder,
    LlmCall,
    Match,
    MatchState,
    Participant,
    Purpose,
    Spend,
)
from arena_pipeline_tests.agents import add_agents

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
GATEWAY = "gate"


class Unbounded:
    """Limits that let everything through at once."""

    def admit(
        self,
        store: Store,
        connection: Connection,
        plans: Sequence[CallPlan],
        now: datetime,
        before: Sequence[CallPlan] = (),
    ) -> list[datetime | Refused]:
        """Now."""
        return [now for _ in plans]

    def heed(
        self,
        store: Store,
        connection: Connection,
        settled: Sequence[tuple[Reserved, CallOutcome]],
        now: datetime,
    ) -> None:
        """Not interested."""


def wealthy(settings: Settings, **changed: object) -> Settings:
    """The settings with a thousand USD for everything, but for what is `changed`."""
    rich = {"budget": 1000, "match_budget": 1000, "evaluation_budget": 1000, **changed}
    return settings.model_copy(
        update={
            name: Decimal(str(value)) if name.endswith("budget") else value
            for name, value in rich.items()
        }
    )


def open_matches(
    store: Store, count: int = 1, evaluation_id: int | None = None, first: int = 0
) -> list[CallSite]:
    """So many matches under way, each with one seat; where a call for its first turn is made."""
    sites = []
    with store.write() as connection:
        config = connection.scalar(select(GameConfig.id).limit(1))
        for number in range(first, first + count):
            uuid = str(UUID(int=number + 1))
            match_id = connection.execute(
                insert(Match)
                .values(
                    uuid=uuid,
                    config_id=config,
                    purpose=Purpose.PLACEMENT.value,
                    state=MatchState.RUNNING.value,
                    rule_version="1",
                    evaluation_id=evaluation_id,
                    lease_owner="test",
                    lease_until=NOON + timedelta(minutes=30),
                )
                .returning(Match.id)
            ).scalar_one()
            connection.execute(
                insert(Participant).values(match_id=match_id, slot=0, name=f"model {number}")
            )
            sites.append(CallSite(match_id, uuid, 0, 0, evaluation_id=evaluation_id))
    return sites


def open_evaluation(store: Store, budget: Decimal | None = None, alias: str = "greedy") -> int:
    """An evaluation under way, and its number."""
    agent = add_agents(store, alias)[alias]
    with store.write() as connection:
        return connection.execute(
            insert(Evaluation)
            .values(
                agent_id=agent.agent_id,
                ladder_id=select(Ladder.id).limit(1).scalar_subquery(),
                state="running",
                planned=3,
                budget=budget,
                queued_at=NOON,
            )
            .returning(Evaluation.id)
        ).scalar_one()


def add_gateway(store: Store, daily_cap: Decimal | None = None, name: str = GATEWAY) -> None:
    """Declare the gateway that the calls go through."""
    with store.write() as connection:
        connection.execute(
            insert(Gateway).values(
                name=name, base_url="http://localhost/v1", daily_cap=daily_cap, updated_at=NOON
            )
        )


def priced(site: CallSite, most: str | int | Decimal, gateway: str = GATEWAY) -> CallPlan:
    """A call that may cost so many USD."""
    amount = Decimal(most)
    return CallPlan(site, gateway, "vendor/model", amount, is_free=not amount)


def ask(store: Store, settings: Settings, *plans: CallPlan, now: datetime = NOON) -> list[object]:
    """Reserve these calls in one transaction at `now`."""
    desk = Desk(store, settings, Unbounded(), clock=lambda: now)
    with store.write() as connection:
        return list(desk.do(connection, plans))


def reserved(store: Store, settings: Settings, plan: CallPlan, now: datetime = NOON) -> Reserved:
    """Reserve a call that fits."""
    (answer,) = ask(store, settings, plan, now=now)
    assert isinstance(answer, Reserved), answer
    return answer


def settle(store: Store, settings: Settings, *settled: Settlement, now: datetime = NOON) -> None:
    """Settle these calls in one transaction."""
    desk = Desk(store, settings, Unbounded(), clock=lambda: now)
    with store.write() as connection:
        for answer in desk.do(connection, settled):
            if isinstance(answer, Exception):
                raise answer


def on_record(store: Store) -> dict[AccountKey, Amounts]:
    """What the accounts say, those with nothing on them left out."""
    with store.read() as connection:
        rows = connection.execute(
            select(
                Spend.budget, Spend.window_start, Spend.reserved, Spend.spent, Spend.assumed,
                Spend.overrun,
            )
        ).all()  # fmt: skip
    return {
        AccountKey(row[0], row[1]): amounts
        for row in rows
        if (amounts := Amounts(*row[2:])) != NOTHING
    }


def by_the_ledger(store: Store) -> dict[AccountKey, Amounts]:
    """What they should say: the sums over the calls in the ledger."""
    sums: defaultdict[AccountKey, Amounts] = defaultdict(Amounts)
    with store.read() as connection:
        rows = connection.execute(
            select(*ENTRY_COLUMNS, Match.uuid).join(Match, Match.id == LlmCall.match_id)
        ).all()
    for row in rows:
        entry = entry_of(row)
        for key in charged(entry.gateway, entry.started_at, row.uuid, entry.evaluation_id):
            sums[key] += entry.amounts
    return {key: amounts for key, amounts in sums.items() if amounts != NOTHING}
