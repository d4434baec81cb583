"""Working off the outbox: sent, tried again, given up; nothing secret leaves."""

import logging
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from arena_pipeline.operations.notices.delivering import (
    LONGEST_PAUSE_S,
    deliver_due,
    pause_after,
    send_test,
)
from arena_pipeline.operations.notices.outbox import NoticeState
from arena_pipeline.operations.notices.posting import BadNoticeAddress
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline.store import tables as t
from arena_pipeline_tests.operations.notices.conftest import Receiver, at, by_key, tell_of

NOBODY = "http://127.0.0.1:1/services/abcdefghijklmnopqrstuvwx"
"""An address where nobody listens."""


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC) + timedelta(seconds=10)

    def __call__(self) -> datetime:
        return self.now

    def skip(self, **time: float) -> None:
        self.now += timedelta(**time)


def test_a_notice_arrives_with_all_that_is_known(
    store: Store, telling: Settings, receiver: Receiver
) -> None:
    happened = datetime(2026, 11, 1, 12, tzinfo=UTC)
    tell_of(store, 7, happened_at=happened, title="It failed.", details={"run_id": "r1"})

    delivered = deliver_due(store, telling)

    [body] = receiver.taken
    assert (delivered.sent, delivered.failed) == (1, 0)
    assert body.pop("arena").endswith(f":{telling.root}")
    assert body == {
        "id": by_key(store)["incident:7"].id,
        "key": "incident:7",
        "kind": "run_failed",
        "title": "It failed.",
        "happened_at": "2026-11-01T12:00:00+00:00",
        "details": {"run_id": "r1"},
    }
    assert receiver.headers[0]["Content-Type"] == "application/json"
    assert by_key(store)["incident:7"].state is NoticeState.SENT
    assert deliver_due(store, telling).sent == 0


def test_a_receiver_in_trouble_is_told_again_later(
    store: Store, telling: Settings, receiver: Receiver
) -> None:
    clock = Clock()
    receiver.answers = [500, 503]
    tell_of(store, 1)

    first = deliver_due(store, telling, clock=clock)
    at_once = deliver_due(store, telling, clock=clock)
    clock.skip(seconds=40)
    second = deliver_due(store, telling, clock=clock)
    clock.skip(seconds=80)
    third = deliver_due(store, telling, clock=clock)

    assert [one.sent for one in (first, at_once, second, third)] == [0, 0, 0, 1]
    assert first.error == "the answer was 500 INTERNAL SERVER ERROR"
    assert by_key(store)["incident:1"].attempts == 3
    assert by_key(store)["incident:1"].error is None


def test_when_nobody_answers_the_others_wait_instead_of_being_tried_in_vain(
    store: Store, arena_settings: Settings
) -> None:
    tell_of(store, 1, 2, 3)

    delivered = deliver_due(store, at(arena_settings, NOBODY))

    assert (delivered.sent, delivered.failed) == (0, 1)
    assert delivered.error == "the receiver can't be reached: Connection refused"
    assert sorted(one.attempts for one in by_key(store).values()) == [0, 0, 1]


def test_a_notice_that_the_receiver_can_not_take_does_not_keep_others_from_it(
    store: Store, telling: Settings, receiver: Receiver
) -> None:
    receiver.answers = [422]
    tell_of(store, 1, 2)

    delivered = deliver_due(store, telling)

    assert (delivered.sent, delivered.failed) == (1, 1)


def test_a_notice_is_given_up_after_as_many_attempts_as_are_set(
    store: Store, arena_settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="arena_pipeline")
    clock, settings = Clock(), at(arena_settings, NOBODY, notify_attempts=2)
    tell_of(store, 1)

    first = deliver_due(store, settings, clock=clock)
    clock.skip(hours=2)
    second = deliver_due(store, settings, clock=clock)
    clock.skip(hours=2)
    third = deliver_due(store, settings, clock=clock)

    assert [one.given_up for one in (first, second, third)] == [0, 1, 0]
    assert third.failed == 0
    assert by_key(store)["incident:1"].state is NoticeState.GIVEN_UP
    assert "notice given up" in caplog.messages


def test_a_notice_that_kills_whoever_sends_it_is_given_up_too(
    store: Store, telling: Settings, receiver: Receiver
) -> None:
    clock = Clock()
    tell_of(store, 1)
    with store.write() as connection:
        connection.execute(update(t.Notice).values(attempts=telling.notify_attempts))

    delivered = deliver_due(store, telling, clock=clock)

    assert (delivered.sent, delivered.given_up, receiver.keys) == (0, 1, [])
    assert "did not live" in str(by_key(store)["incident:1"].error)


def test_a_clock_that_was_set_back_holds_up_nothing(
    store: Store, telling: Settings, receiver: Receiver
) -> None:
    clock = Clock()
    receiver.answers = [500]
    tell_of(store, 1)
    clock.skip(days=30)
    assert deliver_due(store, telling, clock=clock).failed == 1

    clock.skip(days=-30)
    assert deliver_due(store, telling, clock=clock).sent == 1


def test_a_pass_begins_no_delivery_that_could_last_too_long(
    store: Store, telling: Settings, receiver: Receiver
) -> None:
    tell_of(store, *range(5))

    assert deliver_due(store, telling, within_s=1.0).sent == 1
    assert deliver_due(store, telling, within_s=60.0, most=3).sent == 3


def test_nothing_secret_leaves_and_hostile_text_stays_text(
    store: Store, telling: Settings, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENROUTER_API_KEY", "sk-or-v1-1234567")
    hostile = "\x1b[31m\u202e\0\ud800 <b>\n sk-or-v1-1234567 postgresql://u:hidden@h/d"
    tell_of(store, 1, title=hostile * 50, details={"error": hostile, "x": [hostile]})

    assert deliver_due(store, telling).sent == 1

    told = str(receiver.taken[0])
    assert "1234567" not in told
    assert "hidden" not in told
    assert len(receiver.taken[0]["title"]) <= 300
    assert receiver.taken[0]["title"].isprintable()
    assert "postgresql://u:***@h/d" in told


def test_the_address_is_in_no_error(store: Store, arena_settings: Settings) -> None:
    tell_of(store, 1)

    delivered = deliver_due(store, at(arena_settings, "http://127.0.0.1:1/abcdefghijklmnop qrs\n"))

    assert "abcdefghijklmnop" not in str(delivered.error)
    assert "abcdefghijklmnop" not in str(by_key(store)["incident:1"].error)


@pytest.mark.parametrize("url", ["ftp://h/abcdefghijklmnopqrst", "http://", "http://[h", "x"])
def test_an_address_that_is_none_is_refused_without_being_shown(
    store: Store, arena_settings: Settings, url: str
) -> None:
    tell_of(store, 1)

    with pytest.raises(BadNoticeAddress, match="ARENA_NOTIFY_URL is no http") as refusal:
        deliver_due(store, at(arena_settings, url))

    assert url not in str(refusal.value)
    assert by_key(store)["incident:1"].attempts == 0


def test_without_an_address_it_is_said_which_setting_lacks(
    store: Store, arena_settings: Settings
) -> None:
    with pytest.raises(BadNoticeAddress, match="set ARENA_NOTIFY_URL"):
        deliver_due(store, arena_settings)


def test_a_test_notice_is_sent_at_once_and_nobody_else_sends_it(
    store: Store, telling: Settings, receiver: Receiver
) -> None:
    receiver.meanwhile = lambda: others.append(deliver_due(store, telling).sent)
    others: list[int] = []

    outcome = send_test(store, telling)

    assert (outcome.status, outcome.error, others) == (204, None, [0])
    assert [one["kind"] for one in receiver.taken] == ["test"]


def test_a_test_notice_that_fails_is_not_tried_again(
    store: Store, arena_settings: Settings
) -> None:
    outcome = send_test(store, at(arena_settings, NOBODY))

    assert outcome.status is None
    assert [one.state for one in by_key(store).values()] == [NoticeState.GIVEN_UP]


def test_pauses_double_up_to_a_limit_and_differ_a_little() -> None:
    assert [pause_after(n, lambda: 0.0).total_seconds() for n in (1, 2, 3)] == [30, 60, 120]
    assert pause_after(1, lambda: 1.0).total_seconds() == 37.5
    assert pause_after(500, lambda: 0.0).total_seconds() == LONGEST_PAUSE_S
