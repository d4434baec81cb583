"""Each bot is stronger than the one before it: what a league's first leaderboard rests on."""

from itertools import pairwise

import pytest

from arena_pipeline_tests.players.bots.snake.matches import points

MATCHES = 100
CLEARLY = 65

WEAKEST_FIRST = ("random", "careful_random", "greedy", "flood", "search")


@pytest.mark.parametrize(("weaker", "stronger"), [*pairwise(WEAKEST_FIRST)])
def test_each_bot_clearly_beats_the_next_weaker(stronger: str, weaker: str) -> None:
    assert points(stronger, weaker, MATCHES) >= CLEARLY


@pytest.mark.parametrize("weaker", WEAKEST_FIRST[:-2])
def test_the_strongest_beats_them_all(weaker: str) -> None:
    assert points("search", weaker, 20) >= 0.8 * 20
