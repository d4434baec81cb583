"""A process that takes the standings of a day again and again: `STORE_URL TIMES`.

It prints a line after each time, and what it wrote.
"""

import sys

from arena_pipeline.leaderboard.days import take_day
from arena_pipeline.store import open_store


def main(url: str, times: str) -> None:
    """Take it."""
    store = open_store(url)
    for _ in range(int(times)):
        taken = take_day(store)
        sys.stdout.write(f"{taken.competitors}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
