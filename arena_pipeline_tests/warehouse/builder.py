"""A process that builds the warehouse, for tests that start two of them and kill them.

`python -m arena_pipeline_tests.warehouse.builder FOLDER URL [EVENT COUNT]` builds the warehouse of
the arena in FOLDER whose store is at URL and prints the build's name; it kills itself right before
the COUNT-th audit event EVENT of the interpreter, such as `os.rename`, or before the COUNT-th step
of the build if EVENT is `step`.
"""

import os
import signal
import sys
from pathlib import Path

from arena_pipeline.settings import Settings
from arena_pipeline.store import open_store
from arena_pipeline.warehouse.build import build


def main() -> None:
    """Build, unless killed."""
    folder, url, *moment = sys.argv[1:]
    settings = Settings.load(data_dir=Path(folder), database_url=url)
    store = open_store(settings.store_url)
    event, count = (moment[0], int(moment[1])) if moment else ("", 0)
    seen = 0

    def hear(heard: str, _: object) -> None:
        nonlocal seen
        if heard == event:
            seen += 1
            if seen == count:
                os.kill(os.getpid(), signal.SIGKILL)

    def wait() -> None:
        sys.stdout.write("waiting\n")
        sys.stdout.flush()

    sys.addaudithook(hear)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    built = build(
        store,
        settings,
        progress=lambda done, total: hear("step", None),
        waiting=wait,
    )
    sys.stdout.write(f"{built.id}\n")


if __name__ == "__main__":
    main()
