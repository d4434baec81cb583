"""The entry point: runs a command, and turns what went wrong into one sentence and an exit code.

Exit codes: 0 done, 1 failed (or found something wrong), 2 called wrongly, 130 stopped by Ctrl-C.
"""

import sys
from collections.abc import Sequence

import typer

from arena_pipeline.cli import (
    about,
    checking,
    exporting,
    importing,
    ladders,
    playing,
    starting,
    verifying_ratings,
)
from arena_pipeline.cli.app import app
from arena_pipeline.cli.calling import (
    budget,
    estimate,
    evaluate,
    gateways,
    practice,
    switching,
    watch,
)
from arena_pipeline.cli.operations import backing, copying, notices, purging, voiding
from arena_pipeline.cli.registry import (
    agents,
    auditing,
    catalog,
    model_acts,
    models,
    names,
    prices,
    prompts,
    syncing,
)
from arena_pipeline.cli.screen import Screen
from arena_pipeline.cli.warehouse import asking, building
from arena_pipeline.errors import ArenaError

MODULES = (
    starting, syncing, models, model_acts, agents, prompts, names, prices, catalog, auditing,
    playing, importing, ladders, exporting, checking, verifying_ratings, about,
    backing, voiding, notices, purging, building, asking, copying,
    practice,
    switching, watch, budget, estimate, evaluate, gateways,
)  # fmt: skip
"""Importing a module adds its commands."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `arena` with `arguments` (default: the command line's) and return its exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        code = typer.main.get_command(app).main(given, prog_name="arena", standalone_mode=False)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        return _reader_gone()
    except Exception as error:
        sentence = explain(error)
        if sentence is None:
            raise
        Screen(as_json="--json" in given).failure(sentence)
        return int(getattr(error, "exit_code", 1))
    return int(code or 0)


def explain(error: Exception) -> str | None:
    """The sentence for an error its user can act on; None for a mistake of this program, whose
    traceback is what helps.
    """
    if isinstance(error, typer.TyperException):
        context = getattr(error, "ctx", None)
        path = context.command_path.strip() if context else "arena"
        # What a type of ours refuses comes with the name of Python's error in front.
        told = error.format_message().replace(": Value error, ", ": ")
        return f"{told} ({path} --help shows how it is used)"

    from sqlalchemy.exc import DBAPIError

    from arena_pipeline.games.protocol import GameError

    match error:
        case ArenaError() | GameError():
            return str(error)
        case DBAPIError():
            reason = str(error.orig).strip().partition("\n")[0]
            return f"The store failed: {reason}. arena doctor may say more"
        case OSError(strerror=str(reason), filename=str(file)):
            return f"{file}: {reason}"
        case OSError():
            return f"The system refused: {error}"
    return None


def _reader_gone() -> int:
    """End quietly when whoever read the output has enough (`arena models | head`)."""
    import os

    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 1
