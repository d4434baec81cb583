"""Processes of `arena up`: what they said last. Starting and stopping them is tested in e2e."""

import subprocess
import sys
from pathlib import Path

import pytest

from arena_pipeline.cli.supervise import Child

TRACEBACK = """\
Traceback (most recent call last):
  File "launch.py", line 1, in <module>
dagster._core.errors.DagsterInvalidDefinitionError: Found invalid cron schedule 'garbage'
"""


@pytest.mark.parametrize(
    ("log", "words"),
    [
        ("", "it said nothing"),
        ("starting\nstopping\n\n", "stopping"),
        (
            TRACEBACK,
            "DagsterInvalidDefinitionError: Found invalid cron schedule 'garbage'",
        ),
        (TRACEBACK + "    The above exception was caused by\n  warnings.warn(\n", "cron"),
        ("arena_pipeline.errors.NotFound: No ladder 'chess'\nstopping\n", "No ladder 'chess'"),
        ("no Error here\nlast\n", "last"),
    ],
)
def test_the_last_words_of_a_process_are_the_error_that_ended_it(
    tmp_path: Path, log: str, words: str
) -> None:
    file = tmp_path / "child.log"
    file.write_text(log, encoding="utf-8")
    with subprocess.Popen([sys.executable, "-c", ""], text=True) as process:
        child = Child("child", process, file)

    assert words in child.last_words()
