"""A process that writes log lines: `python -m arena_pipeline_tests.logs.worker`.

It sets itself up from the environment, as a process of Dagster does, and writes a line of each
level with fields that hold secrets and what a terminal would act on.
"""

import os
from datetime import UTC, datetime
from pathlib import Path

from arena_pipeline import logs
from arena_pipeline.settings import Settings

_LOG = logs.logger("arena_pipeline.worker")


def main() -> None:
    """Write the lines."""
    logs.configure(Settings.load())
    key = os.environ["SOME_API_KEY"]
    _LOG.debug("match finished", uuid="u1", agents=("a", "b"), seconds=0.25)
    _LOG.info(
        "sync ended",
        models=3,
        said=f"refused {key} of https://u:hidden@h/x?token=hidden",
        nested={"tried": [f"Bearer {key}", None, 1.5, float("nan")]},
        hook=os.environ["ARENA_NOTIFY_URL"],
    )
    _LOG.warning("odd name", name="\x1b[31mred\n\u202eleft", level="high", file=Path("a b"))
    _LOG.error("long", text="x" * 5000, at=datetime(2026, 11, 1, tzinfo=UTC))


if __name__ == "__main__":
    main()
