"""PostgreSQL stopped and started again under load."""

import re
import subprocess
import sys

import pytest

from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Match
from arena_pipeline_tests.drills.arenas import Arena, assert_as_if_undisturbed, outcome
from arena_pipeline_tests.drills.processes import wait
from arena_pipeline_tests.drills.stack import Stack
from arena_pipeline_tests.matches.looking import assert_sound, count
from arena_pipeline_tests.matches.writer import matches
from arena_pipeline_tests.postgres import Cluster, Mode

MATCHES = 240

CUT_OFF = re.compile(r"arena_pipeline\.errors\.StoreError: The store postgresql\S+ failed: ")
"""The last line of a writer that lost its server; the others end with the number of a batch."""

pytestmark = pytest.mark.parametrize("database", ["postgresql"], indirect=True)


def start_writer(arena: Arena, batch: int) -> "subprocess.Popen[str]":
    """A process that does nothing but record: the same matches in the same order as the others."""
    module = "arena_pipeline_tests.matches.writer"
    arguments = (arena.settings.store_url, arena.settings.replay_dir, 0, MATCHES, batch)
    return subprocess.Popen(
        [sys.executable, "-m", module, *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_writers_cut_off_by_a_restart_go_on_or_say_so_and_a_repeat_completes_them(
    arena: Arena, twin: Arena, drilled_cluster: Cluster, mode: Mode
) -> None:
    """Shows that processes which lose their server in the middle of a transaction go on or end with
    one sentence, that nothing committed is lost or counted twice, and that after a repeat all is
    as without the restart to the last bit.
    """
    processes = [start_writer(arena, batch) for batch in (1, 2, 5)]
    with arena.store() as store:
        before = count(store, Match)
        wait(lambda: count(store, Match) > before + 20, "the writers")

    drilled_cluster.restart(mode)

    endings = [last_words(process) for process in processes]
    with arena.store() as store:
        survived = count(store, Match) - before
        assert_sound(store, Recorder(store, arena.settings.replay_dir), before + survived)
        record_all(store, arena)
        with twin.store() as undisturbed:
            record_all(undisturbed, twin)
            assert outcome(store) == outcome(undisturbed)
        assert_sound(store, Recorder(store, arena.settings.replay_dir), before + MATCHES)
    cut_off = [ending for ending in endings if not ending.isdigit()]
    assert all(CUT_OFF.match(ending) for ending in cut_off), cut_off
    assert cut_off, "the restart hit nobody"


@pytest.mark.soak
def test_the_whole_stack_goes_on_when_its_server_is_restarted(
    arena: Arena, twin: Arena, drilled_cluster: Cluster
) -> None:
    """Shows that web server, daemon, code server and runs of a serving stack find their server
    again by themselves, and that the end state is the undisturbed one.
    """
    stack = Stack(arena, league=300)
    modes: tuple[Mode, ...] = ("fast", "immediate", "fast", "immediate")
    with stack.up() as up:
        stack.serves(up)
        stack.switch_league_on()
        for mode in modes:
            stack.league_goes_on()
            drilled_cluster.restart(mode)
        stack.league_goes_on()
        assert up.stop()[0] == 0, up.output

    assert_as_if_undisturbed(arena, twin)


def last_words(process: "subprocess.Popen[str]") -> str:
    """How a writer ended: the last line it printed."""
    said, _ = process.communicate()
    return said.splitlines()[-1]


def record_all(store: Store, arena: Arena) -> None:
    """Record all matches once more, in this process."""
    Recorder(store, arena.settings.replay_dir).record(matches(store, 0, MATCHES))
