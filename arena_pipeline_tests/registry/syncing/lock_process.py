"""A process that holds the store's write lock: `STORE_URL`.

It says "locked", waits for a line, then writes to every model and lets go.
"""

import sys

from sqlalchemy import text, update

from arena_pipeline.store import open_store
from arena_pipeline.store.tables import Model


def main(url: str) -> None:
    """Hold the lock until told otherwise."""
    store = open_store(url)
    with store.write() as connection:
        if not store.is_sqlite:
            connection.execute(text("LOCK TABLE models IN EXCLUSIVE MODE"))
        sys.stdout.write("locked\n")
        sys.stdout.flush()
        sys.stdin.readline()
        connection.execute(update(Model).values(retired_reason="written under the lock"))


if __name__ == "__main__":
    main(*sys.argv[1:])
