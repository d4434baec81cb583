"""Writing log lines, and where they go.

What belongs here: `logger`, through which every room writes, and `configure`, which the entries
(the `arena` command, Dagster's processes) call once. In a program that never calls it, lines go to
the standard library's logger "arena_pipeline" like those of any library.
"""

import logging
import sys
from typing import TextIO

from arena_pipeline.logs.looks import FIELDS, ROOT, formatter
from arena_pipeline.settings import Settings, secret_values


class Logger:
    """Writes lines: the event in a few words that are always the same, the facts as fields.

    A line costs next to nothing while its level is not wanted. Secrets need not be thought of: they
    are masked in every field.
    """

    __slots__ = ("_logger",)

    def __init__(self, name: str) -> None:
        self._logger = logging.getLogger(name)

    @property
    def tells_all(self) -> bool:
        """Whether debug lines are written, for whoever would have to gather their facts."""
        return self._logger.isEnabledFor(logging.DEBUG)

    def debug(self, event: str, **fields: object) -> None:
        """What only whoever looks for a fault wants to know, such as each match."""
        self._write(logging.DEBUG, event, fields)

    def info(self, event: str, **fields: object) -> None:
        """An act that is done."""
        self._write(logging.INFO, event, fields)

    def warning(self, event: str, **fields: object) -> None:
        """Something a person should look at; the work goes on."""
        self._write(logging.WARNING, event, fields)

    def error(self, event: str, **fields: object) -> None:
        """Something that could not be done."""
        self._write(logging.ERROR, event, fields)

    def _write(self, level: int, event: str, fields: dict[str, object]) -> None:
        if self._logger.isEnabledFor(level):
            self._logger.log(level, event, extra={FIELDS: fields})


def logger(name: str) -> Logger:
    """What a module writes its lines with: one at the top of it, named for it (`__name__`)."""
    return Logger(name)


def configure(settings: Settings, *, quiet: bool = False, stream: TextIO | None = None) -> None:
    """Write this process's lines to `stream` (default: whatever stderr is at the time). Called
    again, the newest call holds.

    `quiet` is for commands, which show what they did and what failed: errors only, unless somebody
    has set ARENA_LOG_LEVEL.
    """
    unasked = quiet and settings.sources()["log_level"] == "default"
    root = logging.getLogger(ROOT)
    for old in [one for one in root.handlers if isinstance(one, _Lines)]:
        root.removeHandler(old)
    root.addHandler(_Lines(settings, stream))
    root.setLevel("ERROR" if unasked else settings.log_level.upper())


class _Lines(logging.Handler):
    """Writes to a stream, by default to what `sys.stderr` is now: a progress bar stands in for it
    while it is drawn, and lines then go above the bar.
    """

    def __init__(self, settings: Settings, stream: TextIO | None) -> None:
        super().__init__()
        self._settings, self._stream = settings, stream

    def format(self, record: logging.LogRecord) -> str:
        """One line. The formatter is made for the first one: most commands write none."""
        if self.formatter is None:
            is_json = self._settings.log_format == "json"
            coloured = not is_json and (self._stream or sys.stderr).isatty()
            secrets = secret_values(self._settings)
            self.formatter = formatter(secrets, is_json=is_json, coloured=coloured)
        return super().format(record)

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line at once; a log that can't be written never stops the work."""
        try:
            stream = self._stream or sys.stderr
            stream.write(self.format(record) + "\n")
            stream.flush()
        except (OSError, ValueError):
            return
