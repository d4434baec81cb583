"""A process whose children back up and restore, and are ended by the kernel wherever they are.

It reads lines of JSON, `[what, file, data folder, database address or null, seconds to live]`, and
answers each with how the child ended: "done", "killed", or what it said. Children, since starting
Python takes longer than what they do.
"""

import json
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from subprocess import PIPE, Popen
from typing import Any

from arena_pipeline.errors import ArenaError
from arena_pipeline.operations.backup import make_backup, restore_backup
from arena_pipeline.settings import Settings
from arena_pipeline.store.opening import open_ready_store
from arena_pipeline_tests.operations.backup.filled import ME, elsewhere

_REFUSED = 3


class Worker:
    """The process, for tests to give work to."""

    def __init__(self, process: "Popen[str]") -> None:
        self._process = process

    def do(self, what: str, file: Path, settings: Settings, seconds_to_live: float) -> str:
        """Have a child do it, and say how it ended. 0 seconds: as long as it takes."""
        url = settings.database_url.get_secret_value() if settings.database_url else None
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        line = json.dumps([what, str(file), str(settings.root), url, seconds_to_live])
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()
        return self._process.stdout.readline().strip()


@contextmanager
def worker() -> Iterator[Worker]:
    """A process, ended after the block."""
    with Popen([sys.executable, "-m", __name__], stdin=PIPE, stdout=PIPE, text=True) as process:
        yield Worker(process)
        assert process.stdin is not None
        process.stdin.close()


def main() -> None:
    """Work off what comes."""
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            _do(*json.loads(line))
        _, status = os.waitpid(child, 0)
        ended = {-signal.SIGALRM: "killed", 0: "done", _REFUSED: "refused"}
        sys.stdout.write(ended.get(os.waitstatus_to_exitcode(status), "failed") + "\n")
        sys.stdout.flush()


def _do(what: str, file: str, data_dir: str, url: str | None, seconds_to_live: float) -> Any:
    """What the child does; it never comes back."""
    code = 1
    try:
        settings = elsewhere(Path(data_dir), url)
        if what == "restore":
            signal.setitimer(signal.ITIMER_REAL, seconds_to_live)
            restore_backup(Path(file), settings, ME)
        else:
            with closing(open_ready_store(settings)) as store:
                signal.setitimer(signal.ITIMER_REAL, seconds_to_live)
                make_backup(store, settings, Path(file))
        code = 0
    except ArenaError as error:
        sys.stderr.write(f"{error}\n")
        code = _REFUSED
    finally:
        os._exit(code)


if __name__ == "__main__":
    main()
