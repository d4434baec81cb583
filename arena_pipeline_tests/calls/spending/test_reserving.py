"""Money set aside before a call is sent, and which budget says no."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Connection, func, insert, select

from arena_pipeline.calls.kinds import RefusalKind
from arena_pipeline.calls.plan import CallOutcome, CallPlan, Refused, Reserved
from arena_pipeline.calls.spending.accounts import Amounts, charged, gateway_account
from arena_pipeline.calls.spending.work import Desk, Settlement
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline.store.tables import LlmCall, Switch
from arena_pipeline_tests.calls.spending.seats import (
    GATEWAY,
    NOON,
    Unbounded,
    add_gateway,
    ask,
    by_the_ledger,
    on_record,
    open_evaluation,
    open_matches,
    priced,
    reserved,
    settle,
    wealthy,
)

MIDNIGHT = datetime(2026, 11, 2, tzinfo=UTC)


def test_a_reservation_is_on_every_account_of_the_call(
    store: Store, arena_settings: Settings
) -> None:
    number = open_evaluation(store)
    (site,) = open_matches(store, evaluation_id=number)

    one = reserved(store, wealthy(arena_settings), priced(site, "0.25"))

    assert one.attempt == 1
    assert on_record(store) == dict.fromkeys(
        charged(GATEWAY, NOON, site.match_uuid, number), Amounts(reserved=Decimal("0.25"))
    )
    assert on_record(store) == by_the_ledger(store)


def test_attempts_at_one_turn_are_numbered(store: Store, arena_settings: Settings) -> None:
    (site,) = open_matches(store)
    plan = priced(site, 0)

    first = ask(store, arena_settings, plan, plan)
    (third,) = ask(store, arena_settings, plan)

    assert [one.attempt for one in (*first, third) if isinstance(one, Reserved)] == [1, 2, 3]


def test_without_a_budget_only_free_calls_go_out(store: Store, arena_settings: Settings) -> None:
    site, other = open_matches(store, 2)

    paid, free = ask(store, arena_settings, priced(site, "0.000001"), priced(other, 0))

    assert isinstance(paid, Refused)
    assert paid.kind is RefusalKind.BUDGET
    assert paid.until is None
    assert "ARENA_BUDGET" in paid.detail
    assert isinstance(free, Reserved)


@pytest.mark.parametrize(
    ("limit", "setting"),
    [
        ("budget", "ARENA_BUDGET"),
        ("match_budget", "ARENA_MATCH_BUDGET"),
        ("evaluation_budget", "ARENA_EVALUATION_BUDGET"),
    ],
)
def test_what_is_spent_leaves_no_room_for_more(
    store: Store, arena_settings: Settings, limit: str, setting: str
) -> None:
    (site,) = open_matches(store, evaluation_id=open_evaluation(store))
    settings = wealthy(arena_settings, **{limit: "1"})
    one = reserved(store, settings, priced(site, "1"))
    settle(store, settings, Settlement(one, CallOutcome(NOON, cost_billed=Decimal("0.9"))))

    small, large = ask(store, settings, priced(site, "0.1"), priced(site, "0.100000000001"))

    assert isinstance(small, Reserved)
    assert isinstance(large, Refused)
    assert large.until is None
    assert setting in large.detail
    assert "0.9 spent" in large.detail


def test_money_that_is_only_tied_up_is_worth_asking_for_again(
    store: Store, arena_settings: Settings
) -> None:
    (site,) = open_matches(store)
    settings = wealthy(arena_settings, budget="1")
    one = reserved(store, settings, priced(site, "0.8"))

    (before,) = ask(store, settings, priced(site, "0.8"))
    settle(store, settings, Settlement(one, CallOutcome(NOON, cost_billed=Decimal("0.1"))))
    (after,) = ask(store, settings, priced(site, "0.8"))

    assert isinstance(before, Refused)
    assert before.until is not None
    assert before.until > NOON
    assert isinstance(after, Reserved)


def test_a_gateway_s_day_comes_back_at_midnight(store: Store, arena_settings: Settings) -> None:
    add_gateway(store, Decimal("0.5"))
    (site,) = open_matches(store)
    settings = wealthy(arena_settings)
    one = reserved(store, settings, priced(site, "0.5"))
    settle(store, settings, Settlement(one, CallOutcome(NOON, cost_billed=Decimal("0.5"))))

    (today,) = ask(store, settings, priced(site, "0.5"))
    (too_much,) = ask(store, settings, priced(site, "0.51"))
    (tomorrow,) = ask(store, settings, priced(site, "0.5"), now=MIDNIGHT)

    assert isinstance(today, Refused)
    assert today.until == MIDNIGHT
    assert "daily_cap" in today.detail
    assert isinstance(too_much, Refused)
    assert too_much.until is None
    assert isinstance(tomorrow, Reserved)


def test_a_call_around_midnight_has_to_fit_both_days_and_is_charged_to_its_own(
    store: Store, arena_settings: Settings
) -> None:
    class Tomorrow(Unbounded):
        def admit(
            self,
            store: Store,
            connection: Connection,
            plans: Sequence[CallPlan],
            now: datetime,
            before: Sequence[CallPlan] = (),
        ) -> list[datetime | Refused]:
            return [MIDNIGHT + timedelta(seconds=1)]

    add_gateway(store, Decimal("0.5"))
    (site,) = open_matches(store)
    late = MIDNIGHT - timedelta(seconds=5)
    desk = Desk(store, wealthy(arena_settings), Tomorrow(), clock=lambda: late)

    with store.write() as connection:
        (one,) = desk.do(connection, [priced(site, "0.4")])
    with store.write() as connection:
        (other,) = desk.do(connection, [priced(site, "0.4")])

    assert isinstance(one, Reserved)
    assert isinstance(other, Refused)
    accounts = on_record(store)
    assert accounts == by_the_ledger(store)
    assert gateway_account(GATEWAY, MIDNIGHT) in accounts
    assert gateway_account(GATEWAY, late) not in accounts


def test_what_the_limits_refuse_leaves_nothing_and_makes_room_for_others(
    store: Store, arena_settings: Settings
) -> None:
    class Picky(Unbounded):
        def admit(
            self,
            store: Store,
            connection: Connection,
            plans: Sequence[CallPlan],
            now: datetime,
            before: Sequence[CallPlan] = (),
        ) -> list[datetime | Refused]:
            asked.append((len(plans), len(before)))
            return [
                Refused(RefusalKind.CIRCUIT, "it is open") if plan.site.match_id == bad else now
                for plan in plans
            ]

    asked: list[tuple[int, int]] = []
    site, other = open_matches(store, 2)
    bad = site.match_id
    desk = Desk(store, wealthy(arena_settings, budget="1"), Picky(), clock=lambda: NOON)
    plans: list[CallPlan] = [priced(site, "0.9"), priced(other, "0.9"), priced(other, "0.05")]

    with store.write() as connection:
        answers = desk.do(connection, plans)

    assert isinstance(answers[0], Refused)
    assert answers[0].kind is RefusalKind.CIRCUIT
    assert isinstance(answers[1], Reserved)
    assert isinstance(answers[2], Reserved)
    assert asked == [(2, 0), (1, 1)]
    assert on_record(store) == by_the_ledger(store)
    with store.read() as connection:
        assert connection.scalar(select(func.count()).select_from(LlmCall)) == 2


def test_a_paused_arena_sends_nothing(store: Store, arena_settings: Settings) -> None:
    (site,) = open_matches(store)
    with store.write() as connection:
        connection.execute(
            insert(Switch).values(
                name="pause", is_on=True, reason="the weekend", set_by="ada", set_at=NOON
            )
        )

    (answer,) = ask(store, arena_settings, priced(site, 0))

    assert isinstance(answer, Refused)
    assert answer.kind is RefusalKind.PAUSED
    assert "ada" in answer.detail
    assert "the weekend" in answer.detail


def test_an_evaluation_s_own_budget_counts_before_the_setting(
    store: Store, arena_settings: Settings
) -> None:
    (site,) = open_matches(store, evaluation_id=open_evaluation(store, Decimal("0.1")))

    (answer,) = ask(store, wealthy(arena_settings), priced(site, "0.2"))

    assert isinstance(answer, Refused)
    assert "its own budget" in answer.detail
