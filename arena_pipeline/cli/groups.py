"""Commands that have commands: `arena` itself, and groups such as `arena models`.

What belongs here: which command a line means, and how a group's help looks. Commands register
themselves through `cli.app`.
"""

from typing import Any

import typer
from typer.core import TyperGroup

HELP_ORDER = (
    "up", "sync", "models", "agents", "prompts", "aliases", "prices", "catalog", "audit", "play",
    "league", "evaluate", "gateways", "estimate", "budget", "watch", "pause", "resume",
    "import", "leaderboard", "void", "unvoid", "recompute", "export", "warehouse", "sql", "verify",
    "verify-ratings", "doctor", "practice", "practice-server",
    "backup", "restore", "store", "purge", "notices", "settings", "version",
)  # fmt: skip
"""All commands, in the order in which a newcomer meets them."""


class RootGroup(TyperGroup):
    """`arena`, whose commands and groups are listed in one order."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Names in the order of the help."""
        return sorted(self.commands, key=HELP_ORDER.index)


class DefaultGroup(TyperGroup):
    """A group that is a command too: a line that names none of its commands means the first one.

    So `arena models --free` and `arena models SLUG` list and show, and `arena models deny SLUG`
    acts; `arena models list` is what whoever knows `arena agents list` tries. The group's help
    shows the first command's own arguments and options above the commands.
    """

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Name the first command where the line does not; asking for help means the group's."""
        default = next(iter(self.commands.values()))
        if args and args[0] == "list" and default.hidden:
            args = [str(default.name), *args[1:]]
        elif not args or args[0] not in self.commands:
            if not {"-h", "--help"}.isdisjoint(args):
                args = ["--help"]
            elif not args or args[0].startswith("-") or self._takes_words(default):
                args = [str(default.name), *args]
        return super().parse_args(ctx, args)

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """The command, its name and the rest. The first one, if hidden, goes by the group's own
        name in what is said of wrong calls.
        """
        name, found, rest = super().resolve_command(ctx, args)
        return (None if found and found.hidden else name), found, rest

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Show the group as one command with commands."""
        default, *others = self.commands.values()
        shown = TyperGroup(
            name=self.name,
            help=self.help,
            params=default.params,
            commands=others if default.hidden else [default, *others],
            subcommand_metavar="| COMMAND [ARGS]...",
            rich_markup_mode=self.rich_markup_mode,
        )
        shown.format_help(ctx, formatter)

    @staticmethod
    def _takes_words(default: Any) -> bool:
        return any(one.param_type_name == "argument" for one in default.params)


def subgroup(root: typer.Typer, name: str, title: str) -> typer.Typer:
    """A group within `root`, empty yet. `title` is what its help says it is for."""
    made = typer.Typer(name=name, cls=DefaultGroup, help=title)
    root.add_typer(made)
    return made
