"""`python -m arena_pipeline.defs.operations.purge BEFORE [yes]`: Dagster's growth, told as JSON.

For `arena purge`, which may not import Dagster. A line for each lot, `{"lot": ...}`, and now and
then `{"done": n, "total": m}`; before anything else goes wrong, `{"error": sentence}`.
"""

import json
import sys
from contextlib import redirect_stdout
from datetime import datetime
from typing import Any, TextIO

from arena_pipeline.defs.instance import open_instance
from arena_pipeline.defs.operations.growth import growth
from arena_pipeline.defs.running import Graph
from arena_pipeline.errors import ArenaError
from arena_pipeline.settings import Settings

TELL_EVERY = 20
"""Runs between two lines that tell how far it is."""


def main(before: str, yes: str = "") -> int:
    """Run as a program."""
    out = sys.stdout

    def progress(done: int, total: int) -> None:
        if done % TELL_EVERY == 0:
            _tell(out, {"done": done, "total": total})

    try:
        with redirect_stdout(sys.stderr), open_instance(Settings.load()) as instance:
            checks = Graph(instance).checks
            moment = datetime.fromisoformat(before)
            for lot in growth(instance, checks, moment, purge=bool(yes), progress=progress):
                _tell(out, {"lot": lot.to_json()})
    except ArenaError as error:
        _tell(out, {"error": str(error)})
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _tell(out: TextIO, line: dict[str, Any]) -> None:
    out.write(json.dumps(line) + "\n")
    out.flush()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
