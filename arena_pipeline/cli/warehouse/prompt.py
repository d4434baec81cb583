"""The prompt of `arena sql`: statements are typed, over several lines until a semicolon, and
answered.
"""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from rich.text import Text

from arena_pipeline.cli.screen import Screen, add_rows, many, table
from arena_pipeline.cli.warehouse.answers import show
from arena_pipeline.errors import ArenaError
from arena_pipeline.warehouse.words import described, entries, words

if TYPE_CHECKING:
    from prompt_toolkit import PromptSession
    from prompt_toolkit.completion import Completer
    from prompt_toolkit.history import History
    from prompt_toolkit.input import Input
    from prompt_toolkit.key_binding import KeyBindings
    from prompt_toolkit.output import Output

    from arena_pipeline.warehouse.query import Asking

HISTORY = "sql_history"
"""File in the data folder with what was typed."""

HELP = (
    ("SELECT ...;", "ask; a statement may take several lines and ends with a semicolon"),
    (".tables", "what there is to ask: macros, views, tables"),
    (".schema NAME", "the columns of a table or view, the parameters of a macro"),
    (".help", "this list"),
    (".exit", "leave; so does Ctrl-D"),
    ("Ctrl-C", "stops a question that takes too long, or clears the line"),
    ("Tab", "completes names"),
)

KEYWORDS = (
    "SELECT", "FROM", "WHERE", "GROUP BY ALL", "ORDER BY", "LIMIT", "JOIN", "USING", "HAVING",
    "WITH", "DESCRIBE", "SUMMARIZE", "DESC", "count(*)", "avg(", "sum(", "round(", "now()",
    "today()", ".tables", ".schema", ".help", ".exit",
)  # fmt: skip


class Prompt:
    """Questions one after the other, until somebody leaves."""

    def __init__(self, asking: "Asking", screen: Screen, data_dir: Path, limit: int) -> None:
        self._asking, self._screen = asking, screen
        self._data_dir, self._limit = data_dir, limit

    def run(self, source: "Input | None" = None, output: "Output | None" = None) -> None:
        """Read and answer until `.exit` or Ctrl-D; `source` and `output` unset: the terminal."""
        session = self._session(source, output)
        self._screen.show(
            Text.assemble(("Ends with ;", "dim"), "  .tables  .schema NAME  .help  .exit")
        )
        while True:
            try:
                text = session.prompt("arena> ").strip()
                if text in (".exit", ".quit"):
                    return
                self._take(text)
            except KeyboardInterrupt:
                continue
            except EOFError:
                return

    def _take(self, text: str) -> None:
        """Do what a line says; what can't be done is told, and Ctrl-C stops what takes too long."""
        try:
            if self._asking.renew():
                self._screen.notice("The warehouse was built anew; the new one answers from here.")
            if text.startswith("."):
                self._command(*text.split(maxsplit=1))
                return
            for statement in self._asking.statements(text):
                show(self._screen, self._asking.ask(statement, limit=self._limit))
        except KeyboardInterrupt:
            self._screen.notice("Stopped.")
        except ArenaError as error:
            self._screen.failure(str(error))

    def _command(self, name: str, argument: str = "") -> None:
        match name:
            case ".tables":
                made = table("name", "kind", "what for", whole=("name", "kind"))
                rows = [(one.name, one.kind, one.what_for) for one in entries(self._asking)]
                self._screen.show(add_rows(made, rows))
            case ".schema" if argument:
                self._describe(argument.rstrip("; "))
            case ".schema":
                raise ArenaError(".schema takes a name, as in .schema matches")
            case ".help":
                self._screen.show(add_rows(table("type", "what it does", whole=("type",)), HELP))
            case _:
                raise ArenaError(f"There is no {name}; .help lists what there is")

    def _describe(self, name: str) -> None:
        for one in described(self._asking, name):
            head = Text(f"{one.entry.kind} {one.entry.name}: {one.entry.what_for}")
            self._screen.show(head, Text(one.entry.example, style="dim"))
            if one.entry.kind == "macro":
                names = ", ".join(part[0] for part in one.columns)
                self._screen.show(Text(f"{many(len(one.columns), 'parameter')}: {names}"))
            else:
                made = table("column", "type", "what it is", whole=("column", "type"))
                self._screen.show(add_rows(made, one.columns))

    def _session(self, source: "Input | None", output: "Output | None") -> "PromptSession[str]":
        from prompt_toolkit import PromptSession

        return PromptSession(
            history=self._history(),
            completer=completer(self._asking),
            complete_while_typing=False,
            multiline=True,
            prompt_continuation="   ... ",
            key_bindings=_keys(),
            input=source,
            output=output,
        )

    def _history(self) -> "History":
        from prompt_toolkit.history import FileHistory, InMemoryHistory

        if os.access(self._data_dir, os.W_OK):
            return FileHistory(self._data_dir / HISTORY)
        return InMemoryHistory()


def completer(asking: "Asking") -> "Completer":
    """What Tab offers: words of SQL, and the names of all there is to ask."""
    from prompt_toolkit.completion import WordCompleter

    return WordCompleter([*KEYWORDS, *words(asking)], ignore_case=True, WORD=True)


def is_whole(text: str) -> bool:
    """Whether what was typed is a statement to its end, a command of the prompt, or nothing."""
    line = text.strip()
    return not line or line.startswith(".") or line.endswith(";")


def _keys() -> "KeyBindings":
    """Enter ends a whole statement, and else begins a line."""
    from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent

    keys = KeyBindings()

    @keys.add("enter")
    def _(event: KeyPressEvent) -> None:
        buffer = event.current_buffer
        if is_whole(buffer.text):
            buffer.validate_and_handle()
        else:
            buffer.insert_text("\n")

    return keys
