"""A process that syncs one catalog file when told to: `STORE_URL FOLDER FILE [SECONDS_TO_LIVE]`.

It says "ready", waits for a line, and prints the report as JSON; if it has only so long to live,
the kernel ends it then, wherever it is.
"""

import json
import signal
import sys
from pathlib import Path

from arena_pipeline.registry.syncing.refresh import sync_from_file
from arena_pipeline.store import open_store


def main(url: str, folder: str, file: str, seconds_to_live: str = "0") -> None:
    """Sync `file`."""
    store = open_store(url)
    with store.read():  # what comes before the sync is not what dies
        pass
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    signal.setitimer(signal.ITIMER_REAL, float(seconds_to_live))
    report = sync_from_file(store, Path(file), catalog_dir=Path(folder), accept_drop=True)
    sys.stdout.write(json.dumps(report.to_json()) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
