"""What waits comes back as it was, and a full disk is told in a sentence."""

import resource
import signal
import subprocess
import sys
from pathlib import Path

from arena_pipeline_tests.importers.snakebench.makers import make


def test_a_disk_that_is_full_while_documents_are_read_is_told(tmp_path: Path) -> None:
    """A limit on the size of files stands for the disk."""
    history = tmp_path / "history"
    history.mkdir()
    for number in range(40):
        (history / f"{number}.json").write_bytes(make("v0c", number))

    ran = subprocess.run(
        [sys.executable, "-c", _IMPORT, str(tmp_path)],
        preexec_fn=_small_files,
        capture_output=True,
        text=True,
        check=False,
    )

    assert "NoRoom: What was read can't wait beside the replays: " in ran.stderr
    assert "Free space there" in ran.stderr


def _small_files() -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2**16, 2**16))


_IMPORT = """
import sys
from pathlib import Path

from arena_pipeline.importers.snakebench.recording.configs import ConfigNames
from arena_pipeline.importers.snakebench.recording.preparing import prepare
from arena_pipeline.importers.snakebench.recording.scratch import scratch

folder = Path(sys.argv[1])
with scratch(folder / "data", dry_run=False) as waiting:
    for file in sorted((folder / "history").iterdir()):
        waiting.put(prepare(str(file), "", file.read_bytes(), ConfigNames({})))
"""
