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
        typer.Option(
            "--workers",
            min=1,
            max=256,
            help="Processes that read; unset: one for each CPU, at most 4.",
        ),
    ] = None,
) -> None:
    """Import SnakeBench's games of every layout as matches with replays, ratings and names."""
    from arena_pipeline.importers.snakebench.importing import import_history
    from arena_pipeline.registry.acts.audit import By

    store = session.store_to_try() if dry_run else session.prepared_store()
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
        _show(session.screen, report, paths)


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


def _show(screen: Screen, report: "ImportReport", paths: Sequence[Path]) -> None:
    from arena_pipeline.importers.snakebench.reading.sources import named_from

    named = named_from(paths)
    screen.show(
        _counts("Documents", report.documents, report.all_documents),
        _counts("Participants", report.participants, report.all_participants),
    )
    _show_names(screen, report)
    _show_matches(screen, report)
    if report.rejected:
        rows = [(named(one.path), one.reason) for one in report.rejected]
        _show_some(screen, table("document", "why", title="Rejected"), rows)
    if report.superseded:
        columns = ("layout", "by a version in", "documents")
        kinds = [(*kind, count) for kind, count in report.superseded_by.items()]
        screen.show(add_rows(table(*columns, title="Superseded", right=columns[2:]), kinds))
    screen.show(Text(_sentence(report), style="bold"))


def _sentence(report: "ImportReport") -> str:
    counts = report.all_documents
    took = f"{report.seconds:.1f} s"
    if not report.changed:
        return f"Nothing new: {many(counts.found, 'document')} read in {took}."
    done = [f"{many(counts.imported, 'document')} of {counts.found} imported"]
    if not counts.imported:
        done = [f"No new document among {counts.found}"]
    done += _people_changed(report)
    if report.dry_run:
        return f"It would be: {'; '.join(done)}. Nothing was written ({took})."
    return f"{'; '.join(done)}. It took {took}."


def _people_changed(report: "ImportReport") -> Iterator[str]:
    """What became of names, models and agents that were there before, or that no match needs."""
    people = report.people
    if people.moved:
        moved = sum(one.matches for one in people.moved)
        known = f" with {'1 match' if moved == 1 else f'{moved} matches'}" if moved else ""
        yield f"{many(len(people.moved), 'name')} moved to another model{known}"
    elif not report.all_documents.imported:
        for made, thing in (
            (people.added, "name"),
            (people.models_made, "model"),
            (people.agents_made, "agent"),
        ):
            if made:
                yield f"{many(len(made), thing)} added"


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
        columns = ("name", "from", "to", "matches")
        made = table(*columns, title="Names that moved", right=columns[3:])
        _show_some(screen, made, moved)


def _show_matches(screen: Screen, report: "ImportReport") -> None:
    """How the moves of imported matches fit the rules, and what was noticed of their seats."""
    if report.verification:
        title = "Imported matches"
        made = table("verification", "matches", title=title, right=("matches",))
        screen.show(add_rows(made, report.verification.items()))
    if report.unverified:
        rows = [(one.uuid, one.verification, one.detail) for one in report.unverified]
        columns = ("match", "verification", "detail")
        made = table(*columns, title="Not quite verified", whole=columns[:1])
        _show_some(screen, made, rows)
    if report.flags:
        made = table("flag", "participants", title="Flags", right=("participants",))
        screen.show(add_rows(made, report.flags.items()))
    if report.improved:
        told = many(len(report.improved), "better version")
        screen.show(Text(f"{told} took the place of what was stored."))


def _show_some(screen: Screen, made: "Table", rows: Sequence[Sequence[object]]) -> None:
    screen.show(add_rows(made, rows[:MOST_NAMED]))
    if len(rows) > MOST_NAMED:
        screen.show(Text(f"... and {len(rows) - MOST_NAMED} more (--json has all)", style="dim"))
