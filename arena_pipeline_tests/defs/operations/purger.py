"""A process that purges Dagster's records of an arena: `DATA_DIR`.

It prints a line after each run that is gone, so that it can be killed within the next.
"""

import sys
from datetime import UTC, datetime, timedelta

from arena_pipeline.defs.instance import open_instance
from arena_pipeline.defs.operations.growth import growth
from arena_pipeline.settings import Settings


def main(data_dir: str) -> None:
    """Purge whatever has ended."""

    def tell(done: int, total: int) -> None:
        sys.stdout.write(f"{done} of {total}\n")
        sys.stdout.flush()

    with open_instance(Settings.load(data_dir=data_dir)) as instance:
        before = datetime.now(UTC) + timedelta(days=1)
        list(growth(instance, [], before, purge=True, progress=tell))


if __name__ == "__main__":
    main(*sys.argv[1:])
