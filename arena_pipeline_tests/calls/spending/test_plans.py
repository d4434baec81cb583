"""What is asked for every call is answered by an index, however long the ledger has become."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from arena_pipeline.calls.plan import CallOutcome
from arena_pipeline.calls.spending.answers import answers
from arena_pipeline.calls.spending.budgets import budgets
from arena_pipeline.calls.spending.losing import lose_calls, lose_stale_calls
from arena_pipeline.calls.spending.work import Settlement
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store, open_store
from arena_pipeline_tests.calls.spending.seats import (
    NOON,
    add_gateway,
    ask,
    open_evaluation,
    open_matches,
    priced,
    reserved,
    settle,
    wealthy,
)

LARGE = ("llm_calls", "spend", "matches")


@pytest.fixture
def file_store(sqlite_template: Path, tmp_path: Path) -> Store:
    """A SQLite store, whose plans can be read."""
    path = tmp_path / "arena.sqlite3"
    path.write_bytes(sqlite_template.read_bytes())
    return open_store(f"sqlite:///{path}")


def test_no_table_that_grows_is_read_whole(file_store: Store) -> None:
    store, asked = file_store, set[tuple[str, Any]]()

    @event.listens_for(store.engine, "before_cursor_execute")
    def note(_c: Any, _u: Any, statement: str, values: Any, _x: Any, many: bool) -> None:
        if statement.startswith(("SELECT", "UPDATE", "DELETE")):
            asked.add((statement, tuple(values[0] if many else values)))

    settings = wealthy(Settings.load())
    add_gateway(store)
    sites = open_matches(store, 5, open_evaluation(store))
    ask(store, settings, *(priced(site, "0.1") for site in sites))
    one = reserved(store, settings, priced(sites[0], "0.1"))
    settle(store, settings, Settlement(one, CallOutcome(NOON)))
    with store.read() as connection:
        answers(connection, sites)
    with store.write() as connection:
        lose_calls(connection, store, sites[1].match_id, NOON)
    lose_stale_calls(store, settings, NOON.replace(year=2027))
    budgets(store, settings, NOON)

    raw = store.engine.raw_connection()
    for statement, values in asked:
        for row in raw.cursor().execute(f"EXPLAIN QUERY PLAN {statement}", values):
            assert row[3] not in {f"SCAN {table}" for table in LARGE}, statement
    raw.close()
    store.close()
