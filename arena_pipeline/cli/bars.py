"""The progress bar of long commands: done of total, things or bytes per second, time remaining."""

import sys

from rich.console import Console
from rich.filesize import decimal
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

BYTES = "bytes"
"""The field `unit` of a task whose progress is in bytes."""


class DoneColumn(MofNCompleteColumn):
    """How much of how much."""

    def render(self, task: Task) -> Text:
        """The cell's text."""
        if task.fields.get("unit") != BYTES:
            return super().render(task)
        total = "?" if task.total is None else decimal(int(task.total))
        return Text(f"{decimal(int(task.completed))}/{total}", style="progress.download")


class RateColumn(ProgressColumn):
    """How many per second, lately."""

    def render(self, task: Task) -> Text:
        """The cell's text."""
        speed = task.finished_speed or task.speed
        if speed is None:
            return Text("")
        told = decimal(int(speed)) if task.fields.get("unit") == BYTES else f"{speed:,.0f}"
        return Text(f"{told}/s", style="dim")


def bars(console: Console) -> Progress:
    """Bars on `console`; nothing at all where nobody looks at them."""
    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        DoneColumn(),
        RateColumn(),
        TimeRemainingColumn(),
        console=console,
        disable=not console.is_terminal,
        # What is printed meanwhile goes above the bar, unless it goes into a pipe or file.
        redirect_stdout=sys.stdout.isatty(),
    )
