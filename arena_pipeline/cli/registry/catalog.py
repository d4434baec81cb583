"""`arena catalog`: the catalogs that were read, and everything they changed."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from rich.text import Text

from arena_pipeline.cli.app import Session, command, group
from arena_pipeline.cli.asking import since as moment_of
from arena_pipeline.cli.registry.changes import Line, changes_table, kind_cell, what_changed
from arena_pipeline.cli.screen import Widest, add_rows, table
from arena_pipeline.cli.text import clean

if TYPE_CHECKING:
    from rich.table import Table

    from arena_pipeline.registry.history import ChangeRow
    from arena_pipeline.registry.syncing.snapshots import Snapshot

COUNTED = ("added", "removed", "returned", "repriced")
"""Kinds of changes that are counted for each catalog."""

MOST = 200
"""Changes that are shown when no number is given."""

catalog = group("catalog", "List the catalogs that were read, or what they changed.")

Kind = Literal[
    "added", "removed", "returned", "repriced", "repointed", "renamed", "limits_changed", "expiring"
]

Since = Annotated[
    str | None,
    typer.Option(
        "--since", metavar="TIME", help="Nothing older: a day (2026-01-31), or 24h, 7d, 2w ago."
    ),
]


@command("snapshots", of=catalog, hidden=True)
def show(
    session: Session,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="How many catalogs.")] = 30,
) -> None:
    """List the last catalogs: what the accepted ones changed, why the others were refused."""
    from arena_pipeline.registry.history import changes
    from arena_pipeline.registry.syncing.snapshots import snapshots

    store = session.ready_store()
    rows = snapshots(store, limit)
    oldest = min((row.fetched_at for row in rows), default=None)
    counted = Counter((one.snapshot_id, one.kind) for one in changes(store, since=oldest))
    told = [{**asdict(row), **{kind: counted[row.id, kind] for kind in COUNTED}} for row in rows]
    if session.screen.as_json:
        session.screen.document({"snapshots": told})
    elif rows:
        session.screen.show(
            Widest(
                *(_catalogs(told, shown) for shown in ((*COUNTED, "source"), COUNTED, COUNTED[:2]))
            ),
            *_refusals(rows),
        )
    else:
        session.screen.show("No catalog yet. [dim]arena sync[/] fetches it.")


@command("log", of=catalog)
def log(
    session: Session,
    since: Since = None,
    kind: Annotated[Kind | None, typer.Option(help="Only changes of this kind.")] = None,
    model: Annotated[
        str | None, typer.Option(metavar="SLUG", help="Only this model, by any name it ever had.")
    ] = None,
    limit: Annotated[
        int, typer.Option(min=1, max=1_000_000, help="How many changes at most.")
    ] = MOST,
) -> None:
    """List every change that the catalogs brought, the newest first, and catalogs refused."""
    from arena_pipeline.registry.history import changes
    from arena_pipeline.registry.syncing.snapshots import snapshots

    start, store = moment_of(since), session.ready_store()
    rows = changes(store, since=start, slug=model, kind=kind, limit=limit + 1)
    about_all = model is None and kind is None
    refused = [
        one
        for one in (snapshots(store) if about_all else ())
        if not one.accepted and (start is None or one.fetched_at >= start)
    ]
    more, rows = len(rows) > limit, rows[:limit]
    if session.screen.as_json:
        session.screen.document(
            {
                "changes": [asdict(row) for row in rows],
                "more": more,
                "refused": [asdict(row) for row in refused],
            }
        )
        return
    if rows or refused:
        oldest = rows[-1].snapshot_id if more else 0
        session.screen.show(_changes(rows, [one for one in refused if one.id >= oldest]))
    else:
        last = next((one for one in snapshots(store) if one.accepted), None)
        newest = f" The newest catalog is of {last.fetched_at:%Y-%m-%d %H:%M}." if last else ""
        session.screen.show(f"No changes to show.{newest}")
    if more:
        session.screen.show(f"... and older ones; --limit shows more than {limit}")


def _changes(rows: "Sequence[ChangeRow]", refused: "Sequence[Snapshot]") -> Widest:
    """A line for each change, and in between those for catalogs refused."""
    cells: list[tuple[int, *Line]] = [
        (
            row.snapshot_id,
            row.at,
            kind_cell(row.kind, is_flip=row.is_flip),
            row.slug,
            what_changed(row.before, row.after) or "",
        )
        for row in rows
    ]
    cells += [
        (one.id, one.fetched_at, Text("refused", "red"), None, one.reason or "") for one in refused
    ]
    newest_first = sorted(cells, key=lambda line: -line[0])
    return changes_table([line[1:] for line in newest_first], timed=True)


def _catalogs(rows: "Sequence[Mapping[str, Any]]", columns: tuple[str, ...]) -> "Table":
    made = table("fetched", "", "models", *columns, right=("models", *COUNTED), whole=("fetched",))
    for row in rows:
        state = Text("accepted") if row["accepted"] else Text("refused", style="red")
        add_rows(
            made,
            [(row["fetched_at"], state, row["models"], *(row[name] for name in columns))],
        )
    return made


def _refusals(rows: "Sequence[Snapshot]") -> list[Text]:
    return [
        Text.assemble(
            ("Refused ", "red"), f"{row.fetched_at:%Y-%m-%d %H:%M} ", clean(row.reason or "")
        )
        for row in rows
        if not row.accepted
    ]
