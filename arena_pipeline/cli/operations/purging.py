"""`arena purge`: what grows without end and no rating needs, shown first, and purged with `--yes`.

Dagster's own records are gone through by `arena_pipeline.defs.operations.purge` in a process of its
own, as `arena up` runs the graph.
"""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from arena_pipeline.cli.app import Session, command
from arena_pipeline.cli.asking import actor
from arena_pipeline.cli.screen import Advance, add_rows, table

if TYPE_CHECKING:
    from arena_pipeline.operations.purging.lots import Cutoffs, Lot

_UNITS = ("B", "kB", "MB", "GB")


@command("purge")
def purge(
    session: Session,
    older_than: Annotated[
        float | None,
        typer.Option(
            min=1,
            max=36_500,
            metavar="DAYS",
            help="What is older; unset: ARENA_PURGE_RUNS_DAYS, ARENA_PURGE_CALLS_DAYS.",
        ),
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Do it; without this it is only shown.")
    ] = False,
) -> int:
    """Clear away old runs of Dagster and old payloads of calls; ratings need none of it."""
    from arena_pipeline.operations.purging import purge as ours
    from arena_pipeline.operations.purging.lots import Cutoffs

    settings, store = session.settings, session.ready_store()
    cutoffs = Cutoffs.of(settings, older_than)
    with session.screen.progress("Purging" if yes else "Looking") as advance:
        if yes:
            ours.note(store, cutoffs, actor())
            lots = [*ours.purge(store, settings, cutoffs, advance)]
        else:
            lots = [*ours.find(store, settings, cutoffs)]
        lots += _dagsters(session, cutoffs, advance, yes=yes)
    _show(session, lots, done=yes)
    return 1 if any(lot.failed for lot in lots) else 0


def _dagsters(
    session: Session, cutoffs: "Cutoffs", advance: Advance, *, yes: bool
) -> "Iterator[Lot]":
    """What Dagster keeps, told by a process that may import it; nothing where it never ran."""
    from arena_pipeline.cli.supervise import Children, stoppable
    from arena_pipeline.cli.up import dagster_environment
    from arena_pipeline.operations.purging.lots import Lot

    settings = session.settings
    if not (settings.dagster_home / "dagster.yaml").is_file():
        return
    arguments = (cutoffs.runs.isoformat(), *(["yes"] if yes else []))
    error = None
    with (
        stoppable(),
        Children(dagster_environment(settings), settings.root / "logs") as children,
    ):
        child = children.start(
            "purge", "arena_pipeline.defs.operations.purge", *arguments, listen=True
        )
        assert child.process.stdout is not None
        for line in child.process.stdout:
            told = json.loads(line)
            if "lot" in told:
                yield Lot.from_json(told["lot"])
            elif "done" in told:
                advance(told["done"], told["total"])
            error = told.get("error")
        if child.process.wait() and error is None:
            error = f"Dagster's records can't be gone through; {child.log}: {child.last_words()}"
    if error is not None:
        yield Lot("Dagster's records", 0, "are as they were", failed=(error,))


def _show(session: Session, lots: "list[Lot]", *, done: bool) -> None:
    screen = session.screen
    if screen.as_json:
        screen.document({"done": done, "lots": [lot.to_json() for lot in lots]})
        return
    rows = (
        (lot.what, f"{lot.count:,}", lot.oldest, _size(lot.bytes), lot.done if lot.count else "")
        for lot in lots
    )
    right = ("how many", "room")
    screen.show(
        add_rows(table("what", "how many", "the oldest", "room", "they", right=right), rows)
    )
    for lot in lots:
        for failure in lot.failed:
            screen.notice(f"{lot.what}: {failure}")
    if not done:
        screen.show(
            Text.assemble("Nothing was changed. ", ("arena purge --yes", "dim"), " does it.")
        )


def _size(count: int | None) -> str | None:
    """Bytes in words."""
    if count is None:
        return None
    size = float(count)
    for unit in _UNITS:
        if size < 1000 or unit == _UNITS[-1]:
            break
        size /= 1000
    return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
