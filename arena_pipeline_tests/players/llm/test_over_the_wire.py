"""A language model in a seat, asked through the ledger over a real socket."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal

import pytest
from sqlalchemy import select

from arena_pipeline.calls.asking import Callee
from arena_pipeline.calls.caller import Caller
from arena_pipeline.calls.clerk import Clerk
from arena_pipeline.catalog.tariff import Tariff
from arena_pipeline.games.chance import SeededChance
from arena_pipeline.players.bots import policy
from arena_pipeline.players.llm.player import LLMPlayer
from arena_pipeline.players.protocol import Decision, FaultKind, PlayerFault, TurnRequest
from arena_pipeline.practice.line_up import Fault, PracticeModel
from arena_pipeline.practice.server import PracticeGateway
from arena_pipeline.practice.serving import served
from arena_pipeline.registry.gateways import GatewayRow
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline.store.tables import LlmCall
from arena_pipeline_tests.calls.spending.seats import add_gateway, open_matches, wealthy
from arena_pipeline_tests.games.snake.boards import start
from arena_pipeline_tests.looping import in_loop
from arena_pipeline_tests.players.llm.prompts import built_in, request

SLUG = "practice/model"
NAME = "practice"
PRICES = Decimal(1), Decimal(4)
CALLEE = Callee(NAME, SLUG, Tariff.of(*PRICES, {}), context_length=8_192)


class Arena:
    """A store with a match under way, and a gateway whose model plays like a bot."""

    def __init__(self, store: Store, settings: Settings, url: str) -> None:
        self.store, self.settings, self.url = store, wealthy(settings), url
        add_gateway(store, name=NAME)
        (self.site,) = open_matches(store)

    async def act(self, step: int = 0) -> Decision:
        """One turn of the seat, by a process that begins anew."""
        gateways = {NAME: GatewayRow(NAME, self.url, None)}
        async with (
            Clerk(self.store, self.settings) as clerk,
            Caller(clerk, gateways, self.settings) as caller,
        ):
            player = LLMPlayer(caller, CALLEE, built_in(), "snake", turn_timeout_s=30)
            return await player.act(self.request(step))

    def request(self, step: int = 0) -> TurnRequest:
        """The question for a turn."""
        return replace(request(start()), site=replace(self.site, step=step))

    def calls(self) -> list[tuple[int, str | None, int | None]]:
        """Question, failure and tokens of every call, oldest first."""
        columns = LlmCall.question, LlmCall.error_kind, LlmCall.completion_tokens
        with self.store.read() as connection:
            rows = connection.execute(select(*columns).order_by(LlmCall.id)).all()
        return [(row.question, row.error_kind, row.completion_tokens) for row in rows]


@contextmanager
def playing(
    store: Store, settings: Settings, **faults: float
) -> Iterator[tuple[Arena, PracticeGateway]]:
    """An arena whose model goes wrong that often."""
    prompt, completion = PRICES
    model = PracticeModel(
        slug=SLUG, policy="greedy", prompt=prompt, completion=completion,
        faults={Fault(name): share for name, share in faults.items()},
    )  # fmt: skip
    gateway = PracticeGateway((model,), fault_rate=0.0, latency_s=0.0, seed=1)
    with served(gateway) as at:
        yield Arena(store, settings, at.base_url), gateway


@in_loop
async def test_a_model_that_plays_like_a_bot_decides_like_it(
    store: Store, arena_settings: Settings
) -> None:
    with playing(store, arena_settings) as (arena, _):
        decision = await arena.act()

    state = start()
    legal = state.legal_actions(0)
    assert legal is not None
    assert policy("greedy").decide(state, 0, legal, SeededChance(0)) == decision.action
    assert decision.rationale
    assert decision.rationale.endswith(decision.action)
    assert decision.input_tokens is not None
    assert decision.cost is not None
    assert 0 < decision.cost < Decimal("0.01")
    assert decision.extra["attempts"] == 1
    assert len(arena.calls()) == 1


@in_loop
async def test_an_answer_on_record_is_not_asked_for_again(
    store: Store, arena_settings: Settings
) -> None:
    with playing(store, arena_settings) as (arena, _):
        first = await arena.act()
        assert await arena.act() == first
        await arena.act(step=1)

    assert len(arena.calls()) == 2


@in_loop
async def test_garbage_is_followed_by_a_reminder_and_counted_with_its_cost(
    store: Store, arena_settings: Settings
) -> None:
    with playing(store, arena_settings, garbage=1.0) as (arena, gateway):
        with pytest.raises(PlayerFault) as caught:
            await arena.act()
        asked = [question for question, _, _ in arena.calls()]
        gateway.change(SLUG, {"faults": {}})
        with pytest.raises(PlayerFault) as again:
            await arena.act()

    fault = caught.value
    assert fault.kind is FaultKind.NO_ACTION
    assert fault.spent is not None
    assert fault.spent.cost is not None
    assert fault.spent.cost > 0
    assert fault.spent.extra["attempts"] == 2
    assert asked == [0, 1]
    assert again.value.spent == fault.spent
    assert len(arena.calls()) == 2


@in_loop
async def test_each_way_of_not_answering_is_a_fault_of_its_kind(
    store: Store, arena_settings: Settings
) -> None:
    kinds = FaultKind.EMPTY, FaultKind.CUT_OFF, FaultKind.REFUSAL
    seen = []

    with playing(store, arena_settings) as (arena, gateway):
        for step, kind in enumerate(kinds):
            gateway.change(SLUG, {"faults": {Fault(kind.value): 1.0}})
            with pytest.raises(PlayerFault) as caught:
                await arena.act(step)
            seen.append(caught.value.kind)

    assert tuple(seen) == kinds
    assert [question for question, _, _ in arena.calls()] == [0, 1] * 3
