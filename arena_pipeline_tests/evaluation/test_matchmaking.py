"""Who plays whom next: the laws of the climb and of the league."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from arena_pipeline.evaluation.matchmaking import (
    Meetings,
    Rated,
    climb,
    in_turn,
    round_robin_pairs,
    starting_point,
)
from arena_pipeline.games.protocol import Result

NAMES = st.text("abcdefgh", min_size=1, max_size=2)
RATINGS = st.integers(1000, 2000).map(float)
POOLS = st.dictionaries(NAMES, RATINGS, min_size=1).map(
    lambda ratings: [Rated(*one) for one in ratings.items()]
)
ENDS = st.sampled_from([None, *Result])

LADDER = [Rated(name, rating) for name, rating in (("a", 1700), ("b", 1600), ("c", 1500))]


@given(POOLS, st.sets(NAMES), RATINGS, ENDS)
def test_nobody_is_met_again_while_somebody_is_unplayed(
    pool: list[Rated], played: set[str], current: float, last: Result | None
) -> None:
    chosen = climb(pool, played, current, last)

    assert chosen in pool
    assert chosen.name not in played or all(one.name in played for one in pool)


@given(POOLS, RATINGS)
def test_after_a_win_comes_the_next_above_or_the_highest(pool: list[Rated], current: float) -> None:
    above = [one.rating for one in pool if one.rating > current]

    chosen = climb(pool, (), current, Result.WON)

    assert chosen.rating == (min(above) if above else max(one.rating for one in pool))


@given(POOLS, RATINGS)
def test_after_a_loss_comes_the_next_below_or_the_lowest(pool: list[Rated], current: float) -> None:
    below = [one.rating for one in pool if one.rating < current]

    chosen = climb(pool, (), current, Result.LOST)

    assert chosen.rating == (max(below) if below else min(one.rating for one in pool))


@given(POOLS, RATINGS, st.sampled_from([None, Result.TIED]))
def test_at_first_and_after_a_tie_comes_the_nearest(
    pool: list[Rated], current: float, last: Result | None
) -> None:
    chosen = climb(pool, (), current, last)

    assert abs(chosen.rating - current) == min(abs(one.rating - current) for one in pool)


@given(POOLS.flatmap(lambda pool: st.tuples(st.just(pool), st.permutations(pool))), RATINGS, ENDS)
def test_the_choice_does_not_depend_on_the_order_of_the_pool(
    pools: tuple[list[Rated], list[Rated]], current: float, last: Result | None
) -> None:
    pool, mixed = pools

    assert climb(mixed, (), current, last) == climb(pool, (), current, last)


def test_of_two_equally_near_the_higher_one_is_chosen() -> None:
    assert climb(LADDER, (), 1550, None).name == "b"


def test_when_all_are_played_everybody_is_open_again() -> None:
    assert climb(LADDER, {"a", "b", "c"}, 1610, Result.WON).name == "a"


def test_a_newcomer_starts_at_the_median_of_the_ranked() -> None:
    assert starting_point(1500, 1500, [1700, 1600, 1400, 1300]) == 1500
    assert starting_point(1500, 1500, [1800, 1700, 1300]) == 1700


def test_whoever_has_a_rating_starts_from_it() -> None:
    assert starting_point(1510, 1500, [1800, 1700, 1300]) == 1510


def test_where_nobody_is_ranked_the_start_is_the_initial_rating() -> None:
    assert starting_point(1500, 1500, []) == 1500


def test_while_nobody_is_ranked_all_are_met_in_turn() -> None:
    played: list[str] = []
    for _ in range(5):
        played.append(in_turn(["x", "y", "z"], played))

    assert played == ["x", "y", "z", "x", "y"]


AGENTS = st.sets(NAMES, min_size=2, max_size=7).map(sorted)


@given(AGENTS, st.integers(0, 120))
def test_a_league_meets_evenly_and_plays_each_start_from_both_seats(
    names: list[str], matches: int
) -> None:
    pairings = round_robin_pairs(names, {}, matches)

    per_pair = Counter(pairing.pair for pairing in pairings)
    pairs = len(names) * (len(names) - 1) // 2
    counts = [*per_pair.values(), *[0] * (pairs - len(per_pair))]
    assert len(pairings) == matches
    assert max(counts) - min(counts) <= 2
    for first, second in zip(pairings[::2], pairings[1::2], strict=False):
        assert (first.pair, first.start) == (second.pair, second.start)
        assert first.seats == second.seats[::-1]


@given(AGENTS, st.integers(0, 60), st.integers(0, 60))
def test_a_league_in_two_calls_is_the_league_in_one(
    names: list[str], first: int, second: int
) -> None:
    begun = round_robin_pairs(names, {}, first)
    counts = Counter(pairing.pair for pairing in begun)
    met = {pair: Meetings(total=count, league=count) for pair, count in counts.items()}

    assert begun + round_robin_pairs(names, met, second) == round_robin_pairs(
        names, {}, first + second
    )


def test_those_who_met_elsewhere_already_come_later() -> None:
    met = {("a", "b"): Meetings(total=3, league=0)}

    pairings = round_robin_pairs(["a", "b", "c"], met, 6)

    assert ("a", "b") not in {pairing.pair for pairing in pairings}


@given(st.integers(2, 9))
def test_one_round_of_a_few_matches_spreads_over_everybody(count: int) -> None:
    names = [f"n{i}" for i in range(count)]

    pairings = round_robin_pairs(names, {}, 2 * count)

    seats = Counter(name for pairing in pairings for name in pairing.seats)
    assert max(seats.values()) - min(seats[name] for name in names) <= 2


def test_a_league_of_one_has_no_matches() -> None:
    assert round_robin_pairs(["alone"], {}, 10) == []
