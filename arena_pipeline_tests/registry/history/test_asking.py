"""Each question takes any name of a model, and is one statement for its slug."""

from collections.abc import Callable
from typing import Any

import pytest

from arena_pipeline.errors import NotFound
from arena_pipeline.registry import history
from arena_pipeline.registry.history import absences, changes, names, price_on, prices
from arena_pipeline.registry.models import AmbiguousName
from arena_pipeline.store import Store
from arena_pipeline_tests.catalog.rows import row
from arena_pipeline_tests.registry.asking import queries
from arena_pipeline_tests.registry.days import Days
from arena_pipeline_tests.registry.syncing.years import day

OTHERS = [row(f"acme/other{number}") for number in range(4)]


def test_every_question_takes_any_name_and_knows_whose_it_is(days: Days) -> None:
    days.next(row("acme/one", name="One"), row("acme/two", canonical_slug="acme/one-20250501"))

    assert prices(days.store, "One") == prices(days.store, "acme/one") != ()
    assert price_on(days.store, "One", day(0)) == prices(days.store, "One")[0]
    assert names(days.store, "One") == names(days.store, "acme/one") != ()
    assert absences(days.store, "One") == ()
    for question in (prices, names, absences):
        with pytest.raises(NotFound, match="'acme/on'; did you mean 'acme/one'"):
            question(days.store, "acme/on")
        with pytest.raises(AmbiguousName, match="acme/one, acme/two"):
            question(days.store, "acme/one-20250501")


def plan(store: Store, sql: str, values: Any) -> str:
    """How the database answers a query when a table is too big to be read from end to end."""
    with store.read() as connection:
        if store.is_sqlite:
            explained = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values)
        else:
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
            explained = connection.exec_driver_sql(f"EXPLAIN {sql}", values)
        return "\n".join(row[-1] for row in explained)


QUESTIONS: dict[str, Callable[[Store], object]] = {
    "prices": lambda store: prices(store, "acme/one"),
    "price on a day": lambda store: price_on(store, "acme/one", day(1)),
    "names": lambda store: names(store, "acme/one"),
    "absences": lambda store: absences(store, "acme/one"),
    "changes of a model": lambda store: changes(store, slug="acme/one"),
    "changes": lambda store: changes(store, since=day(0), limit=20),
    "aliases": lambda store: history.all_aliases(store, name="acme/one"),
}


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS.keys())
def test_a_question_is_one_statement_that_reads_no_whole_table(
    days: Days, question: Callable[[Store], object]
) -> None:
    days.next(*OTHERS, row("acme/one"))
    days.next(*OTHERS)

    with queries(days.store) as sent:
        assert question(days.store)

    ((sql, values),) = sent
    assert [step for step in plan(days.store, sql, values).splitlines() if is_whole(step)] == []


def is_whole(step: str) -> bool:
    """Whether this step of a plan reads a table from end to end."""
    return "Seq Scan" in step or ("SCAN" in step and "INDEX" not in step)
