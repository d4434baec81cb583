"""`arena settings` and `arena version`: what this installation is and how it is set up."""

import platform
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from arena_pipeline import __version__
from arena_pipeline.cli.app import Session, command
from arena_pipeline.cli.screen import Widest, add_rows, table
from arena_pipeline.cli.text import clean

if TYPE_CHECKING:
    from rich.table import Table

    from arena_pipeline.settings import Settings


@command("settings")
def settings(
    session: Session,
    markdown: Annotated[
        bool, typer.Option("--markdown", hidden=True, help="Print the README's table of settings.")
    ] = False,
) -> None:
    """Show every setting: its value, where it comes from and what it means."""
    if markdown:
        session.screen.out.print(Text(settings_markdown()), soft_wrap=True)
        return
    rows = _rows(session)
    if session.screen.as_json:
        session.screen.document({"settings": rows})
        return
    columns = ("setting", "value", "from", "meaning")
    lines = [(row["env"], _text(row["value"]), row["source"], row["meaning"]) for row in rows]
    session.screen.show(
        Widest(
            add_rows(table(*columns, whole=("setting", "from")), lines),
            _narrow(lines),
        ),
        "Set one in the environment ([dim]ARENA_PORT=3001[/]) or arena.toml ([dim]port = 3001[/]).",
    )


@command("version")
def version(session: Session) -> None:
    """Show the version of the arena and of Python."""
    if session.screen.as_json:
        session.screen.document({"version": __version__, "python": platform.python_version()})
    else:
        session.screen.show(f"arena {__version__}, Python {platform.python_version()}")


def settings_markdown() -> str:
    """Name, default and meaning of every setting as the table that stands in the README."""
    from arena_pipeline.settings import Settings

    lines = ["| Setting | Default | Meaning |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        default = "" if field.default is None else f"`{field.default}`"
        lines.append(f"| `{_env(name)}` | {default} | {field.description} |")
    return "\n".join(lines)


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _narrow(lines: Iterable[Sequence[str | None]]) -> "Table":
    """Each setting with its meaning below its value."""
    made = table("setting", "value, where it is from, and meaning", whole=("setting",))
    for name, value, source, meaning in lines:
        says = Text.assemble(f"{clean(value or '-')} ({source})\n", (clean(meaning), "dim"))
        made.add_row(Text(clean(name)), says)
    return made


def _rows(session: Session) -> list[dict[str, Any]]:
    sources = _sources(session.settings, from_option=session.data_dir is not None)
    return [
        {
            "name": name,
            "env": _env(name),
            "value": value,
            "source": sources[name],
            "meaning": type(session.settings).model_fields[name].description,
        }
        for name, value in session.settings.shown().items()
    ]


def _sources(settings: "Settings", *, from_option: bool) -> dict[str, str]:
    sources: dict[str, str] = dict(settings.sources())
    return sources | ({"data_dir": "--data-dir"} if from_option else {})


def _env(name: str) -> str:
    from arena_pipeline.settings import PREFIX

    return PREFIX + name.upper()
