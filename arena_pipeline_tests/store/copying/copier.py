"""A process that copies a store and asks its parent after every batch of rows, so that it can be
killed in between.

`python -m arena_pipeline_tests.store.copying.copier FROM TO` prints the rows done and in all, and
waits for a line on standard input.
"""

import sys

from arena_pipeline.store import open_store
from arena_pipeline.store.copying import copy_store


def ask(done: int, total: int) -> None:
    """Tell, and wait for leave to go on."""
    sys.stdout.write(f"{done} {total}\n")
    sys.stdout.flush()
    sys.stdin.readline()


def main() -> None:
    """Copy."""
    source, target = map(open_store, sys.argv[1:])
    copy_store(source, target, ask)


if __name__ == "__main__":
    main()
