"""The clock put back while everything works: real processes that see a wrong time."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from pytest_httpserver import HTTPServer
from sqlalchemy import func, select

from arena_pipeline.evaluation.incidents import incidents
from arena_pipeline.registry.history.prices import prices
from arena_pipeline.store.tables import Match
from arena_pipeline_tests.catalog.rows import body, row
from arena_pipeline_tests.drills.arenas import Arena, assert_as_if_undisturbed
from arena_pipeline_tests.drills.clocks import Clock
from arena_pipeline_tests.drills.processes import wait

ON_SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
"""Where what is shown does not depend on the database, once is enough."""

NEWCOMER = "  - {alias: newcomer, policy: search}\n"


def test_a_league_whose_clock_is_put_back_plays_on_as_if_undisturbed(
    arena: Arena, twin: Arena, clock: Clock
) -> None:
    """Shows that a league goes by its sequence and not by the time: a clock put back by an hour and
    then by two days in its middle, and right again later, loses no match, counts none twice and
    changes no rating; and that no match ends before it began.
    """
    with arena.start("league", "--matches", "240", **clock.environment) as league:
        wait(lambda: arena.league() > 0, "the league")
        clock.set("-1h")
        before = arena.league()
        wait(lambda: arena.league() > before, "the league an hour earlier")
        clock.set("-2d")
        said, _ = league.communicate()
    assert league.returncode == 0, said
    clock.set("+0")
    arena.succeed("league", "--matches", "20", **clock.environment)

    assert assert_as_if_undisturbed(arena, twin) == 260
    with arena.store() as store, store.read() as connection:
        ends = select(func.count()).where(Match.ended_at < Match.started_at)
        assert connection.scalar(ends) == 0
        days = set(connection.scalars(select(func.date(Match.started_at))))
    assert len(days) > 1, "the clock was not wrong"


@contextmanager
def placing(arena: Arena, alias: str) -> Iterator[None]:
    """A process in the middle of a placement, which is killed at the end of the block."""
    module = "arena_pipeline_tests.evaluation.worker"
    settings = arena.settings
    with subprocess.Popen(
        [sys.executable, "-m", module, "place", settings.store_url, str(settings.root), alias],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline()
        yield
        process.kill()


@ON_SQLITE
def test_the_lease_of_a_process_killed_before_the_clock_was_put_back_blocks_nobody(
    arena: Arena, clock: Clock
) -> None:
    """Shows that a lease which now ends two days ahead is not believed: the placement of the dead
    process is given back, with an incident that says so, and played to its end.
    """
    with arena.models_file.open("a", encoding="utf-8") as file:
        file.write(NEWCOMER)
    arena.succeed("sync")
    with placing(arena, "newcomer"):
        pass
    clock.set("-2d")

    said = arena.succeed("league", "--matches", "4", **clock.environment)

    assert "newcomer is placed" in said
    with arena.store() as store:
        (incident,) = incidents(store)
    assert "claims it until" in incident.error


@ON_SQLITE
def test_catalogs_synced_while_the_clock_is_put_back_stay_in_their_order(
    arena: Arena, clock: Clock, httpserver: HTTPServer
) -> None:
    """Shows that the order of catalogs is that of the syncs: what was read last is the present, and
    the price history runs forward although the clock did not.
    """
    path = "/api/v1/models"
    for offset, price in (("+0", "0.000001"), ("-2d", "0.000002"), ("-1h", "0.000003")):
        clock.set(offset)
        httpserver.clear()
        answer = httpserver.expect_request(path)
        answer.respond_with_data(body(row("acme/one", prompt=price)))
        where = {"ARENA_CATALOG_URL": httpserver.url_for(path)}
        arena.succeed("sync", **clock.environment, **where)

    with arena.store() as store:
        history = prices(store, "acme/one")
    assert [int(point.price_prompt or 0) for point in history] == [1, 2, 3]
