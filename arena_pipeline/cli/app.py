"""The command tree's root, and what every command has: `--json`, `--data-dir`, settings, a screen.

A command is a function that takes a `Session` first and is decorated with `command`; its further
parameters are its own arguments and options. It returns an exit code, or nothing for 0.
"""

import inspect
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Concatenate, ParamSpec

import typer

from arena_pipeline.cli.groups import RootGroup, subgroup
from arena_pipeline.cli.screen import Screen

if TYPE_CHECKING:
    from arena_pipeline.settings import Settings
    from arena_pipeline.store import Store

P = ParamSpec("P")

app = typer.Typer(
    name="arena",
    cls=RootGroup,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)

DataDir = Annotated[
    Path | None,
    typer.Option(
        "--data-dir",
        metavar="FOLDER",
        help="Folder for everything that lasts; wins over ARENA_DATA_DIR.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of tables.")]


@dataclass
class Session:
    """What a command works with: its screen, the settings, the store.

    Whatever it opens is closed when the command is done.
    """

    screen: Screen
    data_dir: Path | None = None
    opened: ExitStack = field(default_factory=ExitStack)

    @cached_property
    def settings(self) -> "Settings":
        """All settings, read when first needed; log lines are as they say from then on. Raises
        BadSettings.
        """
        from arena_pipeline import logs
        from arena_pipeline.settings import Settings

        read = Settings.load(**({} if self.data_dir is None else {"data_dir": self.data_dir}))
        logs.configure(read, quiet=True)
        return read

    def ready_store(self) -> "Store":
        """The store as it is. Raises StoreError saying how to make one."""
        from arena_pipeline.store.opening import open_ready_store

        store = open_ready_store(self.settings)
        self.opened.callback(store.close)
        return store

    def store_to_try(self) -> "Store":
        """The store as it is; where there is no arena yet, one as it would be made, which is gone
        when the command is done. For what only tells what it would do. Raises StoreError.
        """
        import tempfile

        from arena_pipeline.errors import NoArenaYet
        from arena_pipeline.evaluation.setup import prepare_arena
        from arena_pipeline.settings import Settings

        try:
            return self.ready_store()
        except NoArenaYet:
            self.screen.notice("There is no arena yet; this is tried with one that is not kept")
            folder = self.opened.enter_context(tempfile.TemporaryDirectory(prefix="arena-try-"))
            elsewhere = Settings.load(data_dir=Path(folder), database_url=None)
            store = prepare_arena(elsewhere).store
            self.opened.callback(store.close)
            return store

    def prepared_store(self) -> "Store":
        """The store, made and migrated if need be. Raises StoreError."""
        from arena_pipeline.evaluation.setup import prepare_arena

        with self.screen.busy("Preparing the store ..."):
            prepared = prepare_arena(self.settings)
        self.opened.callback(prepared.store.close)
        if prepared.told:
            self.screen.notice(prepared.told)
        return prepared.store


@app.callback(invoke_without_command=True)
def root(ctx: typer.Context, data_dir: DataDir = None) -> None:
    """An arena that runs itself: models and bots play, each rating is traced to its matches."""
    ctx.obj = data_dir
    if ctx.invoked_subcommand is None:
        typer.echo(ctx.get_help())


def group(name: str, title: str) -> typer.Typer:
    """A command with commands: its first one is what it does when a line names none of them."""
    return subgroup(app, name, title)


def command(
    name: str, *, of: typer.Typer = app, hidden: bool = False
) -> Callable[[Callable[Concatenate[Session, P], int | None]], Callable[..., int | None]]:
    """Make the decorated function the command `name` of a group or of `arena` itself, with the
    options that all commands have.
    """

    def register(
        function: Callable[Concatenate[Session, P], int | None],
    ) -> Callable[..., int | None]:
        @wraps(function)
        def run(ctx: typer.Context, as_json: bool, data_dir: Path | None, **own: Any) -> int | None:
            session = Session(Screen(as_json=as_json), data_dir or ctx.obj)
            with session.opened:
                return function(session, **own)  # type: ignore[call-arg]

        own = list(inspect.signature(function).parameters.values())[1:]
        parameters = [
            inspect.Parameter("ctx", inspect.Parameter.KEYWORD_ONLY, annotation=typer.Context),
            *(parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in own),
            _option("as_json", AsJson, False),
            _option("data_dir", DataDir, None),
        ]
        run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        run.__annotations__ = {one.name: one.annotation for one in parameters}
        return of.command(name, hidden=hidden)(run)

    return register


def _option(name: str, annotation: Any, default: object) -> inspect.Parameter:
    return inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, annotation=annotation, default=default
    )
