"""`arena league` killed at random moments, with kill -9, and called again."""

from arena_pipeline_tests.drills.arenas import Arena, assert_as_if_undisturbed
from arena_pipeline_tests.drills.processes import dice_for, kill_all, pass_time, wait

KILLS = 2


def test_a_league_killed_at_random_moments_and_called_again_ends_as_if_undisturbed(
    arena: Arena, twin: Arena
) -> None:
    """Shows that a kill at any moment of a league costs only what was not recorded yet: no match is
    lost or counted twice, and order, ratings and standings are the undisturbed ones to the last
    bit.
    """
    dice = dice_for(411)
    for _ in range(KILLS):
        before = arena.league()
        with arena.start("league", "--matches", "5000"):
            wait(lambda before=before: arena.league() > before, "a batch")  # type: ignore[misc]
            pass_time(dice.uniform(0, 0.5))
            kill_all(arena.folder)

    arena.succeed("league", "--matches", "40")

    assert assert_as_if_undisturbed(arena, twin) >= KILLS * 2 + 40
