"""`arena import snakebench`: another arena's history comes in, every document accounted for."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from arena_pipeline.cli.app import Session, command, group
from arena_pipeline.cli.asking import actor
from arena_pipeline.cli.screen import Screen, add_rows, many, table

if TYPE_CHECKING:
    from rich.table import Table

    from arena_pipeline.importers.snakebench.telling.report import Counts, ImportReport

MOST_NAMED = 20
"""Documents, matches or names of one kind that the screen shows; the JSON document has all."""

COUNTED = ("found", "imported", "already_present", "superseded", "rejected")

imports = group("import", "Take in another arena's history: its games, names and statistics.")


@command("snakebench", of=imports)
def snakebench(
    session: Session,
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="PATH...", help="Folders, files and archives (.tar.zst, .tar.gz), read only."
        ),
    ],
    models: Annotated[
        Path | None,
        typer.Option(
            "--models", metavar="FILE", help="SnakeBench's model_list.yaml: whose names are whose."
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Write nothing: only tell what would come in.")
    ] = False,
    workers: Annotated[
        int | None,
        typer.Option("--workers", min=1, max=256, help="Processes that read; unset: one per CPU."),
    ] = None,
) -> None:
    """Import SnakeBench's games of every layout as matches with replays, ratings and names."""
    from arena_pipeline.importers.snakebench.importing import import_history
    from arena_pipeline.registry.acts.audit import By

    store = session.ready_store() if dry_run else session.prepared_store()
    with _progress(session.screen) as advance:
        report = import_history(
            store,
            session.settings.replay_dir,
            paths,
            models=models,
            dry_run=dry_run,
            workers=workers,
            progress=advance,
            by=By.of(actor(), None),
        )
    if session.screen.as_json:
        session.screen.document(report.to_json())
    else:
        _show(session.screen, report)


@contextmanager
def _progress(screen: Screen) -> Iterator[Callable[[str, int, int | None], None]]:
    """A bar for each part of the work, with rate and remaining time, if somebody is looking."""
    from arena_pipeline.cli.bars import BYTES, bars

    with bars(screen.err) as progress:
        reading = progress.add_task("Reading", total=None, unit=BYTES)
        recording = progress.add_task("Recording", total=None, unit="matches", visible=False)

        def advance(what: str, done: int, total: int | None) -> None:
            task = reading if what == "reading" else recording
            progress.update(task, completed=done, total=total, visible=True)

        yield advance


def _show(screen: Screen, report: "ImportReport") -> None:
    screen.show(
        _counts("Documents", report.documents, report.all_documents),
        _counts("Participants", report.participants, report.all_participants),
    )
    _show_names(screen, report)
    _show_matches(screen, report)
    if report.rejected:
        rows = [(one.path, one.reason) for one in report.rejected]
        _show_some(screen, "Rejected", ("document", "why"), rows)
    if report.superseded:
        rows = [(one.path, one.by) for one in report.superseded]
        _show_some(screen, "Superseded", ("document", "by"), rows)
    screen.show(Text(_sentence(report), style="bold"))


def _sentence(report: "ImportReport") -> str:
    counts = report.all_documents
    took = f"{report.seconds:.1f} s"
    if not report.changed:
        return f"Nothing new: {many(counts.found, 'document')} read in {took}."
    done = f"{many(counts.imported, 'document')} of {counts.found}"
    if report.dry_run:
        return f"{done} would be imported; nothing was written ({took})."
    return f"{done} imported in {took}."


def _counts(title: str, by_layout: "dict[str, Counts]", total: "Counts") -> "Table":
    made = table("layout", *COUNTED, title=title, right=COUNTED)
    for layout, counts in [*by_layout.items(), ("all", total)]:
        add_rows(made, [(layout, *(getattr(counts, name) for name in COUNTED))])
    return made


def _show_names(screen: Screen, report: "ImportReport") -> None:
    """How many names each rule resolved; those it did not, by name."""
    rows = [(rule, len(names)) for rule, names in report.names.items() if names]
    if rows:
        screen.show(add_rows(table("rule", "names", title="Names", right=("names",)), rows))
    moved = [(one.name, one.before, one.after, one.matches) for one in report.people.moved]
    if moved:
        _show_some(screen, "Names that moved", ("name", "from", "to", "matches"), moved)


def _show_matches(screen: Screen, report: "ImportReport") -> None:
    """How the moves of imported matches fit the rules, and what was noticed of their seats."""
    if report.verification:
        title = "Imported matches"
        columns = table("verification", "matches", title=title, right=("matches",))
        screen.show(add_rows(columns, report.verification.items()))
    if report.unverified:
        rows = [(one.uuid, one.verification, one.detail) for one in report.unverified]
        _show_some(screen, "Not quite verified", ("match", "verification", "detail"), rows)
    if report.flags:
        columns = table("flag", "participants", title="Flags", right=("participants",))
        screen.show(add_rows(columns, report.flags.items()))
    if report.improved:
        told = many(len(report.improved), "better version")
        screen.show(Text(f"{told} took the place of what was stored."))


def _show_some(
    screen: Screen, title: str, columns: tuple[str, ...], rows: Sequence[Sequence[object]]
) -> None:
    screen.show(add_rows(table(*columns, title=title), rows[:MOST_NAMED]))
    if len(rows) > MOST_NAMED:
        screen.show(Text(f"... and {len(rows) - MOST_NAMED} more (--json has all)", style="dim"))
