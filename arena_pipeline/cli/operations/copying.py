"""`arena store digest`, `arena store copy`: what a store holds in short, and all of it moved."""

from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from arena_pipeline.cli.app import Session, command, group
from arena_pipeline.cli.asking import actor
from arena_pipeline.cli.ladders import SHOWN_DIGEST
from arena_pipeline.cli.registry.reports import Why
from arena_pipeline.cli.screen import add_rows, many, table

if TYPE_CHECKING:
    from rich.table import Table

    from arena_pipeline.store.copying import TableDigest

store_group = group("store", "Compare stores by digests, or copy this one to another database.")


@command("digest", of=store_group)
def digest(session: Session) -> None:
    """Show rows and digest of every table; a copy on any database has the same."""
    from arena_pipeline.store.copying import store_digests

    store = session.ready_store()
    with session.screen.progress("Reading") as advance:
        tables = store_digests(store, advance)
    if session.screen.as_json:
        session.screen.document({"store": store.address} | _document(tables))
        return
    session.screen.show(_table(tables), Text(_summary(tables)))


@command("copy", of=store_group)
def copy(
    session: Session,
    url: Annotated[
        str | None,
        typer.Argument(
            metavar="URL",
            help="Address of an empty database, as ARENA_DATABASE_URL is written.",
        ),
    ] = None,
    to_env: Annotated[
        str | None,
        typer.Option(
            "--to-env",
            metavar="VARIABLE",
            help="Take the address from this environment variable: no password on the command "
            "line.",
        ),
    ] = None,
    reason: Why = None,
) -> None:
    """Copy the store to another database, SQLite or PostgreSQL, while everything runs."""
    from arena_pipeline.operations.copying import copy_arena
    from arena_pipeline.registry.acts.audit import By

    address, named = _address(url, to_env)
    store = session.ready_store()
    with session.screen.progress("Copying") as advance:
        done = copy_arena(store, address, By.of(actor(), reason), named=named, progress=advance)
    if session.screen.as_json:
        told = {"source": done.source, "target": done.target, "began": done.began}
        session.screen.document(told | {"revision": done.revision} | _document(done.tables))
        return
    session.screen.show(
        _table(done.tables),
        Text(f"{done.target} holds the same as {done.source}: {_summary(done.tables)}"),
        Text("To go on there, stop whatever plays and set"),
        Text(f"ARENA_DATABASE_URL={done.target}", "bold"),
        Text(
            f"What was written after {done.began:%H:%M:%S} UTC is not in the copy. Replays and "
            f"catalog files stay in {session.settings.root}."
        ),
    )


def _address(url: str | None, variable: str | None) -> tuple[str, str]:
    """The address of the target, and what it is called in what is said of it."""
    from arena_pipeline.settings import value_of

    if (url is None) == (variable is None):
        raise typer.BadParameter("copy needs the URL of an empty database, or --to-env VARIABLE")
    if url is not None:
        return url, "URL"
    assert variable is not None
    if (found := value_of(variable)) is None:
        raise typer.BadParameter(f"--to-env: the environment holds nothing under {variable}")
    return found, variable


def _document(tables: "dict[str, TableDigest]") -> dict[str, Any]:
    from arena_pipeline.store.copying import store_digest

    listed = {name: found._asdict() for name, found in tables.items()}
    return {"digest": store_digest(tables), "tables": listed}


def _summary(tables: "dict[str, TableDigest]") -> str:
    from arena_pipeline.store.copying import store_digest

    rows = sum(found.rows for found in tables.values())
    return f"{many(rows, 'row')}, SHA-256 {store_digest(tables)}"


def _table(tables: "dict[str, TableDigest]") -> "Table":
    return add_rows(
        table("table", "rows", "sha-256", right=("rows",)),
        ((name, found.rows, found.sha256[:SHOWN_DIGEST]) for name, found in tables.items()),
    )
