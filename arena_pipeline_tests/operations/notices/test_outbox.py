"""The outbox: each key once, states, and newest first."""

import threading
from datetime import UTC, datetime

import pytest
from sqlalchemy import update

from arena_pipeline.operations.notices.outbox import News, NoticeState, counts, notices, write_down
from arena_pipeline.store import Store
from arena_pipeline.store import tables as t
from arena_pipeline.store.tables import NoticeKind
from arena_pipeline_tests.operations.notices.conftest import tell_of


def test_a_key_is_written_down_once_also_by_many_at_once(store: Store) -> None:
    news = [News("incident:1", NoticeKind.RUN_FAILED, datetime.now(UTC), "It failed.")]
    new: list[int] = []
    start = threading.Barrier(6)

    def write() -> None:
        start.wait()
        new.append(len(write_down(store, news)))

    threads = [threading.Thread(target=write) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(new) == [0, 0, 0, 0, 0, 1]
    assert len(notices(store)) == 1


@pytest.mark.parametrize("state", NoticeState)
def test_notices_are_listed_by_state_newest_first(store: Store, state: NoticeState) -> None:
    tell_of(store, 1, 2, 3, 4, 5, 6)
    now = datetime.now(UTC)
    with store.write() as connection:
        for keys, column in (
            (("incident:1", "incident:2"), "sent_at"),
            (("incident:3",), "given_up_at"),
        ):
            connection.execute(update(t.Notice).where(t.Notice.key.in_(keys)).values({column: now}))
    expected = {
        NoticeState.WAITING: ["incident:6", "incident:5", "incident:4"],
        NoticeState.SENT: ["incident:2", "incident:1"],
        NoticeState.GIVEN_UP: ["incident:3"],
    }

    found = notices(store, state=state)

    assert [one.key for one in found] == expected[state]
    assert {one.state for one in found} == {state}
    assert counts(store) == {name: len(keys) for name, keys in expected.items()}
    assert len(notices(store, limit=4)) == 4
