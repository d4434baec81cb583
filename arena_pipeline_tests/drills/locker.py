"""A process that locks a SQLite file as hard as SQLite can.

`python -m arena_pipeline_tests.drills.locker FILE SECONDS` says `locked`, holds the lock for so
long and says `free`.
"""

import contextlib
import sqlite3
import sys
import time


def say(word: str) -> None:
    """Print a word at once."""
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


def main() -> None:
    """Lock it."""
    file, seconds = sys.argv[1:]
    with contextlib.closing(sqlite3.connect(file, timeout=60, isolation_level=None)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        say("locked")
        time.sleep(float(seconds))
        connection.execute("ROLLBACK")
        say("free")


if __name__ == "__main__":
    main()
