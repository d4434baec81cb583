"""The clerk: reservations and settlements of many tasks, none lost whatever becomes of a task."""

import asyncio
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from arena_pipeline.calls.clerk import Clerk
from arena_pipeline.calls.kinds import ErrorKind
from arena_pipeline.calls.plan import CallOutcome, CallSite, Refused, Reserved
from arena_pipeline.calls.spending.accounts import TOTAL_KEY, Amounts
from arena_pipeline.calls.spending.settling import UnknownCall
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline.store.tables import LlmCall
from arena_pipeline_tests.calls.spending.seats import (
    NOON,
    add_gateway,
    by_the_ledger,
    on_record,
    open_matches,
    priced,
    wealthy,
)
from arena_pipeline_tests.looping import in_loop

BILL = Decimal("0.01")


@in_loop
async def test_many_tasks_share_few_transactions_and_all_is_counted(
    store: Store, arena_settings: Settings
) -> None:
    add_gateway(store)
    sites = open_matches(store, 60)

    async def call(site: CallSite) -> None:
        reserved = await clerk.reserve(priced(site, "0.1"))
        assert isinstance(reserved, Reserved)
        await clerk.settle(reserved, CallOutcome(NOON, cost_billed=BILL))

    async with Clerk(store, wealthy(arena_settings)) as clerk:
        await asyncio.gather(*map(call, sites))

    assert on_record(store)[TOTAL_KEY] == Amounts(spent=60 * BILL)
    assert on_record(store) == by_the_ledger(store)


@in_loop
async def test_a_cap_holds_for_tasks_that_ask_at_once(
    store: Store, arena_settings: Settings
) -> None:
    add_gateway(store)
    sites = open_matches(store, 30)

    async with Clerk(store, wealthy(arena_settings, budget="1")) as clerk:
        answers = await asyncio.gather(*(clerk.reserve(priced(site, "0.1")) for site in sites))

    assert sum(isinstance(one, Reserved) for one in answers) == 10
    assert sum(isinstance(one, Refused) for one in answers) == 20


@in_loop
async def test_a_reservation_that_nobody_waits_for_any_more_is_taken_back(
    store: Store, arena_settings: Settings
) -> None:
    add_gateway(store)
    (site,) = open_matches(store)

    async with Clerk(store, wealthy(arena_settings)) as clerk:
        task = asyncio.ensure_future(clerk.reserve(priced(site, "0.1")))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    assert on_record(store) == {}
    with store.read() as connection:
        assert connection.scalar(select(func.count()).select_from(LlmCall)) == 0


@in_loop
async def test_a_call_that_is_not_sent_after_all_leaves_nothing(
    store: Store, arena_settings: Settings
) -> None:
    add_gateway(store)
    (site,) = open_matches(store)

    async with Clerk(store, wealthy(arena_settings)) as clerk:
        reserved = await clerk.reserve(priced(site, "0.1"))
        assert isinstance(reserved, Reserved)
        await clerk.release(reserved)
        await clerk.release(reserved)

    assert on_record(store) == {}
    with store.read() as connection:
        assert connection.scalar(select(func.count()).select_from(LlmCall)) == 0


@in_loop
async def test_a_settlement_goes_on_when_its_task_is_cancelled(
    store: Store, arena_settings: Settings
) -> None:
    add_gateway(store)
    (site,) = open_matches(store)

    async with Clerk(store, wealthy(arena_settings)) as clerk:
        reserved = await clerk.reserve(priced(site, "0.1"))
        assert isinstance(reserved, Reserved)
        task = asyncio.ensure_future(clerk.settle(reserved, CallOutcome(NOON, cost_billed=BILL)))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    assert on_record(store)[TOTAL_KEY] == Amounts(spent=BILL)


@in_loop
async def test_one_bad_operation_does_not_spoil_the_others(
    store: Store, arena_settings: Settings
) -> None:
    add_gateway(store)
    (site,) = open_matches(store)
    nowhere = CallSite(10**6, site.match_uuid, 0, 0)
    unknown = Reserved(10**6, priced(site, "0.1"), 1, NOON)

    async with Clerk(store, wealthy(arena_settings)) as clerk:
        good, bad, unheard = await asyncio.gather(
            clerk.reserve(priced(site, "0.1")),
            clerk.reserve(priced(nowhere, "0.1")),
            clerk.settle(unknown, CallOutcome(NOON)),
            return_exceptions=True,
        )

    assert isinstance(good, Reserved)
    assert isinstance(bad, Exception)
    assert isinstance(unheard, UnknownCall)
    assert on_record(store)[TOTAL_KEY] == Amounts(reserved=Decimal("0.1"))


@in_loop
async def test_an_answer_on_record_is_found_with_all_that_it_took(
    store: Store, arena_settings: Settings
) -> None:
    add_gateway(store)
    (site,) = open_matches(store)
    plan = priced(site, "0.1")
    failed = CallOutcome(NOON, error_kind=ErrorKind.SERVER)
    good = CallOutcome(
        NOON + timedelta(seconds=1), host="A", prompt_tokens=1000, completion_tokens=50,
        cost_billed=BILL, payload="{}",
    )  # fmt: skip

    async with Clerk(store, wealthy(arena_settings)) as clerk:
        assert await clerk.answered(site) is None
        for outcome in (failed, good):
            reserved = await clerk.reserve(plan)
            assert isinstance(reserved, Reserved)
            assert await clerk.answered(site) is None
            await clerk.settle(reserved, outcome)
        answer = await clerk.answered(site)
        other = await clerk.answered(CallSite(site.match_id, site.match_uuid, 0, 0, question=1))

    assert answer is not None
    assert (answer.payload, answer.attempts, answer.host) == ("{}", 2, "A")
    assert (answer.prompt_tokens, answer.completion_tokens, answer.cost) == (1000, 50, BILL)
    assert other is None


@in_loop
async def test_an_unknown_cost_on_the_way_to_an_answer_leaves_its_cost_unknown(
    store: Store, arena_settings: Settings
) -> None:
    add_gateway(store)
    (site,) = open_matches(store)

    async with Clerk(store, wealthy(arena_settings)) as clerk:
        for outcome in (
            CallOutcome(NOON, sent_at=NOON, error_kind=ErrorKind.TIMEOUT),
            CallOutcome(NOON, cost_billed=BILL, prompt_tokens=7),
        ):
            reserved = await clerk.reserve(priced(site, "0.1"))
            assert isinstance(reserved, Reserved)
            await clerk.settle(reserved, outcome)
        answer = await clerk.answered(site)

    assert answer is not None
    assert answer.cost is None
    assert answer.prompt_tokens == 7
    assert answer.completion_tokens is None
