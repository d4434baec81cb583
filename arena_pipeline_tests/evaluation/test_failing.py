"""Whether calls to a model are hopeless."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from arena_pipeline.evaluation.failing import Record
from arena_pipeline.evaluation.queue import LONGEST_BACKOFF, retry_at

ALL_FAILED = Record(calls=12, failed=12, newest="server", own=0, others_answered=True)


def test_calls_that_all_fail_while_others_are_answered_leave_no_hope() -> None:
    assert ALL_FAILED.says(12, 1.0) == "12 of its last 12 calls failed, the newest with server"


@pytest.mark.parametrize(
    "record",
    [
        replace(ALL_FAILED, calls=11, failed=11),
        replace(ALL_FAILED, failed=11),
        replace(ALL_FAILED, others_answered=False),
    ],
)
def test_too_few_calls_one_answer_or_a_gateway_that_answers_nobody_leave_some(
    record: Record,
) -> None:
    assert record.says(12, 1.0) is None


def test_what_is_the_models_own_counts_whatever_its_gateway_does() -> None:
    gone = replace(ALL_FAILED, newest="not_found", own=12, others_answered=False)

    assert gone.says(12, 1.0) is not None


def test_each_failure_in_a_row_doubles_the_time_to_the_next_try_up_to_a_month() -> None:
    noon, hour = datetime(2026, 11, 1, 12, tzinfo=UTC), timedelta(hours=1)

    assert [retry_at(noon, count, hour) - noon for count in (0, 1, 2, 3)] == [
        hour, hour, 2 * hour, 4 * hour,
    ]  # fmt: skip
    assert retry_at(noon, 10**6, hour) - noon == LONGEST_BACKOFF
