"""Chance is the same everywhere, and its kinds do not know of each other."""

from collections import Counter
from typing import Any

import pytest

from arena_pipeline.games.chance import Chance, ImaginedChance, RecordedChance, SeededChance
from arena_pipeline.games.protocol import GameError


@pytest.mark.parametrize("make", [SeededChance, ImaginedChance])
def test_every_number_is_as_likely(make: type[SeededChance | ImaginedChance]) -> None:
    chance = make(5)
    assert isinstance(chance, Chance)

    drawn = Counter(chance.below(7) for _ in range(7_000))

    assert set(drawn) == set(range(7))
    assert all(850 < count < 1_150 for count in drawn.values())


def test_a_seed_draws_the_same_on_every_machine() -> None:
    chance = SeededChance(42, "match", 3)

    assert [chance.below(1_000) for _ in range(6)] == [528, 700, 738, 822, 875, 872]


def test_imagined_chance_draws_the_same_on_every_machine() -> None:
    chance = ImaginedChance(42)

    assert [chance.below(1_000) for _ in range(6)] == [741, 159, 278, 344, 38, 868]


def test_purposes_tell_streams_of_one_match_apart() -> None:
    streams = {
        tuple(SeededChance(1, *purpose).below(1_000_000) for _ in range(1))
        for purpose in [(), ("game",), ("player", 0), ("player", 1)]
    }

    assert len(streams) == 4


def test_recorded_chance_gives_what_was_recorded() -> None:
    chance = RecordedChance([3, 0, 9])

    assert isinstance(chance, Chance)
    assert [chance.below(10) for _ in range(2)] == [3, 0]
    assert chance.left == 1


@pytest.mark.parametrize("drawn", [10, -1, "3", 2.0, True, None])
def test_a_draw_that_cannot_have_been_is_refused(drawn: Any) -> None:
    with pytest.raises(GameError, match="Draw 0 is"):
        RecordedChance([drawn]).below(10)


def test_recorded_chance_ends_where_the_record_does() -> None:
    chance = RecordedChance([1])
    chance.below(2)

    with pytest.raises(GameError, match="Only 1 draws are recorded"):
        chance.below(2)
