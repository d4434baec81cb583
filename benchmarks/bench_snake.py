"""How many turns a second the Snake engine plays on one core with two trivial players.

A turn is one `apply_actions` for all seats, with `is_terminal`, `current_players` and the players'
own choice in the time. Prints turns/s and its ratio to the target; where it misses, the profile
that shows why. Run: python -m benchmarks.bench_snake
"""

import cProfile
import pstats
import time

from arena_pipeline.games.chance import SeededChance
from arena_pipeline.games.snake import Snake
from arena_pipeline.games.snake.board import ACTIONS, WALL
from arena_pipeline.games.snake.state import SnakeState

TARGET = 50_000
MATCHES = 3_000
ROUNDS_OF_TIMING = 3


def first_open(state: SnakeState, seat: int) -> str:
    """Take the first direction that is no wall, turning with the rounds so as to meet apples."""
    head, steps = state.bodies[seat][0], state.board.steps
    for turn in range(4):
        action = ACTIONS[(state.round + seat + turn) // 3 & 3]
        if steps[action][head] != WALL:
            return action
    return ACTIONS[0]


def play(matches: int) -> int:
    """Play that many matches from their seeds; the number of turns."""
    game = Snake()
    settings = game.settings({})
    turns = 0
    for seed in range(matches):
        chance = SeededChance(seed, "match")
        state = game.initial_state(settings, game.seats(settings, 2, chance), chance)
        while not state.is_terminal():
            state.apply_actions({seat: first_open(state, seat) for seat in state.current_players()})
            turns += 1
    return turns


def main() -> None:
    """Best of a few timings: what else the machine does only makes it slower."""
    rates = []
    for _ in range(ROUNDS_OF_TIMING):
        start = time.perf_counter()
        turns = play(MATCHES)
        rates.append(turns / (time.perf_counter() - start))
    best = max(rates)
    print(
        f"snake engine: {best:,.0f} turns/s ({turns:,} turns), "
        f"{best / TARGET:.2f}x the target of {TARGET:,}"
    )
    if best < TARGET:
        profile = cProfile.Profile()
        profile.runcall(play, MATCHES // 5)
        pstats.Stats(profile).sort_stats("tottime").print_stats(12)


if __name__ == "__main__":
    main()
