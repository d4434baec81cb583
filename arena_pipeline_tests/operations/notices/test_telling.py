"""One look of the control room: what is new and due is told, and said in a sentence."""

from datetime import UTC, datetime

from arena_pipeline.operations.notices.checks import CheckResult
from arena_pipeline.operations.notices.telling import tell
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline_tests.operations.notices.conftest import Receiver, tell_of


def result(run: str) -> CheckResult:
    return CheckResult("matches", "whole", run, datetime.now(UTC), passed=False)


def test_what_is_new_and_what_waited_are_sent(
    store: Store, telling: Settings, receiver: Receiver
) -> None:
    tell_of(store, 1)

    told = tell(store, telling, [result("r1")], None, within_s=20)

    assert told.explain() == "Notices: 1 new, 2 sent."
    assert receiver.keys == ["incident:1", "check:matches:whole:r1"]


def test_a_look_that_has_nothing_to_tell_says_so(
    store: Store, telling: Settings, receiver: Receiver
) -> None:
    assert tell(store, telling, [], None, within_s=20).explain() == "Nothing to tell."


def test_a_check_that_stays_bad_is_told_once_also_if_a_cursor_was_lost(
    store: Store, telling: Settings, receiver: Receiver
) -> None:
    first = tell(store, telling, [result("r1")], None, within_s=20)
    tell(store, telling, [result("r2")], first.cursor, within_s=20)
    tell(store, telling, [result("r1")], None, within_s=20)

    assert receiver.keys == ["check:matches:whole:r1"]


def test_failures_are_counted_with_the_reason(
    store: Store, telling: Settings, receiver: Receiver
) -> None:
    receiver.answers = [503]
    tell_of(store, 1)

    assert tell(store, telling, [], None, within_s=20).explain() == (
        "Notices: 1 not delivered, 1 waiting (the last failure: "
        "the answer was 503 SERVICE UNAVAILABLE)."
    )
