"""Elo: the published formula, one kernel whichever way it is run, and the laws it keeps."""

import json
import math
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena_pipeline.ratings import elo
from arena_pipeline.ratings.elo import LOST, TIED, WON, expected_score, rate, replay, replay_pairs

RATINGS = st.floats(min_value=-2000, max_value=5000)
CODES = {"won": WON, "tied": TIED, "lost": LOST}


def test_equals_expect_half() -> None:
    assert expected_score(1500.0, 1500.0) == 0.5


def test_four_hundred_points_are_ten_to_one() -> None:
    assert expected_score(1900.0, 1500.0) == pytest.approx(10 / 11)


def test_a_win_between_equals_moves_half_of_k() -> None:
    assert rate([1500.0, 1500.0], [0, 1], [WON, LOST]) == [1516.0, 1484.0]


def test_a_tie_between_equals_moves_nothing() -> None:
    assert rate([1500.0, 1500.0], [0, 1], [TIED, TIED]) == [1500.0, 1500.0]


def test_four_players_share_k_among_their_opponents() -> None:
    after = rate([1500.0] * 4, [0, 1, 2, 3], [WON, LOST, LOST, LOST])

    assert after == [1516.0, *[pytest.approx(1500 - 16 / 3)] * 3]


def test_everything_is_computed_from_the_ratings_before_the_match() -> None:
    first, second, third = 1500.0, 1700.0, 1400.0
    delta = 16.0 * ((1 - expected_score(first, second)) + (1 - expected_score(first, third)))

    assert rate([first, second, third], [0, 1, 2], [WON, TIED, LOST])[0] == pytest.approx(
        first + delta
    )


@pytest.mark.parametrize("ranks", [[WON, LOST], [LOST, WON], [TIED, TIED]])
def test_self_play_moves_nothing(ranks: list[int]) -> None:
    assert rate([1600.0], [0, 0], ranks) == [1600.0]


def test_one_seat_moves_nothing() -> None:
    assert rate([1600.0], [0], [WON]) == [1600.0]


def test_team_mates_are_not_compared() -> None:
    strong_pair_wins = rate([1900.0, 1500.0, 1500.0], [0, 1, 2], [WON, WON, LOST], [0, 0, 1])

    assert strong_pair_wins[1] == 1500 + 16.0 * 0.5
    assert sum(strong_pair_wins) == pytest.approx(4900)


@given(st.lists(st.tuples(RATINGS, st.sampled_from([0, 1, 2])), min_size=2, max_size=8))
def test_a_match_gives_and_takes_the_same(seats: list[tuple[float, int]]) -> None:
    ratings = [rating for rating, _ in seats]
    after = rate(ratings, range(len(seats)), [rank for _, rank in seats])

    assert math.fsum(after) == pytest.approx(math.fsum(ratings), abs=1e-6)


@given(RATINGS, RATINGS, st.sampled_from([0, 1, 2]))
def test_no_rating_moves_by_more_than_k(own: float, other: float, rank: int) -> None:
    after = rate([own, other], [0, 1], [rank, 2 - rank])

    assert abs(after[0] - own) <= elo.K + 1e-9


def history(matches: int, seed: int, seats: Iterable[int] = (2,)) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    sizes = rng.choice(list(seats), matches)
    offsets = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    competitors = np.concatenate([rng.choice(40, size, replace=False) for size in sizes]).astype(
        np.int32
    )
    ranks = rng.integers(0, 3, len(competitors)).astype(np.int8)
    return {"offsets": offsets, "competitors": competitors, "ranks": ranks}


def one_by_one(history: dict[str, Any]) -> list[float]:
    ratings = [elo.INITIAL] * 40
    offsets = history["offsets"].tolist()
    for start, stop in pairwise(offsets):
        who = history["competitors"][start:stop].tolist()
        after = rate(
            [ratings[one] for one in who], range(len(who)), history["ranks"][start:stop].tolist()
        )
        for one, rating in zip(who, after, strict=True):
            ratings[one] = rating
    return ratings


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize("seats", [(2,), (2, 3, 5, 8)])
def test_a_replayed_history_is_bit_for_bit_what_one_match_at_a_time_gives(
    compiled: bool, seats: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(elo, "_WORTH_COMPILING", 0 if compiled else 10**9)
    played = history(3000, seed=len(seats), seats=seats)

    after, _, _ = replay(**played, initial=np.full(40, elo.INITIAL))

    assert after.tolist() == one_by_one(played)


def test_before_and_after_of_each_seat_tell_the_history() -> None:
    played = history(500, seed=3)
    ratings = np.full(40, elo.INITIAL)

    final, before, after = replay(**played, initial=ratings)

    present = ratings.copy()
    for seat, competitor in enumerate(played["competitors"]):
        assert before[seat] == present[competitor] or seat % 2
        present[competitor] = after[seat]
    assert present.tolist() == final.tolist()
    assert ratings.tolist() == [elo.INITIAL] * 40


def test_pairs_are_bit_for_bit_the_general_way() -> None:
    played = history(5000, seed=4)
    played["ranks"][1::2] = 2 - played["ranks"][0::2]
    initial = np.full(40, elo.INITIAL)

    pairs = replay_pairs(
        played["competitors"][0::2], played["competitors"][1::2], played["ranks"][0::2], initial
    )

    assert pairs.tolist() == replay(**played, initial=initial)[0].tolist()


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"offsets": np.array([0, 3])}, "from 0 to the number of seats"),
        ({"offsets": np.array([], np.int64)}, "from 0 to the number of seats"),
        ({"ranks": np.array([2], np.int8)}, "one entry per seat"),
        ({"competitors": np.array([0, 9], np.int32)}, r"must lie in \[0, 2\)"),
        ({"competitors": np.array([-1, 0], np.int32)}, r"must lie in \[0, 2\)"),
        ({"teams": np.array([0], np.int32)}, "one entry per seat"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(change: dict[str, Any], complaint: str) -> None:
    fitting = {
        "offsets": np.array([0, 2]),
        "competitors": np.array([0, 1], np.int32),
        "ranks": np.array([2, 0], np.int8),
        "initial": np.full(2, 1500.0),
    }

    with pytest.raises(ValueError, match=complaint):
        replay(**{**fitting, **change})


def test_an_empty_history_changes_nothing() -> None:
    empty = np.array([], np.int32)

    final, before, after = replay(
        np.array([0]), empty, empty.astype(np.int8), np.array([1500.0, 1600.0])
    )

    assert (final.tolist(), before.tolist(), after.tolist()) == ([1500.0, 1600.0], [], [])


# Published numbers.


def headers(folder: Path) -> list[dict[str, Any]]:
    lines = [
        json.loads(line)
        for name in ("headers_3577.jsonl", "headers_extra.jsonl")
        for line in (folder / name).read_text().splitlines()
    ]
    return sorted((line.get("metadata", line) for line in lines), key=lambda line: line["end_time"])


def ratings_of(games: Iterable[dict[str, Any]]) -> dict[str, float]:
    ratings: dict[str, float] = {}
    for game in games:
        names = list(game["models"].values())
        competitors = list(dict.fromkeys(names))
        after = rate(
            [ratings.get(name, elo.INITIAL) for name in competitors],
            [competitors.index(name) for name in names],
            [CODES.get(game["game_result"][seat], TIED) for seat in game["models"]],
        )
        ratings.update(zip(competitors, after, strict=True))
    return ratings


@pytest.mark.shared
def test_the_published_ratings_of_3577_games_come_out_bit_for_bit(shared_data: Path) -> None:
    folder = shared_data / "snakebench"
    published = json.loads((folder / "expected" / "stats_simple.json").read_text())
    covered = {
        entry["game_id"]
        for entry in json.loads((folder / "expected" / "game_index.json").read_text())
    }

    ratings = ratings_of(game for game in headers(folder) if game["game_id"] in covered)

    assert ratings == {name: entry["elo"] for name, entry in published.items()}


@pytest.mark.shared
def test_eleven_earlier_states_come_out_too(shared_data: Path) -> None:
    folder = shared_data / "snakebench"
    games = headers(folder)
    states = sorted((folder / "oracles").glob("*.json"))
    assert len(states) == 11
    for state in states:
        oracle = json.loads(state.read_text())
        ids = set(oracle["game_ids"])
        ratings = ratings_of(game for game in games if game["game_id"] in ids)
        tolerance = 5e-13 if state.stem == "2c4e3fa2" else 0.0
        assert ratings.keys() == oracle["ratings"].keys()
        for name, published in oracle["ratings"].items():
            assert abs(ratings[name] - published["elo"]) <= tolerance, (state.stem, name)
