"""When a check turned bad."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from arena_pipeline.operations.notices.checks import (
    CheckResult,
    Known,
    from_text,
    to_text,
    turned_bad,
)

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
LONG_AGO = NOON - timedelta(days=3)


def result(minute: int, *, passed: bool, check: str = "whole") -> CheckResult:
    return CheckResult("matches", check, f"run{minute}", NOON + timedelta(minutes=minute), passed)


def test_a_check_that_turns_bad_is_told_and_not_again_while_it_stays_so() -> None:
    bad, known = turned_bad({}, [result(1, passed=True), result(2, passed=False)], LONG_AGO)
    assert [one.run_id for one in bad] == ["run2"]

    assert turned_bad(known, [result(2, passed=False), result(3, passed=False)], LONG_AGO)[0] == []


def test_a_check_that_was_good_in_between_is_told_again() -> None:
    results = [result(minute, passed=minute == 2) for minute in (1, 2, 3)]

    assert [one.run_id for one in turned_bad({}, results, LONG_AGO)[0]] == ["run1", "run3"]


def test_checks_are_told_apart_and_those_that_were_bad_long_ago_are_no_news() -> None:
    results = [result(1, passed=False), result(9, passed=False, check="other")]

    bad, known = turned_bad({}, results, NOON + timedelta(minutes=5))

    assert [one.check for one in bad] == ["other"]
    assert {name: one.bad for name, one in known.items()} == {
        "matches:whole": True,
        "matches:other": True,
    }


@given(st.lists(st.tuples(st.integers(0, 30), st.booleans()), max_size=20), st.data())
def test_looked_at_in_any_portions_the_same_is_told(
    told: list[tuple[int, bool]], data: st.DataObject
) -> None:
    by_minute = dict(told)
    results = [result(minute, passed=passed) for minute, passed in sorted(by_minute.items())]
    cut = data.draw(st.integers(0, len(results)))

    at_once, _ = turned_bad({}, results, LONG_AGO)
    first, known = turned_bad({}, results[:cut], LONG_AGO)
    second, _ = turned_bad(from_text(to_text(known)), results, LONG_AGO)

    assert first + second == at_once


def test_what_is_known_survives_as_text_and_anything_else_is_nothing() -> None:
    known = {"matches:whole": Known(NOON, bad=True)}

    assert from_text(to_text(known)) == known
    for text in (None, "", "x", "[]", '{"a": 3}', '{"a": ["x", true]}', "12"):
        assert from_text(text) == {}
