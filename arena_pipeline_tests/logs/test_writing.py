"""Log lines of real processes: readable by programs or people, and without secrets."""

import io
import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from arena_pipeline import logs
from arena_pipeline.settings import Settings

KEY = "sk-or-v1-0123456789"
HOOK = "https://hooks.example.com/services/T0/B0/abcdefghijklmnopqrstuvwx"


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """Whatever a test sets up is gone after it."""
    root = logging.getLogger("arena_pipeline")
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


def written(tmp_path: Path, **settings: str) -> list[str]:
    """The lines a process writes to stderr under these settings; stdout stays empty."""
    environment = {f"ARENA_{name.upper()}": value for name, value in settings.items()}
    done = subprocess.run(
        [sys.executable, "-m", "arena_pipeline_tests.logs.worker"],
        env={**os.environ, **environment, "SOME_API_KEY": KEY, "ARENA_NOTIFY_URL": HOOK},
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    assert done.stdout == ""
    assert KEY not in done.stderr
    assert "hidden" not in done.stderr
    assert "abcdefghijklmnopqrstuvwx" not in done.stderr
    return done.stderr.splitlines()


def as_json(tmp_path: Path, **settings: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in written(tmp_path, log_format="json", **settings)]


def test_each_json_line_is_an_object_with_time_level_event_and_its_fields(tmp_path: Path) -> None:
    lines = as_json(tmp_path, log_level="debug")

    assert [one["level"] for one in lines] == ["debug", "info", "warning", "error"]
    first, sync, odd, long = lines
    assert list(first)[:5] == ["timestamp", "level", "event", "logger", "pid"]
    assert first["timestamp"].endswith("Z")
    assert (first["event"], first["agents"], first["seconds"]) == (
        "match finished",
        ["a", "b"],
        0.25,
    )
    assert sync["said"] == "refused *** of https://u:***@h/x?token=***"
    assert sync["nested"] == {"tried": ["Bearer ***", None, 1.5, "nan"]}
    assert (odd["name"], odd["level_"]) == ("\x1b[31mred\n\u202eleft", "high")
    assert long["text"].endswith("xx... (5000 characters)")
    assert long["at"] == "2026-11-01T00:00:00+00:00"


def test_pretty_lines_are_one_each_and_move_no_cursor(tmp_path: Path) -> None:
    lines = written(tmp_path, log_level="debug")

    assert len(lines) == 4
    assert 'agents="a, b"' in lines[0]
    assert "info    sync ended" in lines[1]
    assert "models=3" in lines[1]
    assert r'name="\x1b[31mred\n\u202eleft"' not in lines[2]
    assert r"name=\x1b[31mred\n\u202eleft" in lines[2]
    assert all(line.isprintable() for line in lines)


@pytest.mark.parametrize(
    ("level", "expected"),
    [("info", ["info", "warning", "error"]), ("error", ["error"])],
)
def test_lines_below_the_level_that_is_set_are_not_written(
    tmp_path: Path, level: str, expected: list[str]
) -> None:
    assert [one["level"] for one in as_json(tmp_path, log_level=level)] == expected


def test_a_command_writes_errors_only_until_a_level_is_set(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    out = io.StringIO()
    log = logs.logger("arena_pipeline.x")

    logs.configure(Settings.load(), quiet=True, stream=out)
    log.warning("not seen")
    log.error("an error")
    monkeypatch.setenv("ARENA_LOG_LEVEL", "info")
    logs.configure(Settings.load(), quiet=True, stream=out)
    log.info("an act")

    assert [line.split(maxsplit=2)[1] for line in out.getvalue().splitlines()] == [
        "error",
        "info",
    ]


def test_configured_again_each_line_is_written_once() -> None:
    out = io.StringIO()

    for _ in range(3):
        logs.configure(Settings.load(), stream=out)
    logs.logger("arena_pipeline.x").info("once")

    assert out.getvalue().count("once") == 1


def test_a_traceback_keeps_its_end_and_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_API_KEY", KEY)
    out = io.StringIO()
    logs.configure(Settings.load(log_format="json"), stream=out)

    try:
        raise ValueError(f"refused {KEY}")
    except ValueError:
        logging.getLogger("arena_pipeline.x").exception("failed")

    (line,) = map(json.loads, out.getvalue().splitlines())
    assert line["exception"].endswith("ValueError: refused ***")


def test_a_log_that_can_not_be_written_stops_nothing() -> None:
    out = io.StringIO()
    logs.configure(Settings.load(), stream=out)
    out.close()

    logs.logger("arena_pipeline.x").error("nobody reads this")


def test_without_being_configured_lines_go_where_the_program_sends_them(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.INFO, logger="arena_pipeline"):
        logs.logger("arena_pipeline.x").info("an act", models=3)

    assert caplog.messages == ["an act"]
