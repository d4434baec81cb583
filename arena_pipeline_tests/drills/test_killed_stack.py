"""The whole stack killed with kill -9: `arena up` and every process it ever started."""

import pytest

from arena_pipeline_tests.drills.arenas import Arena, assert_as_if_undisturbed
from arena_pipeline_tests.drills.processes import dice_for, pass_time, wait
from arena_pipeline_tests.drills.stack import Stack

KILLS = 20
LONGEST_S = 60.0
"""A kill comes within so long after the start: in the first pass, or in a run of the daemon."""


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_stack_killed_in_its_league_and_started_again_ends_as_if_undisturbed(
    arena: Arena, twin: Arena
) -> None:
    """Shows that the stack started again ends the dead run on paper and plays on by itself, and
    that the end state is the undisturbed one to the last bit.
    """
    dice = dice_for(1821)
    stack = Stack(arena, league=300)
    with stack.up():
        wait(lambda: arena.league() > 0, "the league")
        pass_time(dice.uniform(0, 0.25))
    played = arena.league()
    assert played < 300, "the kill came too late to be one in the league"

    with stack.up() as up:
        stack.serves(up)
        assert "was left unfinished; it is ended" in up.output
        assert up.stop()[0] == 0

    assert assert_as_if_undisturbed(arena, twin) >= played + 300
    arena.succeed("verify")


@pytest.mark.soak
def test_the_stack_killed_at_twenty_random_moments_ends_as_if_undisturbed(
    arena: Arena, twin: Arena
) -> None:
    """Shows the same for twenty kills anywhere: while the stack starts, in its first pass, in runs
    that the daemon started on the schedule or again after a kill.
    """
    dice = dice_for(77)
    stack = Stack(arena, league=500)
    with stack.up() as up:
        stack.serves(up)
        stack.switch_league_on()
    seen = []
    for _ in range(KILLS):
        with stack.up() as up:
            pass_time(dice.uniform(0, LONGEST_S))
            assert up.process.poll() is None, up.output
        seen.append(arena.league())

    with stack.up() as up:
        stack.serves(up)
        stack.league_goes_on()
        assert up.stop()[0] == 0

    print(f"league matches after each kill: {seen}")  # noqa: T201 - for whoever runs the drill
    assert seen == sorted(seen)
    assert assert_as_if_undisturbed(arena, twin) > seen[-1]
    arena.succeed("verify")
