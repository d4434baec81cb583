"""The steps of a pass over the asset graph on screen, as the program that runs it tells them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn
from rich.text import Text

from arena_pipeline.cli.screen import Screen
from arena_pipeline.cli.text import clean, clean_lines


@dataclass
class Pass:
    """What became of one pass. `error`: nothing could be done; `finished`: it came to its end."""

    notices: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    error: str | None = None
    finished: bool = False
    seconds: float = 0.0


class Steps:
    """A line per finished step and, where somebody looks, what goes on now. All of it on stderr."""

    def __init__(self, screen: Screen) -> None:
        self.done = Pass()
        self._screen = screen
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=30),
            MofNCompleteColumn(),
            console=screen.err,
            transient=True,
            disable=not screen.err.is_terminal,
        )
        self._task = self._progress.add_task("starting", total=None)

    @property
    def now(self) -> str:
        """What goes on now, and how far it is where that is known."""
        [task] = self._progress.tasks
        known = "" if task.total is None else f" {task.completed:.0f}/{task.total:.0f}"
        return f"{task.description}{known}"

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def follow(self, told: Mapping[str, Any]) -> None:
        """Show one event and remember what must not be forgotten."""
        match told["event"]:
            case "step_started":
                # A task of its own: rich keeps the total of one that is reset.
                self._progress.remove_task(self._task)
                self._task = self._progress.add_task(_name(told), total=None)
            case "progress":
                self._progress.update(self._task, completed=told["done"], total=told["total"])
            case "step_succeeded":
                self._line("✓", "green", told, f"{told['seconds']:.1f} s")
            case "step_failed" | "check_failed":
                self.done.failures.append(f"{_name(told)}: {told['message']}")
                self._line("✗", "red", told, told["message"])
            case "notice":
                self.done.notices.append(told["message"])
                self._screen.notice(told["message"])
            case "error":
                self.done.error = told["message"]
            case "finished":
                self.done.finished = True

    def _line(self, sign: str, colour: str, told: Mapping[str, Any], what: str) -> None:
        group = clean(told.get("group", ""))
        line = Text.assemble(
            (f"{sign} ", colour), (f"{group:<12}", "dim"), f"{_name(told):<34} ", clean_lines(what)
        )
        self._screen.err.print(line, soft_wrap=True)


def _name(told: Mapping[str, Any]) -> str:
    """Asset and, where it is made for one agent only, which."""
    partition = told.get("partition")
    asset = clean(told.get("asset") or "run")
    return asset if partition is None else f"{asset} [{clean(partition)}]"
