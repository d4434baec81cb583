"""TrueSkill: known values, the laws it keeps, and the ratings that another arena published."""

import json
import math
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena_pipeline.ratings.elo import LOST, TIED, WON
from arena_pipeline.ratings.factor_graph import posterior
from arena_pipeline.ratings.trueskill import (
    PUBLISHED,
    Parameters,
    draw_margin,
    exposed,
    rate,
)

PAPER = Parameters(tau=25 / 300)
STILL = Parameters(tau=0.0)
MUS = st.floats(min_value=-100, max_value=200)
SIGMAS = st.floats(min_value=0.1, max_value=30)
CODES = {"won": WON, "tied": TIED, "lost": LOST}


def newcomers(ranks: list[int]) -> list[float]:
    """Means and then deviations to which newcomers come by one match of theirs."""
    count = len(ranks)
    mus, sigmas = rate([PAPER.mu] * count, [PAPER.sigma] * count, ranks, PAPER)
    return [*mus, *sigmas]


def published(*figures: float) -> Any:
    """Figures of the literature: three decimals, the last one not always exact."""
    return pytest.approx(list(figures), abs=1.1e-3)


def test_two_newcomers_come_to_the_values_of_the_literature() -> None:
    assert newcomers([WON, LOST]) == published(29.396, 20.604, 7.171, 7.171)
    assert newcomers([TIED, TIED]) == published(25.0, 25.0, 6.458, 6.458)


def test_three_newcomers_come_to_the_values_of_the_literature() -> None:
    assert newcomers([2, 1, 0]) == published(31.675, 25.0, 18.325, 6.656, 6.208, 6.656)
    assert newcomers([0, 0, 0]) == published(25.0, 25.0, 25.0, 5.698, 5.695, 5.698)


def test_eight_newcomers_come_to_the_values_of_the_literature() -> None:
    assert newcomers([7, 6, 5, 4, 3, 2, 1, 0]) == published(
        36.771, 32.242, 29.074, 26.322, 23.678, 20.926, 17.758, 13.229,
        5.749, 5.133, 4.943, 4.874, 4.874, 4.943, 5.133, 5.749,
    )  # fmt: skip


@given(MUS, SIGMAS, MUS, SIGMAS, st.sampled_from([(WON, LOST), (TIED, TIED)]))
def test_the_graph_gives_two_players_what_the_closed_form_does(
    mu: float, sigma: float, other_mu: float, other_sigma: float, ranks: tuple[int, int]
) -> None:
    mus, sigmas = rate([mu, other_mu], [sigma, other_sigma], ranks, STILL)
    graph = posterior(
        [mu, other_mu],
        [sigma**2, other_sigma**2],
        [ranks[0] == ranks[1]],
        beta=STILL.beta,
        margin=draw_margin(STILL),
    )

    for seat in range(2):
        assert graph[seat][0] == pytest.approx(mus[seat], rel=1e-9, abs=1e-9)
        assert math.sqrt(graph[seat][1]) == pytest.approx(sigmas[seat], rel=1e-9)


@given(st.lists(st.tuples(MUS, SIGMAS), min_size=2, max_size=5), st.data())
def test_the_order_of_seats_is_of_no_matter_where_nobody_ties(
    players: list[tuple[float, float]], data: st.DataObject
) -> None:
    order = data.draw(st.permutations(range(len(players))))
    mus, sigmas = zip(*players, strict=True)
    ranks = list(range(len(players)))
    straight = rate(mus, sigmas, ranks)

    mixed = rate([mus[i] for i in order], [sigmas[i] for i in order], [ranks[i] for i in order])

    assert mixed[0] == pytest.approx([straight[0][i] for i in order])
    assert mixed[1] == pytest.approx([straight[1][i] for i in order])


@given(MUS, SIGMAS, MUS, SIGMAS)
def test_two_who_tie_may_change_seats(a: float, sa: float, b: float, sb: float) -> None:
    mus, sigmas = rate([a, b], [sa, sb], [TIED, TIED])
    swapped = rate([b, a], [sb, sa], [TIED, TIED])

    assert swapped[0][::-1] == pytest.approx(mus, rel=1e-9, abs=1e-9)
    assert swapped[1][::-1] == pytest.approx(sigmas)


@given(
    st.lists(st.tuples(MUS, SIGMAS, st.integers(0, 3)), min_size=2, max_size=6),
    st.floats(min_value=-50, max_value=50),
)
def test_only_differences_of_means_count(
    players: list[tuple[float, float, int]], shift: float
) -> None:
    mus, sigmas, ranks = zip(*players, strict=True)

    here = rate(mus, sigmas, ranks)
    there = rate([mu + shift for mu in mus], sigmas, ranks)

    assert there[0] == pytest.approx([mu + shift for mu in here[0]], rel=1e-6, abs=1e-6)
    assert there[1] == pytest.approx(here[1], rel=1e-6)


@given(st.lists(st.tuples(MUS, SIGMAS, st.integers(0, 3)), min_size=2, max_size=6))
def test_without_tau_a_match_only_ever_makes_surer(
    players: list[tuple[float, float, int]],
) -> None:
    mus, sigmas, ranks = zip(*players, strict=True)

    _, after = rate(mus, sigmas, ranks, STILL)

    assert all(new <= old * (1 + 1e-9) for new, old in zip(after, sigmas, strict=True))


def test_the_better_place_is_worth_more_whoever_takes_it() -> None:
    for ranks in permutations([2, 1, 0]):
        mus, _ = rate([25.0] * 3, [8.0] * 3, ranks)
        assert sorted(range(3), key=lambda seat: mus[seat]) == sorted(
            range(3), key=lambda seat: ranks[seat]
        )


@pytest.mark.parametrize("parameters", [STILL, PUBLISHED], ids=["exact", "approximated"])
@pytest.mark.parametrize("ranks", [[0, 1, 2], [2, 1, 0], [1, 1, 1], [0, 1, 1]])
@pytest.mark.parametrize("seats", [2, 3])
@pytest.mark.parametrize("gap", [1e3, 1e6, 1e9])
def test_the_widest_gap_gives_finite_numbers(
    gap: float, seats: int, ranks: list[int], parameters: Parameters
) -> None:
    mus, sigmas = rate([gap, 0.0, -gap][:seats], [1e-3, 1.0, 100.0][:seats], ranks[:seats],
                       parameters)  # fmt: skip

    assert all(map(math.isfinite, [*mus, *sigmas]))
    assert all(sigma > 0.0 for sigma in sigmas)


def test_a_match_of_one_changes_nothing() -> None:
    assert rate([30.0], [2.0], [WON]) == ([30.0], [2.0])
    assert rate([], [], []) == ([], [])


def test_what_is_exposed_is_three_deviations_below_the_mean() -> None:
    assert exposed(25.0, 25.0 / 3.0) == 0.0


@pytest.mark.parametrize(
    ("mus", "sigmas", "ranks", "said"),
    [
        ([25.0], [8.0, 8.0], [1, 0], "one entry per seat"),
        ([25.0, math.nan], [8.0, 8.0], [1, 0], "must be finite"),
        ([25.0, 25.0], [8.0, -1.0], [1, 0], "not negative"),
        ([25.0, 25.0], [8.0, 0.0], [1, 0], "needs a tau"),
    ],
)
def test_what_is_no_rating_is_refused(
    mus: list[float], sigmas: list[float], ranks: list[int], said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        rate(mus, sigmas, ranks, STILL)


@pytest.mark.parametrize(
    "wrong",
    [{"beta": 0.0}, {"mu": math.inf}, {"tau": -1.0}, {"sigma": 0.0}, {"draw_probability": 1.0}],
)
def test_what_no_model_can_be_made_of_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Parameters(**wrong)  # type: ignore[arg-type]


def published_order(folder: Path) -> list[dict[str, Any]]:
    lines = (folder / "headers_3577.jsonl").read_text().splitlines()
    games = [json.loads(line)["metadata"] for line in lines]
    games.sort(key=lambda game: (game["start_time"] or "", game["end_time"], game["game_id"]))
    return games


@pytest.mark.shared
def test_the_published_ratings_of_3577_games_come_out(shared_data: Path) -> None:
    folder = shared_data / "snakebench"
    entries = json.loads((folder / "expected" / "trueskill_3577.json").read_text())
    skills: dict[str, tuple[float, float]] = {}

    for game in published_order(folder):
        names = list(game["models"].values())
        before = [skills.get(name, (PUBLISHED.mu, PUBLISHED.sigma)) for name in names]
        mus, sigmas = zip(*before, strict=True)
        ranks = [CODES[game["game_result"][seat]] for seat in game["models"]]
        after = rate(mus, sigmas, ranks, PUBLISHED)
        skills.update(zip(names, zip(*after, strict=True), strict=True))

    assert skills.keys() == {entry["name"] for entry in entries}
    for entry in entries:
        mu, sigma = skills[entry["name"]]
        assert abs(mu - entry["trueskill_mu"]) < 1e-9, entry["name"]
        assert abs(sigma - entry["trueskill_sigma"]) < 1e-9, entry["name"]
        assert abs(exposed(mu, sigma) - entry["trueskill_exposed"]) < 1e-9, entry["name"]
