"""Watching a match: in colour on a terminal, as text in a pipe."""

import io
from dataclasses import replace

import pytest
from rich.console import Console

from arena_pipeline.cli.watching import watching
from arena_pipeline.games.snake.render import render
from arena_pipeline.matches.plan import FinishedMatch
from arena_pipeline.matches.recorder import OpenMatch
from arena_pipeline.store import Store
from arena_pipeline_tests.agents import add_agents, finished_match
from arena_pipeline_tests.cli.conftest import Arena


@pytest.fixture
def match(played_store: Store) -> FinishedMatch:
    entrants = add_agents(played_store, "[red]one[/]", "two")
    return finished_match(played_store, list(entrants.values()), seed=3)


def shown(match: FinishedMatch, console: Console) -> str:
    """What a console shows after the first step of a match."""
    assert match.started_at is not None
    with watching(console) as on_step:
        on_step(
            OpenMatch(
                match.plan, match.seats, match.initial, match.started_at, steps=[match.steps[0]]
            )
        )
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_in_a_pipe_every_position_is_plain_text(match: FinishedMatch) -> None:
    text = shown(match, Console(file=io.StringIO(), width=20))

    assert text.startswith("Round 1, seed 3\n0 [red]one[/]: 0")
    assert render(match.steps[0].state) in text
    assert "\x1b" not in text


def test_on_a_terminal_the_board_is_drawn_in_colour(match: FinishedMatch) -> None:
    text = shown(match, Console(file=io.StringIO(), force_terminal=True, width=80))

    assert "[red]one[/]" in text
    assert "●" in text
    assert "\x1b[36m" in text


def test_a_game_that_draws_no_board_is_shown_by_its_facts(match: FinishedMatch) -> None:
    other = replace(match, plan=replace(match.plan, config=replace(match.plan.config, game="nim")))

    assert "\nboard: [10, 10]\nround: 1\n" in shown(other, Console(file=io.StringIO()))


def test_watching_leaves_the_document_alone(arena: Arena, fresh_dir: object) -> None:
    ran = arena("play", "random", "greedy", "--seed", "1", "--watch", "--json")

    assert len(ran.document["matches"]) == 1
    assert "Round 1, seed 1" in ran.err
