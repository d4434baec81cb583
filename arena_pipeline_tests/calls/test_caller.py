"""Asking a question end to end: store, limits, a real socket."""

import asyncio
import json
from dataclasses import replace
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from arena_pipeline.calls.asking import Answer
from arena_pipeline.calls.caller import Caller
from arena_pipeline.calls.kinds import RefusalKind
from arena_pipeline.calls.spending.accounts import TOTAL_KEY, Amounts
from arena_pipeline.store import Store
from arena_pipeline.store.tables import LlmCall
from arena_pipeline_tests.calls.asking import BILL, CALLEE, Asking, question
from arena_pipeline_tests.calls.spending.seats import (
    by_the_ledger,
    on_record,
    open_matches,
)
from arena_pipeline_tests.calls.wire.scripted import (
    answer,
    completion,
    drop,
    stall,
)


def test_an_answer_is_asked_for_paid_and_written_down(asking: Asking) -> None:
    said = asking.ask(answer(completion("I go\nUP"), X_Generation_Id="gen-7"))

    assert (said.text, said.problem, said.attempts) == ("I go\nUP", None, 1)
    assert (said.prompt_tokens, said.completion_tokens, said.cost) == (100, 20, BILL)
    (row,) = asking.rows()
    assert (row.http_status, row.error_kind, row.host) == (200, None, "Acme North")
    assert (row.request_id, row.finish_reason) == ("gen-7", "stop")
    assert (row.cost_billed, row.cost_estimated) == (BILL, Decimal("0.00014"))
    assert 0 < row.first_byte_ms <= row.duration_ms
    assert row.started_at <= row.settled_at
    assert on_record(asking.store)[TOTAL_KEY] == Amounts(spent=BILL)
    payload = json.loads(row.payload)
    assert payload["request"]["messages"][1] == {"role": "user", "content": "Your move?"}
    assert payload["response"]["choices"][0]["message"]["content"] == "I go\nUP"


def test_a_question_that_was_answered_is_not_asked_again(asking: Asking) -> None:
    first = asking.ask(answer(completion("DOWN", reasoning="because")))
    again = asking.ask(drop)

    assert again == replace(first, host="Acme North")
    assert asking.gateway.asked == []
    assert len(asking.rows()) == 1


@pytest.mark.parametrize(
    ("status", "error", "problem"),
    [
        (403, {"code": 403, "message": "no", "metadata": {"reasons": ["violence"]}}, "refusal"),
        (400, {"code": 400, "message": "maximum context length is 10 tokens"}, "cut_off"),
    ],
)
def test_a_prompt_that_the_model_takes_not_is_not_sent_again(
    asking: Asking, status: int, error: dict[str, object], problem: str
) -> None:
    first = asking.ask(answer({"error": error}, status))
    again = asking.ask(drop)

    assert (first.problem, first.text) == (problem, "")
    assert again == replace(first, host=again.host, cost=again.cost)
    assert asking.gateway.asked == []
    assert len(asking.rows()) == 1


def test_a_call_that_was_not_served_is_sent_again_and_each_attempt_has_its_row(
    asking: Asking,
) -> None:
    said = asking.ask(answer({"error": {"code": 500, "message": "oh"}}, 500), answer(completion()))

    assert (said.attempts, said.cost) == (2, BILL)
    first, second = asking.rows()
    assert (first.error_kind, first.http_status, first.cost_billed) == ("server", 500, None)
    assert (second.error_kind, second.attempt) == (None, 2)
    assert by_the_ledger(asking.store) == on_record(asking.store)


def test_a_cancelled_call_is_written_down(asking: Asking) -> None:
    async def begin(caller: Caller) -> None:
        task = asyncio.ensure_future(caller.ask(CALLEE, question(asking.site)))
        await asking.gateway.begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asking.run([stall], begin)

    (row,) = asking.rows()
    assert (row.error_kind, row.cost_counted) == ("cancelled", row.reserved)


def test_without_money_nothing_is_sent(asking: Asking) -> None:
    asking.settings = asking.settings.model_copy(update={"budget": Decimal(0)})

    refused = asking.refusal(answer(completion())).refused

    assert (refused.kind, asking.gateway.asked) == (RefusalKind.BUDGET, [])
    with asking.store.read() as connection:
        assert connection.scalar(select(func.count()).select_from(LlmCall)) == 0


def test_no_more_calls_are_under_way_than_the_gateway_takes(asking: Asking, store: Store) -> None:
    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.02)
        await answer(completion())(reader, writer)

    sites = open_matches(store, 12, first=10)

    async def all_at_once(caller: Caller) -> list[Answer]:
        return await asyncio.gather(*(caller.ask(CALLEE, question(site)) for site in sites))

    said = asking.run([slow], all_at_once, replace(asking.row, concurrency=3))

    assert [one.text for one in said] == ["UP"] * 12
    assert asking.gateway.most_under_way <= 3
