"""Whether groups differ by more than chance."""

import random
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena_pipeline.ratings.differences import Cell, holm, permutation_p


def cells(group: str, *totals: float, weight: float = 1.0) -> list[Cell]:
    """One cell for each total."""
    return [Cell(group, weight, total) for total in totals]


def test_groups_far_apart_are_told_apart() -> None:
    apart = cells("a", *[0.0] * 20) + cells("b", *[1.0] * 20)

    assert permutation_p(apart, "seed") == 1e-5


def test_the_p_value_is_that_of_all_deals() -> None:
    few = cells("a", 0, 1, 2) + cells("b", 2, 5, 4)
    deals = list(permutations([cell.total for cell in few]))
    gaps = [abs(sum(deal[:3]) - sum(deal[3:])) for deal in deals]

    exact = sum(gap >= gaps[0] for gap in gaps) / len(deals)

    assert permutation_p(few, "seed", 3_000) == pytest.approx(exact, rel=0.5)


def test_equal_groups_are_not_told_apart() -> None:
    assert permutation_p(cells("a", 1, 2, 3) + cells("b", 1, 2, 3), "seed") == 1.0
    assert permutation_p(cells("a", 1, 1) + cells("b", *[1] * 9), "seed") == 1.0
    assert permutation_p(cells("a", 1, 2, 3), "seed") == 1.0
    assert permutation_p([], "seed") == 1.0


def test_a_false_alarm_is_as_rare_as_promised() -> None:
    chance = random.Random(7)

    def drawn() -> list[Cell]:
        return [
            Cell(chance.choice("abc"), weight, sum(chance.random() < 0.2 for _ in range(weight)))
            for weight in chance.choices(range(1, 40), k=30)
        ]

    alarms = sum(permutation_p(drawn(), "seed", 199) <= 0.05 for _ in range(200))

    # 10 are expected; 20 or more happen less than once in 500 times.
    assert alarms < 20


def test_units_that_depend_on_each_other_do_not_raise_an_alarm() -> None:
    one_bad_match = [Cell("a", 50, 50), *cells("a", *[0] * 9, weight=50)]
    others = cells("b", *[0] * 10, weight=50)

    assert permutation_p(one_bad_match + others, "seed") > 0.3


@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(1, 9), st.integers(0, 9))))
def test_the_order_of_cells_does_not_matter(drawn: list[tuple[str, int, int]]) -> None:
    given_ = [Cell(*one) for one in drawn]

    p = permutation_p(given_, "seed", 99)

    assert 0 < p <= 1
    assert permutation_p(given_[::-1], "seed", 99) == p


def test_holms_correction() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.9, 0.8]) == [1.0, 1.0]
    assert holm([]) == []
