"""`arena watch`: matches under way, in a pipe and on a terminal."""

import asyncio
import io
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from rich.console import Console

from arena_pipeline.cli.calling.watch import Picture, look
from arena_pipeline.evaluation.switch import pause
from arena_pipeline.games.snake.render import render
from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.matches.runner import MatchPaused, RunnerOptions, play
from arena_pipeline.players.protocol import TurnPostponed
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Purpose
from arena_pipeline_tests.agents import add_agents, plan
from arena_pipeline_tests.cli.conftest import Arena
from arena_pipeline_tests.matches.thinking import add_calls, thinking

LATER = datetime(2099, 1, 1, tzinfo=UTC)


@pytest.fixture
def paused(played_store: Store) -> list[str]:
    """Two matches that stand still, the first of which has cost something; their uuids."""
    entrants = list(add_agents(played_store, "[red]one[/]", "two\x1b[2J").values())
    recorder = Recorder(played_store, Settings.load().replay_dir)
    options = RunnerOptions(journal_owner="me")
    uuids = []
    for seed in (12, 13):
        duel = plan(played_store, entrants, seed=seed, purpose=Purpose.PLACEMENT)
        trouble: dict[int, BaseException] = {1: TurnPostponed("quota: <none> left", LATER)}
        with pytest.raises(MatchPaused):
            asyncio.run(play(recorder, duel, thinking(duel, trouble), options))
        uuids.append(duel.uuid)
    add_calls(played_store, uuids[0], [{"step": 0, "slot": 0, "cost_counted": Decimal("0.0125")}])
    return uuids


@pytest.mark.usefixtures("played_dir")
def test_where_nothing_is_under_way_it_says_so(arena: Arena) -> None:
    assert arena("watch").out == "No match of a language model is under way\n"


def test_in_a_pipe_it_is_one_plain_snapshot(
    arena: Arena, played_store: Store, paused: list[str]
) -> None:
    ran = arena("watch")

    (match, _) = look(played_store, None, 9)[0].matches
    assert ran.code == 0
    assert ran.out.startswith("Matches under way: 2 paused\n")
    assert f"{paused[0]}  Turn 1, placement on" in ran.out
    assert ", 0.0125 USD\n0 [red]one[/]: 0, 0.0125 USD\n" in ran.out
    assert " UTC until 2099-01-01 00:00:00 UTC: quota: <none> left\n" in ran.out
    assert render(match.state) in ran.out
    assert "\x1b" not in ran.out


def test_of_another_ladder_nothing_is_shown(arena: Arena, paused: list[str]) -> None:
    assert len(arena("watch", "--json").document["under_way"]["matches"]) == len(paused)
    assert arena("watch", "--ladder", "nowhere").code == 1


def test_the_document_has_all_of_it(arena: Arena, played_store: Store, paused: list[str]) -> None:
    pause(played_store, "ada", "lunch")

    document = arena("watch", "--json").document

    assert document["paused"]["by"] == "ada"
    first = document["under_way"]["matches"][0]
    assert (first["uuid"], first["cost"]) == (paused[0], "0.0125")
    assert first["seats"][1]["name"] == "two\x1b[2J"


@pytest.mark.parametrize(("width", "beside"), [(200, True), (40, False)])
def test_on_a_terminal_boards_lie_beside_each_other_where_there_is_room(
    played_store: Store, paused: list[str], width: int, beside: bool
) -> None:
    console = Console(
        file=io.StringIO(), force_terminal=True, width=width, height=200, color_system=None
    )

    console.print(Picture(*look(played_store, None, len(paused))))

    assert isinstance(console.file, io.StringIO)
    tops = [line.count("┌") for line in console.file.getvalue().splitlines() if "┌" in line]
    assert tops == ([2] if beside else [1, 1])
    assert "\x1b[2J" not in console.file.getvalue()


def test_on_a_low_terminal_what_does_not_fit_is_only_counted(
    played_store: Store, paused: list[str]
) -> None:
    console = Console(file=io.StringIO(), force_terminal=True, width=60, height=24)

    console.print(Picture(*look(played_store, None, len(paused))))

    assert isinstance(console.file, io.StringIO)
    assert console.file.getvalue().count("┌") == 1
    assert "2 paused (1 more than fit here)" in console.file.getvalue()
