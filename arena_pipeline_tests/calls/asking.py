"""Asking one question end to end in tests: a store, a match, a gateway that acts as told."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from arena_pipeline.calls.asking import Answer, Callee, Message, Question
from arena_pipeline.calls.caller import Caller
from arena_pipeline.calls.clerk import Clerk
from arena_pipeline.calls.plan import CallRefused, CallSite
from arena_pipeline.catalog.tariff import Tariff
from arena_pipeline.registry.gateways import GatewayRow
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline.store.tables import LlmCall
from arena_pipeline_tests.calls.spending.seats import (
    add_gateway,
    open_matches,
    wealthy,
)
from arena_pipeline_tests.calls.wire.scripted import (
    Action,
    ScriptedGateway,
)

CALLEE = Callee("gate", "acme/one", Tariff.of(Decimal(1), Decimal(2), {}))
BILL = Decimal("0.0000415844")
KEY = "a-key-of-the-tests-0001"

Ask = Callable[[Caller], Awaitable[Any]]


def question(site: CallSite, seconds: float = 20) -> Question:
    until = datetime.now(UTC) + timedelta(seconds=seconds)
    return Question(site, (Message("system", "Play."), Message("user", "Your move?")), until)


class Asking:
    """A store with one match and a gateway that acts as told."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self.store, self.settings = store, wealthy(settings, retry_wait_s=2.0, circuit_open_s=30.0)
        self.row = GatewayRow("gate", "", "GATE_KEY")
        add_gateway(store)
        (self.site,) = open_matches(store)
        self.gateway = ScriptedGateway([])

    def run(self, actions: list[Action], ask: Ask, gateway: GatewayRow | None = None) -> Any:
        async def go() -> Any:
            async with asyncio.timeout(30), ScriptedGateway(actions) as self.gateway:
                row = replace(gateway or self.row, base_url=self.gateway.base_url)
                async with (
                    Clerk(self.store, self.settings) as clerk,
                    Caller(clerk, {row.name: row}, self.settings) as caller,
                ):
                    return await ask(caller)

        return asyncio.run(go())

    def ask(self, *actions: Action, callee: Callee = CALLEE, seconds: float = 20) -> Answer:
        made: Answer = self.run(
            list(actions), lambda caller: caller.ask(callee, question(self.site, seconds))
        )
        return made

    def refusal(
        self, *actions: Action, callee: Callee = CALLEE, seconds: float = 20
    ) -> CallRefused:
        with pytest.raises(CallRefused) as caught:
            self.ask(*actions, callee=callee, seconds=seconds)
        return caught.value

    def rows(self) -> list[Any]:
        columns = LlmCall.__table__.columns
        with self.store.read() as connection:
            return list(connection.execute(select(*columns).order_by(LlmCall.attempt)))
