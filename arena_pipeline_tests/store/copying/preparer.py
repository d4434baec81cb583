"""A process that prepares a store as every command does, with bounds set by its parent.

`python -m arena_pipeline_tests.store.copying.preparer URL DATA_DIR [wait | BYTES]` prints what was
kept. With `wait` it says `made` when the snapshot is about to be moved into place, and waits for a
line; with BYTES no file may grow larger.
"""

import resource
import sys
from pathlib import Path

from arena_pipeline.errors import StoreError
from arena_pipeline.settings import Settings
from arena_pipeline.store.copying import snapshots
from arena_pipeline.store.opening import prepare_store


def main() -> None:
    """Prepare."""
    url, folder, *bound = sys.argv[1:]
    if bound == ["wait"]:
        keep = snapshots._keep

        def ask(part: Path, path: Path) -> None:
            sys.stdout.write("made\n")
            sys.stdout.flush()
            sys.stdin.readline()
            keep(part, path)

        snapshots._keep = ask
    elif bound:
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(bound[0]), int(bound[0])))
    try:
        prepared = prepare_store(Settings.load(data_dir=folder, database_url=url))
    except StoreError as error:
        sys.stdout.write(f"{error}\n")
    else:
        sys.stdout.write(f"{prepared.snapshot}\n")
        prepared.store.close()


if __name__ == "__main__":
    main()
