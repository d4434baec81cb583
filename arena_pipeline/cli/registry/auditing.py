"""`arena audit`: what people decided by command, when and why; given a folder of published Parquet,
whether its numbers are what its matches give.
"""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from arena_pipeline.cli.app import Session, command
from arena_pipeline.cli.asking import since as moment_of
from arena_pipeline.cli.registry.catalog import Since
from arena_pipeline.cli.registry.changes import what_changed, what_is
from arena_pipeline.cli.screen import Widest, add_rows, table

if TYPE_CHECKING:
    from arena_pipeline.registry.acts.audit import AuditRow


@command("audit")
def audit(
    session: Session,
    parquet: Annotated[
        Path | None,
        typer.Argument(
            metavar="PARQUET_DIR",
            help="Check this folder of published Parquet instead, without the store.",
        ),
    ] = None,
    head: Annotated[
        str | None,
        typer.Option(
            metavar="HEX", help="Of PARQUET_DIR: the head of a chain you noted; what it seals."
        ),
    ] = None,
    since: Since = None,
    subject: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Only what was done to this model, agent, match (its whole uuid) or ladder.",
        ),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=1_000_000, help="How many acts at most.")] = 100,
) -> int:
    """List what people decided by command, the newest first; of a PARQUET_DIR, compute all ratings
    and the chain again from its files alone and say where they part.
    """
    if parquet is not None:
        from arena_pipeline.cli.warehouse.auditing import audit_folder

        if since is not None or subject is not None:
            raise typer.BadParameter("--since and --subject are for lists, not for a PARQUET_DIR")
        return audit_folder(session, parquet, head)
    if head is not None:
        raise typer.BadParameter("--head needs the PARQUET_DIR to look for it in")

    from arena_pipeline.registry.acts.audit import audit as entries

    start = moment_of(since)
    rows = entries(session.ready_store(), since=start, subject=subject, limit=limit)
    if session.screen.as_json:
        session.screen.document({"audit": [asdict(row) for row in rows]})
    elif rows:
        columns = ("when", "who", "did", "to", "what", "why")
        lines = [
            (one.at, one.actor, one.action, one.subject, _what(one), one.reason or "")
            for one in rows
        ]
        session.screen.show(
            Widest(
                add_rows(table(*columns), lines),
                add_rows(
                    table("when", "did", "to", "why", whole=("when", "did")),
                    ((when, did, to, why) for when, _, did, to, _, why in lines),
                ),
            )
        )
    else:
        session.screen.show("Nothing was decided by command.")
    return 0


def _what(act: "AuditRow") -> str:
    """What an act changed, or what it was given; who set it and why stand beside it."""
    if act.before is None:
        return what_is(act.after)
    names = [name for name in act.before if not name.endswith(("_set_by", "_reason"))]
    after = act.after or {}
    return (
        what_changed(
            {name: act.before[name] for name in names},
            {name: after.get(name) for name in names},
            unset="none",
        )
        or ""
    )
