"""Where a command writes: tables and JSON documents to stdout, progress and notices to stderr.

What belongs here: the two streams and how things look on them. What is shown is the commands'
business.
"""

import json
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.text import Text

from arena_pipeline.cli.text import clean, clean_lines, rounded

if TYPE_CHECKING:
    from rich.table import Column, Table

PIPE_WIDTH = 200
"""Columns of a table that goes into a pipe or file, where no COLUMNS tells the width."""

ROOMY, READABLE = 40, 20
"""Columns that long text wants, and without which it can't be read, where it is folded."""

Advance = Callable[[int, int | None], None]
"""Progress so far: `advance(done, total)`; total None where it is not known."""


class Screen:
    """The output of one command. With `as_json`, stdout gets one JSON document and nothing else."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json
        self.out = _console(sys.stdout.isatty(), stderr=False)
        self.err = _console(sys.stderr.isatty(), stderr=True)

    def document(self, value: Any) -> None:
        """Write `value` as the JSON document: dataclasses, times, decimals and paths are
        understood.

        Only ASCII is written, so that no name can send an escape code to the terminal.
        """
        import msgspec

        plain = msgspec.to_builtins(value, enc_hook=str, str_keys=True)
        sys.stdout.write(json.dumps(plain, indent=2) + "\n")

    def show(self, *renderables: RenderableType) -> None:
        """Write tables and lines to stdout. A string is read as rich markup, a `Text` is not."""
        for one in renderables:
            self.out.print(one)

    def notice(self, sentence: str) -> None:
        """Tell the person something beside the result."""
        self.err.print(Text(clean_lines(sentence), style="yellow"), soft_wrap=True)

    def failure(self, sentence: str) -> None:
        """Tell why the command failed: a line on stderr, or the JSON document."""
        if self.as_json:
            self.document({"error": sentence})
        else:
            message = Text.assemble(("arena: ", "bold red"), clean_lines(sentence))
            self.err.print(message, soft_wrap=True)

    @contextmanager
    def busy(self, what: str) -> Iterator[None]:
        """A sign that something goes on while the block runs, if somebody is looking."""
        with self.err.status(Text(what)) if self.err.is_terminal else nullcontext():
            yield

    @contextmanager
    def progress(self, what: str) -> Iterator[Advance]:
        """A bar with rate and remaining time while the block runs, if somebody is looking."""
        from arena_pipeline.cli.bars import bars

        with bars(self.err) as progress:
            task = progress.add_task(what, total=None)
            yield lambda done, total: progress.update(task, completed=done, total=total)


def table(
    *columns: str, title: str | None = None, right: Sequence[str] = (), whole: Sequence[str] = ()
) -> "Table":
    """An empty table in the look of all others; the columns named in `right` hold numbers.

    Where it gets tight the columns named in `whole` stay on one line and the others are folded.
    """
    from rich import box
    from rich.table import Table

    made = Table(
        box=box.SIMPLE_HEAD,
        title=None if title is None else Text(clean(title), style="bold"),
        title_justify="left",
        header_style="bold",
        padding=(0, 1, 0, 0),
        pad_edge=False,
    )
    for column in columns:
        one_line = column in whole
        made.add_column(
            column,
            justify="right" if column in right else "left",
            overflow="ellipsis" if one_line else "fold",
            no_wrap=one_line,
        )
    return made


def add_rows(made: "Table", rows: Iterable[Sequence[object]]) -> "Table":
    """Fill a table: None becomes a dash, times are UTC to the minute, decimals are rounded,
    foreign text is made harmless.
    """
    for row in rows:
        made.add_row(*(_cell(value) for value in row))
    return made


class Widest:
    """Of several tables of the same things, the first with room for its columns, else the last.

    Numbers, times and the columns that are to stay whole need their width, long text less. In the
    last one even those are folded, the widest first, rather than that others can't be read.
    """

    def __init__(self, *tables: "Table") -> None:
        self._tables = tables

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Choose, now that the width is known."""
        for one in self._tables[:-1]:
            if _needed(one, ROOMY) <= options.max_width:
                yield one
                return
        last = self._tables[-1]
        for column in sorted(last.columns, key=_width, reverse=True):
            if column.no_wrap and _needed(last, READABLE) > options.max_width:
                column.no_wrap, column.overflow = False, "fold"
        yield last


def _needed(made: "Table", least: int) -> int:
    """The width a table needs if columns that may be folded get `least`, or all they want."""
    widths = ((_width(one), one.no_wrap) for one in made.columns)
    return 1 + sum(1 + (width if whole else min(width, least)) for width, whole in widths)


def _width(column: "Column") -> int:
    """The width of a column in which nothing is folded."""
    texts = (column.header, *column.cells)
    return max(cell_len(str(one)) for one in texts)


def facts(pairs: Iterable[tuple[str, object]], title: str | None = None) -> "Table":
    """A table of one thing's facts, a line each."""
    from rich.table import Table

    made = Table.grid(padding=(0, 2))
    if title is not None:
        made.title, made.title_justify = Text(clean(title), style="bold"), "left"
    for name, value in pairs:
        made.add_row(Text(name, style="dim"), _cell(value))
    return made


def many(count: int, thing: str) -> str:
    """So many things: "1 model", "2 models"."""
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"


def _cell(value: object) -> Text:
    if isinstance(value, Text):
        return value
    if value is None:
        return Text("-", style="dim")
    if isinstance(value, bool):
        return Text("yes" if value else "no")
    if isinstance(value, datetime):
        return Text(f"{value.astimezone(UTC):%Y-%m-%d %H:%M}")
    if isinstance(value, Decimal):
        return Text(rounded(value))
    return Text(clean(value))


def _console(is_terminal: bool, *, stderr: bool) -> Console:
    # highlight=False: numbers in names are not coloured, and output is the same on every terminal.
    width = None if is_terminal else shutil.get_terminal_size((PIPE_WIDTH, 0)).columns
    return Console(stderr=stderr, highlight=False, width=width)
