"""The tree of commands, for tests that hold for all of them."""

from typing import Any

import typer

from arena_pipeline.cli import entry

COMMANDS: dict[str, Any] = typer.main.get_command(entry.app).commands  # type: ignore[attr-defined]
"""Commands and groups by name."""

LEAVES: dict[tuple[str, ...], Any] = {
    (name, *rest): leaf
    for name, command in COMMANDS.items()
    for rest, leaf in (
        {(sub,): one for sub, one in command.commands.items()}
        if hasattr(command, "commands")
        else {(): command}
    ).items()
}
"""What can be run, by the words that name it; of a group also what it does without one."""
