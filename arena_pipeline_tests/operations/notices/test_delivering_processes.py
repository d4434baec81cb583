"""Several processes that deliver at once, and one that is killed in the middle."""

import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from arena_pipeline.operations.notices.delivering import deliver_due
from arena_pipeline.operations.notices.outbox import NoticeState
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline_tests.operations.notices.conftest import Receiver, by_key, tell_of

Start = Callable[[], "subprocess.Popen[str]"]


@pytest.fixture
def start(store_url: str, arena_settings: Settings, receiver: Receiver) -> Start:
    """Start a process that delivers once it gets a line."""

    def started() -> "subprocess.Popen[str]":
        module = "arena_pipeline_tests.operations.notices.worker"
        return subprocess.Popen(
            [sys.executable, "-m", module, store_url, str(arena_settings.root), receiver.url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    return started


def is_ready(process: "subprocess.Popen[str]") -> bool:
    """Wait until a process could deliver."""
    assert process.stdout is not None
    return process.stdout.readline() == "ready\n"


def test_processes_that_deliver_at_once_send_each_notice_once(
    store: Store, receiver: Receiver, start: Start
) -> None:
    tell_of(store, *range(12))
    processes = [start() for _ in range(3)]
    for process in processes:
        assert is_ready(process)

    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    sent = [int(process.communicate(timeout=60)[0]) for process in processes]

    assert sum(sent) == 12
    assert Counter(receiver.keys) == dict.fromkeys((f"incident:{n}" for n in range(12)), 1)
    assert {one.state for one in by_key(store).values()} == {NoticeState.SENT}


def test_a_process_killed_before_it_can_say_that_it_sent_leaves_the_notice_to_be_sent_again(
    store: Store, telling: Settings, receiver: Receiver, start: Start
) -> None:
    tell_of(store, 1)
    with start() as process:
        assert is_ready(process)
        receiver.meanwhile = process.kill
        process.communicate("go\n", timeout=60)
    receiver.meanwhile = lambda: None
    left = by_key(store)["incident:1"]
    assert (left.state, left.attempts) == (NoticeState.WAITING, 1)

    assert deliver_due(store, telling).sent == 0
    later = datetime.now(UTC) + timedelta(minutes=2)
    assert deliver_due(store, telling, clock=lambda: later).sent == 1

    assert receiver.keys == ["incident:1", "incident:1"]
    assert {headers["Idempotency-Key"] for headers in receiver.headers} == {"incident:1"}
