"""The progress bar of long commands: done of total, matches per second, time remaining."""

import sys

from rich.console import Console
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


class RateColumn(ProgressColumn):
    """How many per second, lately."""

    def render(self, task: Task) -> Text:
        """The cell's text."""
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else f"{speed:,.0f}/s", style="dim")


def bars(console: Console) -> Progress:
    """Bars on `console`; nothing at all where nobody looks at them."""
    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        RateColumn(),
        TimeRemainingColumn(),
        console=console,
        disable=not console.is_terminal,
        # What is printed meanwhile goes above the bar, unless it goes into a pipe or file.
        redirect_stdout=sys.stdout.isatty(),
    )
