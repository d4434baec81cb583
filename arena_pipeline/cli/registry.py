"""`arena sync`, `arena models`, `arena agents`: who may play, and where it is known from."""

from collections import Counter
from dataclasses import asdict
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from rich.text import Text

from arena_pipeline.cli.app import Session, command
from arena_pipeline.cli.screen import Widest, add_rows, facts, table
from arena_pipeline.cli.text import clean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.table import Table

    from arena_pipeline.registry.declared import AgentsReport
    from arena_pipeline.registry.models import ModelRow
    from arena_pipeline.registry.report import SyncReport
    from arena_pipeline.store import Store

MOST_CHANGES = 40
"""Changes a sync names on the screen; the first one would name every model."""

Status = Literal["untested", "testing", "ranked", "retired"]


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
    from arena_pipeline.registry.report import SyncReport

    store = session.prepared_store()
    try:
        report = _sync_catalog(session, store, file, accept_drop=accept_drop)
    except CatalogError as error:
        if not session.screen.as_json:
            raise
        session.screen.document({**SyncReport.of_refusal(error).to_json(), "error": str(error)})
        return 1
    agents = declare(session, store)
    for what in ("added", "changed", "deactivated"):
        if aliases := getattr(agents, what):
            session.screen.notice(f"Agents {what}: {', '.join(aliases)}")
    if session.screen.as_json:
        session.screen.document(report.to_json())
    else:
        session.screen.show(*_report(report))
    if report.notice:
        session.screen.notice(report.notice)
    return 0


def declare(session: Session, store: "Store", *, needed: bool = True) -> "AgentsReport | None":
    """Take over what the models file says; a declaration that is no good is named and the rest goes
    on. So does everything else if the whole file is no good, unless it is `needed`.
    """
    from arena_pipeline.players import bots
    from arena_pipeline.registry.declared import sync_agents
    from arena_pipeline.registry.models_file import ModelsFileError, read_models_file
    from arena_pipeline.registry.overrides import sync_overrides

    try:
        declared = read_models_file(session.settings.models_path)
    except ModelsFileError as error:
        if needed:
            raise
        session.screen.notice(f"{error}; going on with the agents there are.")
        return None
    sync_overrides(store, declared)
    report = sync_agents(store, declared, policies=bots.versions(), refusal=bots.refusal)
    for alias, reason in report.rejected:
        session.screen.notice(
            f"{alias} of {session.settings.models_path.name} is left out: {reason}"
        )
    return report


@command("models")
def models(
    session: Session,
    slug: Annotated[
        str | None,
        typer.Argument(
            metavar="[SLUG]", help="One model, by slug or any name it was ever known under."
        ),
    ] = None,
    status: Annotated[Status | None, typer.Option(help="Only models of this test status.")] = None,
    vendor: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only models made by this vendor.")
    ] = None,
    free: Annotated[
        bool, typer.Option("--free", help="Only models known to cost nothing.")
    ] = False,
    max_price: Annotated[
        str | None,
        typer.Option(
            metavar="USD", help="Only models of known prices up to this, per million tokens."
        ),
    ] = None,
) -> None:
    """List the models of the catalog, or show one with all its names."""
    from arena_pipeline.registry import models as registry

    store = session.ready_store()
    if slug is not None:
        row = registry.model(store, slug)
        _show_model(session, row, registry.aliases(store, row.slug))
        return
    rows = registry.models(
        store, status=status, vendor=vendor, free=free or None, max_price=_price(max_price)
    )
    if session.screen.as_json:
        session.screen.document({"models": [_model_json(row) for row in rows]})
    elif rows:
        session.screen.show(
            Widest(
                _models_table(
                    rows, ("status", "prompt", "completion", "context", "listed", "plays")
                ),
                _models_table(rows, ("status", "prompt", "completion")),
                _models_table(rows, ("status",)),
            ),
            f"{len(rows)} models; prices in USD per million tokens",
        )
    else:
        session.screen.show("No models to show. [dim]arena sync[/] fetches the catalog.")


@command("agents")
def agents(session: Session) -> None:
    """List who can sit down to play: bots, and models with their settings."""
    from arena_pipeline.registry.agents import agents as registered

    rows = registered(session.ready_store())
    if session.screen.as_json:
        session.screen.document({"agents": [{**asdict(row), "policy": row.policy} for row in rows]})
    elif rows:
        columns = ("agent", "title", "kind", "plays by", "version", "active", "from")
        lines = (
            (row.alias, row.title, row.kind, row.policy or row.model, row.version, row.active,
             row.source)
            for row in rows
        )  # fmt: skip
        session.screen.show(add_rows(table(*columns, right=("version",)), lines))
    else:
        session.screen.show("No agents yet. [dim]arena sync[/] reads the models file.")


def _sync_catalog(
    session: Session, store: "Store", file: Path | None, *, accept_drop: bool
) -> "SyncReport":
    from arena_pipeline.registry.refresh import sync_from_file, sync_from_network_or_sample

    if file is None:
        return sync_from_network_or_sample(store, session.settings)
    settings = session.settings
    return sync_from_file(
        store,
        file,
        catalog_dir=settings.catalog_dir,
        accept_drop=accept_drop,
        max_drop=settings.catalog_max_drop,
        max_bytes=int(settings.catalog_max_mb * 1e6),
    )


def _report(report: "SyncReport") -> list[Any]:
    """What a sync did, as lines: how many of each change, then the changes by name."""
    what = "sample catalog" if report.is_sample else "catalog"
    state = "" if report.changed else ", nothing new"
    lines: list[Any] = [
        f"{report.models} models in the {what} of {report.fetched_at:%Y-%m-%d %H:%M}{state}"
    ]
    if changes := list(report.diff.changes()):
        counts = Counter(str(kind) for kind, *_ in changes)
        lines.append(", ".join(f"{count} {kind}" for kind, count in counts.items()))
        shown = table("change", "model", "before", "after")
        for kind, slug, before, after in changes[:MOST_CHANGES]:
            add_rows(shown, [(kind, slug, _pairs(before), _pairs(after))])
        lines.append(shown)
        if len(changes) > MOST_CHANGES:
            lines.append(f"... of {len(changes)} changes; arena sync --json names every one")
    lines += [
        Text(clean("Row {row} left out: {reason}".format(**skipped.to_json())))
        for skipped in report.skipped
    ]
    return lines


def _pairs(values: dict[str, Any] | None) -> str | None:
    return ", ".join(f"{name} {value}" for name, value in values.items()) if values else None


def _models_table(rows: "Sequence[ModelRow]", columns: tuple[str, ...]) -> "Table":
    """A line for each model: its slug, and of the other facts those named."""
    made = table("slug", *columns, right=("prompt", "completion", "context"))
    for row in rows:
        known = {
            "status": row.test_status,
            "prompt": row.price_prompt,
            "completion": row.price_completion,
            "context": row.context_length,
            "listed": row.removed_at is None,
            "plays": row.is_active,
        }
        add_rows(made, [(row.slug, *(known[name] for name in columns))])
    return made


def _show_model(session: Session, row: "ModelRow", aliases: tuple[tuple[str, str], ...]) -> None:
    if session.screen.as_json:
        names = [{"alias": alias, "origin": origin} for alias, origin in aliases]
        session.screen.document({**_model_json(row), "details": row.details, "aliases": names})
        return
    session.screen.show(
        facts(
            (
                ("slug", row.slug),
                ("name", row.display_name),
                ("vendor", row.vendor),
                ("status", row.test_status),
                ("plays", row.is_active),
                ("access", row.access),
                ("prompt", row.price_prompt),
                ("completion", row.price_completion),
                ("context", row.context_length),
                ("longest answer", row.max_completion_tokens),
                ("from", row.source),
                ("discovered", row.discovered_at),
                ("last seen", row.last_seen_at),
                ("removed", row.removed_at),
                *((f"also known as ({origin})", alias) for alias, origin in aliases),
            )
        )
    )


def _model_json(row: "ModelRow") -> dict[str, Any]:
    facts = asdict(row)
    del facts["details"]
    return {**facts, "is_free": row.is_free}


def _price(text: str | None) -> Decimal | None:
    """An amount of USD. Raises BadParameter."""
    if text is None:
        return None
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal(-1)
    if not amount.is_finite() or amount < 0:
        raise typer.BadParameter(f"--max-price takes an amount of USD such as 0.5, not {text!r}")
    return amount
