"""Of several versions the most complete wins, in whatever order they come."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena_pipeline.importers.snakebench.reading.layouts import read_game
from arena_pipeline.importers.snakebench.recording.choosing import is_better, worth
from arena_pipeline_tests.importers.snakebench.makers import make

DIGESTS = st.text("0123456789abcdef", min_size=64, max_size=64)
VERSIONS = st.tuples(st.tuples(*[st.integers(0, 3)] * 6), DIGESTS)


@given(st.lists(VERSIONS, min_size=1, max_size=5, unique=True))
def test_the_order_in_which_versions_come_does_not_matter(
    versions: list[tuple[tuple[int, ...], str]],
) -> None:
    winners = set()
    for order in permutations(versions):
        best = order[0]
        for one in order[1:]:
            best = one if is_better(one, best) else best
        winners.add(best)

    assert len(winners) == 1


@pytest.mark.parametrize("original", ["v0a", "v0b_rewritten", "v0b_native", "v0c", "v1_native"])
@pytest.mark.parametrize("copy", ["v1_migrated", "v1_costs", "header"])
def test_a_file_its_game_wrote_is_worth_more_than_one_made_of_it(original: str, copy: str) -> None:
    assert worth(read_game(make(original)), "unexplained") > worth(
        read_game(make(copy)), "verified"
    )


def test_any_replay_is_worth_more_than_a_header() -> None:
    header = worth(read_game(make("header")), "header_only")

    assert worth(read_game(make("v1_migrated")), "unexplained") > header


def test_a_verified_version_is_worth_more_than_one_that_is_not() -> None:
    game = read_game(make("v1_migrated"))

    assert worth(game, "verified") > worth(game, "shifted_moves")


def test_costs_that_were_filled_in_make_a_migrated_file_worth_more() -> None:
    assert worth(read_game(make("v1_costs")), "verified") > worth(
        read_game(make("v1_migrated")), "verified"
    )
