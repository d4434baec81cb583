"""A process that delivers notices: `python -m arena_pipeline_tests.operations.notices.worker URL
DATA_DIR ADDRESS`. It says `ready`, waits for a line, and delivers until nothing is due.
"""

import sys

from arena_pipeline.operations.notices.delivering import deliver_due
from arena_pipeline.settings import Settings
from arena_pipeline.store import open_store


def main() -> None:
    """Do it."""
    url, data_dir, address = sys.argv[1:]
    settings = Settings.load(data_dir=data_dir, database_url=url, notify_url=address)
    store = open_store(url)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    sys.stdout.write(f"{deliver_due(store, settings).sent}\n")


if __name__ == "__main__":
    main()
