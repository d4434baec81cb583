"""A process that moves payloads to the archive: `STORE_URL FOLDER BEFORE AT_ONCE`.

Small files, so that there is much to interrupt; it prints a line after each.
"""

import sys
from datetime import datetime
from pathlib import Path

from arena_pipeline.operations.purging import calls
from arena_pipeline.store import open_store


def main(url: str, folder: str, before: str, at_once: str) -> None:
    """Move them."""
    calls.MOST_CALLS = int(at_once)
    store = open_store(url)
    sys.stdout.write("ready\n")
    sys.stdout.flush()

    def tell(done: int, total: int | None) -> None:
        sys.stdout.write(f"{done} of {total}\n")
        sys.stdout.flush()

    calls.archive_calls(store, Path(folder), datetime.fromisoformat(before), tell)
    store.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
