"""The pause of everything: one switch, told to everybody, written down."""

from concurrent.futures import ThreadPoolExecutor

from arena_pipeline.evaluation.switch import is_paused, pause, resume
from arena_pipeline.registry.acts.audit import audit
from arena_pipeline.store import Store


def test_a_fresh_arena_is_not_paused(store: Store) -> None:
    with store.read() as connection:
        assert is_paused(connection) is None


def test_a_pause_tells_who_and_why_until_somebody_takes_it_back(store: Store) -> None:
    assert pause(store, "ada", "the bill\nlooks odd")

    with store.read() as connection:
        paused = is_paused(connection)
    assert paused is not None
    assert str(paused).endswith("UTC by ada: the bill looks odd")
    assert resume(store, "bob")
    with store.read() as connection:
        assert is_paused(connection) is None
    assert [(act.actor, act.action) for act in audit(store)] == [
        ("bob", "resume"),
        ("ada", "pause"),
    ]


def test_what_is_so_already_stays_as_it_is_and_is_not_written_down(store: Store) -> None:
    assert not resume(store, "bob")
    assert pause(store, "ada", "first")

    assert not pause(store, "bob", "second")

    with store.read() as connection:
        paused = is_paused(connection)
    assert paused is not None
    assert (paused.by, paused.reason) == ("ada", "first")
    assert len(audit(store)) == 1


def test_of_many_who_pause_at_once_one_does_it(store: Store) -> None:
    with ThreadPoolExecutor(8) as pool:
        changed = list(pool.map(lambda n: pause(store, f"p{n}"), range(8)))

    assert sum(changed) == 1
    assert len(audit(store)) == 1
