"""Laws of money: whatever is reserved, settled and lost in which order, the accounts say what the
ledger says, and no cap is passed but by bills above their reservation.
"""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from arena_pipeline.calls.kinds import ErrorKind
from arena_pipeline.calls.plan import CallOutcome, Refused, Reserved
from arena_pipeline.calls.spending.accounts import EPOCH
from arena_pipeline.calls.spending.losing import lose_calls, lose_stale_calls
from arena_pipeline.calls.spending.work import Desk, Settlement, Task, Unsent
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store, open_store
from arena_pipeline_tests.calls.spending.seats import (
    NOON,
    Unbounded,
    add_gateway,
    by_the_ledger,
    on_record,
    open_evaluation,
    open_matches,
    priced,
    wealthy,
)

CAPS = {"total": "3", "match": "1", "evaluation": "2", "gateway": "1.5"}
MATCHES = 3

amounts = st.decimals("0", "0.9", places=12)
outcomes: st.SearchStrategy[dict[str, object]] = st.one_of(
    st.builds(dict, cost_billed=st.decimals("0", "1.2", places=12)),
    st.builds(dict, cost_estimated=amounts),
    st.builds(dict, error_kind=st.sampled_from(ErrorKind), sent_at=st.sampled_from([None, NOON])),
    st.just({}),
)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("reserve"), st.integers(0, MATCHES - 1), amounts),
        st.tuples(st.just("settle"), st.integers(0, 20), outcomes),
        st.tuples(st.just("unsent"), st.integers(0, 20), st.none()),
        st.tuples(st.just("lose"), st.integers(0, MATCHES - 1), st.none()),
        st.tuples(st.just("write"), st.integers(0, 3), st.none()),
        st.tuples(st.just("hours"), st.integers(1, 20), st.none()),
    ),
    max_size=40,
)


@pytest.fixture(scope="module")
def stores(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Iterator[Store]]:
    """Fresh stores, one after the other."""
    folder = tmp_path_factory.mktemp("laws")
    opened = []

    def fresh() -> Iterator[Store]:
        for number in count():
            path = folder / f"{number}.sqlite3"
            path.write_bytes(sqlite_template.read_bytes())
            opened.append(open_store(f"sqlite:///{path}"))
            yield opened[-1]

    yield fresh()
    for store in opened:
        store.close()


@given(steps)
@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
def test_accounts_say_what_the_ledger_says_and_caps_hold(
    stores: Iterator[Store], acts: list[tuple[str, int, object]]
) -> None:
    store = next(stores)
    wanted = wealthy(
        Settings.load(),
        budget=CAPS["total"],
        match_budget=CAPS["match"],
        evaluation_budget=CAPS["evaluation"],
    )
    add_gateway(store, Decimal(CAPS["gateway"]))
    sites = open_matches(store, MATCHES, open_evaluation(store))
    now = NOON
    desk = Desk(store, wanted, Unbounded(), clock=lambda: now)
    waiting: list[Task] = []
    held: list[Reserved] = []

    for act, number, more in acts:
        match act, more:
            case "reserve", Decimal():
                waiting.append(priced(sites[number], more))
            case "settle", dict() if held:
                outcome = CallOutcome(now, **more)
                waiting.append(Settlement(held[number % len(held)], outcome))
            case "unsent", _ if held:
                waiting.append(Unsent(held.pop(number % len(held))))
            case "lose", _:
                with store.write() as connection:
                    lose_calls(connection, store, sites[number].match_id, now)
            case "hours", _:
                now += timedelta(hours=number)
                lose_stale_calls(store, wanted, now)
            case "write", _:
                held += write(desk, store, waiting)
                waiting.clear()
        check(store)
    held += write(desk, store, waiting)
    check(store)
    lose_stale_calls(store, wanted, now + timedelta(days=1))
    check(store)
    assert not any(one.reserved for one in on_record(store).values())


def write(desk: Desk, store: Store, tasks: list[Task]) -> list[Reserved]:
    """Do these in one transaction; what was reserved by them."""
    with store.write() as connection:
        answers = desk.do(connection, tasks)
    assert all(one is None or isinstance(one, Reserved | Refused | Exception) for one in answers)
    return [one for one in answers if isinstance(one, Reserved)]


def check(store: Store) -> None:
    """The laws."""
    accounts = on_record(store)
    assert accounts == by_the_ledger(store)
    for key, one in accounts.items():
        kind = key.budget.partition(":")[0]
        assert one.taken - one.overrun <= Decimal(CAPS[kind]), key
        assert (key.window_start == EPOCH) == (kind != "gateway")
