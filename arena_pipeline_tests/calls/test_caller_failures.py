"""What the caller does when gateways and networks fail."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from arena_pipeline.calls.asking import Answer
from arena_pipeline.calls.caller import Caller
from arena_pipeline.calls.kinds import ErrorKind, RefusalKind, ReplyProblem
from arena_pipeline.calls.plan import CallRefused
from arena_pipeline.calls.spending.accounts import TOTAL_KEY, Amounts
from arena_pipeline_tests.calls.asking import CALLEE, KEY, Asking, question
from arena_pipeline_tests.calls.spending.seats import (
    on_record,
)
from arena_pipeline_tests.calls.wire.scripted import (
    Action,
    answer,
    completion,
    drop,
    raw,
    stall,
)

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def test_what_retry_after_asks_for_is_waited(asking: Asking) -> None:
    busy = answer({"error": {"code": 429, "message": "slow down"}}, 429, Retry_After="0.4")

    asking.ask(busy, answer(completion()))

    first, second = asking.rows()
    assert first.error_kind == "rate_limit"
    assert (second.started_at - first.settled_at).total_seconds() > 0.35


def test_a_wait_longer_than_is_sat_out_pauses_the_match_until_then(asking: Asking) -> None:
    busy = answer({"error": {"code": 429, "message": "slow down"}}, 429, Retry_After="900")

    refused = asking.refusal(busy).refused

    assert refused.kind in (RefusalKind.RATE, RefusalKind.FAILING)
    assert refused.until is not None
    assert 800 < (refused.until - datetime.now(UTC)).total_seconds() < 910
    assert len(asking.gateway.asked) == 1


@pytest.mark.parametrize(
    ("action", "kind"),
    [
        (answer({"error": {"code": 401, "message": f"{KEY} is no key"}}, 401), "auth"),
        (answer({"error": {"code": 402, "message": "more credits"}}, 402), "payment"),
        (answer({"error": {"code": 403, "message": "not you"}}, 403), "forbidden"),
    ],
)
def test_a_refused_key_or_account_stops_at_once_and_costs_nothing(
    asking: Asking, action: Action, kind: str
) -> None:
    refused = asking.refusal(action)

    assert refused.refused.kind is RefusalKind.STOPPED
    (row,) = asking.rows()
    assert row.error_kind == kind
    assert KEY not in str(row) + str(refused)
    assert on_record(asking.store).get(TOTAL_KEY, Amounts()) == Amounts()


def test_a_call_that_ran_out_of_time_is_not_repeated_and_counts_as_it_was_reserved(
    asking: Asking,
) -> None:
    asking.settings = asking.settings.model_copy(update={"call_timeout_s": 0.2})

    refused = asking.refusal(stall).refused

    assert refused.kind is RefusalKind.FAILING
    assert refused.until is not None
    (row,) = asking.rows()
    assert (row.error_kind, row.cost_billed) == ("timeout", None)
    assert row.cost_counted == row.reserved > 0


def test_a_dropped_connection_is_tried_once_more_only(asking: Asking) -> None:
    refused = asking.refusal(drop).refused

    assert refused.kind is RefusalKind.FAILING
    assert [row.error_kind for row in asking.rows()] == ["connection", "connection"]
    assert all(row.cost_counted == row.reserved for row in asking.rows())


def test_nobody_there_costs_nothing(asking: Asking) -> None:
    async def nowhere(caller: Caller) -> Answer:
        await asking.gateway.__aexit__()
        return await caller.ask(CALLEE, question(asking.site))

    asking.settings = asking.settings.model_copy(update={"call_attempts": 2})
    with pytest.raises(CallRefused) as caught:
        asking.run([drop], nowhere)

    assert caught.value.refused.kind is RefusalKind.FAILING
    assert [row.error_kind for row in asking.rows()] == ["connection", "connection"]
    assert {row.cost_counted for row in asking.rows()} == {0}


def test_attempts_are_bounded(asking: Asking) -> None:
    asking.settings = asking.settings.model_copy(update={"call_attempts": 3})
    asking.refusal(answer({"error": {"code": 503, "message": "full"}}, 503))

    assert [row.error_kind for row in asking.rows()] == ["overloaded"] * 3


def test_a_text_that_the_host_refuses_and_a_prompt_too_long_are_the_models_own(
    asking: Asking,
) -> None:
    flagged = {"code": 403, "message": "no", "metadata": {"reasons": ["violence"]}}
    assert asking.ask(answer({"error": flagged}, 403)).problem is ReplyProblem.REFUSAL

    too_long = {"code": 400, "message": "This model's maximum context length is 10 tokens"}
    asking.site = replace(asking.site, step=1)
    assert asking.ask(answer({"error": too_long}, 400)).problem is ReplyProblem.CUT_OFF
    assert [row.error_kind for row in asking.rows()] == [
        ErrorKind.MODERATION,
        ErrorKind.CONTEXT_LENGTH,
    ]


def test_the_time_of_a_turn_bounds_attempts_and_waits(asking: Asking) -> None:
    busy = answer({"error": {"code": 429, "message": "slow down"}}, 429, Retry_After="2")

    refused = asking.refusal(busy, seconds=1.0).refused

    assert refused.kind is RefusalKind.FAILING
    assert len(asking.gateway.asked) == 1


def test_a_page_and_garbage_are_tried_again(asking: Asking) -> None:
    page = raw("<html><title>Just a moment</title></html>", kind="text/html")

    said = asking.ask(page, raw("data: {"), answer(completion()))

    assert said.attempts == 3
    assert [row.error_kind for row in asking.rows()] == ["html", "malformed", None]
    assert said.cost is None  # nobody knows whether the first two were billed
