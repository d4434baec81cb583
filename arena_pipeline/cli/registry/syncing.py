"""`arena sync`: models and agents brought up to date from the catalog and the models file."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from arena_pipeline.cli.app import Session, command
from arena_pipeline.cli.asking import actor
from arena_pipeline.cli.registry.changes import changes_table, kind_cell, what_changed
from arena_pipeline.cli.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from arena_pipeline.evaluation.declaring import Declared
    from arena_pipeline.registry.enrolment import Enrolment
    from arena_pipeline.registry.prompts import PromptsReport
    from arena_pipeline.registry.syncing.report import SyncReport
    from arena_pipeline.store import Store

MOST_CHANGES = 40
"""Changes a sync names on the screen; the first one would name every model."""

MOST_NAMED = 20
"""Models that one notice names."""


@command("sync")
def sync(
    session: Session,
    file: Annotated[
        Path | None,
        typer.Option(
            "--file", metavar="FILE", help="Take this catalog file instead of fetching one."
        ),
    ] = None,
    accept_drop: Annotated[
        bool, typer.Option("--accept-drop", help="Believe a catalog that lacks many known models.")
    ] = False,
) -> int:
    """Bring models and agents up to date from the catalog and the models file."""
    from arena_pipeline.catalog.errors import CatalogError
    from arena_pipeline.registry.syncing.report import SyncReport
    from arena_pipeline.registry.syncing.snapshots import snapshots

    store = session.prepared_store()
    try:
        with session.screen.busy("Reading the catalog"):
            report = _sync_catalog(session, store, file, accept_drop=accept_drop)
    except CatalogError as error:
        kept = next((one for one in snapshots(store) if one.reason == str(error)), None)
        if session.screen.as_json:
            refusal = SyncReport.of_refusal(error, kept.fetched_at if kept else None)
            facts = replace(refusal, models=kept.models if kept else 0).to_json()
            session.screen.document({**facts, "error": str(error)})
            return 1
        if kept and kept.file:
            session.screen.notice(f"Kept for a look: {session.settings.catalog_dir / kept.file}")
        raise
    if declared := declare(session, store):
        for what in ("added", "changed", "deactivated"):
            if aliases := getattr(declared.agents, what):
                session.screen.notice(f"Agents {what}: {', '.join(aliases)}")
    if session.screen.as_json:
        session.screen.document(report.to_json())
    else:
        session.screen.show(*_report(report))
        if declared and (waiting := declared.enrolment.waiting):
            counts = ", ".join(f"{reason} {count}" for reason, count in waiting.items())
            session.screen.show(Text(f"Models without an agent: {counts}", style="dim"))
    if report.notice:
        session.screen.notice(report.notice)
    return 0


def declare(session: Session, store: "Store", *, needed: bool = True) -> "Declared | None":
    """Take over what the models file says and enrol models; a declaration that is no good is named
    and the rest goes on. So does everything else if the whole file is no good, unless it is
    `needed`.
    """
    from arena_pipeline.evaluation.declaring import declare_agents
    from arena_pipeline.registry.declared.models_file import ModelsFileError, read_models_file
    from arena_pipeline.registry.declared.overrides import sync_overrides

    settings = session.settings
    try:
        declared = read_models_file(settings.models_path)
    except ModelsFileError as error:
        if needed:
            raise
        session.screen.notice(f"{error}; going on with what there is.")
        return None
    file = settings.models_path.name
    overrides = sync_overrides(store, declared, catalog_gateway=settings.catalog_gateway)
    if unknown := overrides.unknown:
        session.screen.notice(f"{file} names models nobody knows: {', '.join(unknown)}")
    done = declare_agents(store, settings, declared)
    for alias, reason in done.agents.rejected:
        session.screen.notice(f"{alias} of {file} is left out: {reason}")
    tell_prompts(session, done.prompts)
    tell_enrolment(session, done.enrolment)
    return done


def tell_enrolment(session: Session, enrolment: "Enrolment") -> None:
    """Tell whom the policy made active or lets rest, and who got a default agent."""
    for what, names in (
        ("Made active by the policy", enrolment.activated),
        ("No longer active by the policy", enrolment.rested),
        ("Enrolled with a default agent", enrolment.enrolled),
    ):
        if names:
            session.screen.notice(f"{what}: {_first(names)}")


def tell_prompts(session: Session, report: "PromptsReport") -> None:
    """Tell of prompts that came in and of files that are no good."""
    if report.added:
        session.screen.notice(f"Prompts added: {', '.join(report.added)}")
    for _, reason in report.rejected:
        session.screen.notice(f"Prompt left out: {reason}")


def _first(names: "Sequence[str]") -> str:
    """The first of many names, and how many more there are."""
    more = len(names) - MOST_NAMED
    told = ", ".join(names[:MOST_NAMED])
    return told if more <= 0 else f"{told} and {more} more"


def _sync_catalog(
    session: Session, store: "Store", file: Path | None, *, accept_drop: bool
) -> "SyncReport":
    from arena_pipeline.registry.acts.audit import By
    from arena_pipeline.registry.syncing.refresh import sync_from_file, sync_from_network_or_sample

    by = By.of(actor(), None)
    if file is None:
        return sync_from_network_or_sample(
            store, session.settings, accept_drop=accept_drop, accepted_by=by
        )
    settings = session.settings
    return sync_from_file(
        store,
        file,
        catalog_dir=settings.catalog_dir,
        accept_drop=accept_drop,
        accepted_by=by,
        max_drop=settings.catalog_max_drop,
        max_bytes=int(settings.catalog_max_mb * 1e6),
        gateway=settings.catalog_gateway,
        flip_window=timedelta(days=settings.price_flip_days),
    )


def _report(report: "SyncReport") -> list[Any]:
    """What a sync did, as lines: how many of each change, then the changes by name."""
    what = "sample catalog" if report.is_sample else "catalog"
    state = "" if report.changed else ", nothing new"
    lines: list[Any] = [
        f"{report.models} models in the {what} of {report.fetched_at:%Y-%m-%d %H:%M}{state}"
    ]
    if changes := list(report.diff.changes()):
        flips = {change.slug for change in report.diff.flipped}
        lines += [_counts(kind for kind, *_ in changes) + _flips(len(flips))]
        told = [
            (
                None,
                kind_cell(kind, is_flip=kind == "repriced" and slug in flips),
                slug,
                what_changed(before, after) or "",
            )
            for kind, slug, before, after in changes[:MOST_CHANGES]
        ]
        lines.append(changes_table(told, timed=False))
        if len(changes) > MOST_CHANGES:
            lines.append(f"... of {len(changes)} changes; arena catalog log names every one")
    if report.agents_versioned:
        versioned = ", ".join(report.agents_versioned)
        lines.append(Text(clean(f"New versions of agents whose model was replaced: {versioned}")))
    lines += [
        Text(clean("Row {row} left out: {reason}".format(**skipped.to_json())))
        for skipped in report.skipped
    ]
    return lines


def _counts(kinds: "Iterable[str]") -> str:
    counted = Counter(str(kind).replace("_", " ") for kind in kinds)
    return ", ".join(f"{count} {kind}" for kind, count in counted.items())


def _flips(count: int) -> str:
    if not count:
        return ""
    what = "it had been: a flip" if count == 1 else "they had been: flips"
    return f" ({count} of them back to what {what})"
