"""Placements of models killed at random moments, with kill -9, while their calls are under way."""

from pathlib import Path

import pytest

from arena_pipeline.practice.line_up import PracticeModel
from arena_pipeline_tests.drills.practising import (
    assert_money_agrees,
    assert_placed_once,
    assert_sound,
    practising,
)
from arena_pipeline_tests.drills.processes import dice_for, pass_time, wait
from arena_pipeline_tests.drills.standing import answers

EIGHT = [
    PracticeModel(slug=f"practice/m{number}", policy=policy, blunders=0.1)
    for number, policy in enumerate(("greedy", "careful_random") * 4)
]
LONGEST_WAIT_S = 300
FEW, MANY = 10, 50


@pytest.mark.parametrize(
    ("kills", "matches", "database"),
    [
        pytest.param(FEW, 2, "sqlite", id="10-sqlite"),
        pytest.param(FEW, 2, "postgresql", id="10-postgresql", marks=pytest.mark.soak),
        pytest.param(MANY, 8, "sqlite", id="50-sqlite", marks=pytest.mark.soak),
        pytest.param(MANY, 8, "postgresql", id="50-postgresql", marks=pytest.mark.soak),
    ],
)
def test_placements_killed_at_random_moments_end_as_if_nothing_had_been(
    tmp_path: Path, practice_url: str | None, kills: int, matches: int
) -> None:
    """Shows that a kill at any moment of a placement of eight models loses no match, counts none
    twice and leaves no money set aside; the bills agree with what the gateway served, but for calls
    that were under way, which are recorded as unknown.
    """
    dice = dice_for(612)
    with practising(
        tmp_path / "arena",
        practice_url,
        {"practice": EIGHT},
        latency_s=0.05,
        ARENA_PLACEMENT_MATCHES=str(matches),
    ) as practice:
        for number in range(kills):
            # However slow the machine is: of those who never get an answer, placements fail.
            more = len(EIGHT) if number % 2 else 0
            before, answered = practice.calls(), answers(practice)
            placer = practice.start()
            wait(
                lambda before=before, enough=answered + more, placer=placer: (  # type: ignore[misc]
                    (practice.calls() > before and answers(practice) >= enough)
                    or not placer.is_alive
                ),
                "a call",
                LONGEST_WAIT_S,
            )
            pass_time(dice.uniform(0, 0.4))
            placer.kill()
            practice.leases_run_out()

        practice.place()

        assert_placed_once(practice, len(EIGHT))
        assert_sound(practice)
        lost = assert_money_agrees(practice)
        print(f"calls served whose bill never came: {lost}")  # noqa: T201 - shown with a failure
