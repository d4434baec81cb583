"""`arena practice-server`, a local chat-completions server whose models are bots, and `arena
practice`, which shows a whole arena at work on it.
"""

import contextlib
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from arena_pipeline.cli.app import Session, command
from arena_pipeline.cli.screen import add_rows, table

if TYPE_CHECKING:
    from rich.table import Table

    from arena_pipeline.practice.server import PracticeGateway
    from arena_pipeline.practice.standing import Standing
    from arena_pipeline.settings import Settings

PORT = 8400


@command("practice-server")
def practice_server(
    session: Session,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port to listen on; 0: any that is free.")
    ] = PORT,
    models: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="YAML list of models; without it, six of its own."),
    ] = None,
    faults: Annotated[
        float, typer.Option(min=0, max=1, help="Share of calls that go wrong.")
    ] = 0.1,
    latency: Annotated[
        float, typer.Option(min=0, help="Seconds an answer takes on average.")
    ] = 0.5,
    seed: Annotated[int, typer.Option(help="Same seed, same answers to the same calls.")] = 0,
) -> int:
    """Serve models that are bots, with prices and faults, to practise without a key or a cent."""
    from arena_pipeline.practice.line_up import LINE_UP, read_line_up
    from arena_pipeline.practice.server import PracticeGateway
    from arena_pipeline.practice.serving import listening, serve

    # Nothing here is set by them, but a setting that can't be used is told by every command.
    _ = session.settings
    listed = LINE_UP if models is None else read_line_up(models)
    gateway = PracticeGateway(listed, fault_rate=faults, latency_s=latency, seed=seed)
    with listening(host, port) as (bound, address):
        if session.screen.as_json:
            session.screen.document(
                {
                    "base_url": address.base_url,
                    "catalog_url": address.catalog_url,
                    "ledger_url": f"{address.url}/practice/ledger",
                    "models": sorted(gateway.models),
                }
            )
        else:
            session.screen.show(
                f"Practice gateway: {address.base_url} (Ctrl-C stops it)",
                f"Models: {', '.join(sorted(gateway.models))}",
                f"What it billed: {address.url}/practice/ledger",
            )
        sys.stdout.flush()
        with contextlib.suppress(KeyboardInterrupt):
            serve(gateway, bound)
    return 0


@command("practice")
def practice(
    session: Session,
    no_serve: Annotated[
        bool, typer.Option("--no-serve", help="End after the leaderboard; start no Dagster UI.")
    ] = False,
    port: Annotated[
        int | None,
        typer.Option(min=1, max=65535, help="Port of the Dagster UI; wins over ARENA_PORT."),
    ] = None,
    faults: Annotated[
        float, typer.Option(min=0, max=1, help="Share of calls that go wrong.")
    ] = 0.05,
    latency: Annotated[
        float, typer.Option(min=0, help="Seconds an answer takes on average.")
    ] = 0.1,
    after: Annotated[
        float, typer.Option(min=0, help="Seconds until the new model appears, once all is calm.")
    ] = 5.0,
) -> int:
    """Show it all at work without a key or a cent: a new model appears and finds its place."""
    from arena_pipeline.practice.arena import check_store, practice_settings
    from arena_pipeline.practice.line_up import LINE_UP
    from arena_pipeline.practice.server import PracticeGateway
    from arena_pipeline.practice.serving import served

    gateway = PracticeGateway(LINE_UP, fault_rate=faults, latency_s=latency)
    with served(gateway) as address:
        settings = practice_settings(session.settings, address)
        check_store(settings)
        session.screen.notice(
            f"This is practice: play money, bots behind a price list, all in {settings.root}"
        )
        if no_serve:
            return _through(session, settings, gateway)
        return _live(session, settings, gateway, port, after)


def _through(session: Session, settings: "Settings", gateway: "PracticeGateway") -> int:
    """Everything once, then once more with a new model in the catalog."""
    from arena_pipeline.cli.up import up
    from arena_pipeline.practice.line_up import NEWCOMER
    from arena_pipeline.registry.gateways import PRACTICE

    screen = session.screen

    def once() -> int:
        return up(
            settings, serve=False, port=None, console=screen.err, as_json=False, ladder=PRACTICE
        )

    code = once()
    gateway.change(NEWCOMER.slug, NEWCOMER.model_dump())
    screen.notice(f"{NEWCOMER.slug} has appeared in the catalog")
    code = max(code, once())
    _show(session, settings, gateway)
    return code


def _live(
    session: Session,
    settings: "Settings",
    gateway: "PracticeGateway",
    port: int | None,
    after: float,
) -> int:
    """`arena up`, while a new model appears and its way is told."""
    from arena_pipeline.cli.up import up
    from arena_pipeline.practice.following import Follower
    from arena_pipeline.registry.gateways import PRACTICE

    screen = session.screen

    def placed(rows: "Sequence[Standing]") -> None:
        screen.err.print(_table(rows))
        screen.notice("That is all there was to show; Ctrl-C ends it")

    screen.notice(f"In another terminal: arena --data-dir {settings.root} watch --ladder practice")
    if port is not None:
        settings = settings.model_copy(update={"port": port})
    with Follower(settings, gateway, after, screen.notice, placed):
        code = up(
            settings, serve=True, port=None, console=screen.err, as_json=False, ladder=PRACTICE
        )
    _show(session, settings, gateway)
    return code


def _show(session: Session, settings: "Settings", gateway: "PracticeGateway") -> None:
    """The practice ladder, and both ledgers beside each other."""
    from arena_pipeline.practice.standing import placements, spent, standings
    from arena_pipeline.store.opening import open_ready_store

    store = open_ready_store(settings)
    try:
        rows, money, states = standings(store), spent(store), placements(store)
    finally:
        store.close()
    billed: dict[str, Any] = gateway.ledger.document(with_calls=False)
    if session.screen.as_json:
        told = {slug: {"state": state, "error": why} for slug, (state, why) in states.items()}
        server = {name: billed[name] for name in ("calls", "served", "cost")}
        session.screen.document(
            {"practice": True, "ladder": rows, "placements": told, "spent": money, "server": server}
        )
        return
    session.screen.show(_table(rows))
    session.screen.show(
        f"Play money: the server has billed {billed['cost']} USD for {billed['served']} of "
        f"{billed['calls']} calls. The arena's ledger, earlier runs included: {money.billed} USD "
        f"billed, at most {money.assumed} USD more for {money.unknown} calls whose bill never came"
    )


def _table(rows: "Sequence[Standing]") -> "Table":
    columns = (
        "#", "who", "rating", "played", "won", "lost", "tied", "faults", "USD", "status"
    )  # fmt: skip
    made = table(
        *columns, title="Practice: Snake for play money", right=columns[2:9], whole=("who", "USD")
    )
    return add_rows(
        made,
        (
            (
                row.rank, row.competitor, f"{row.rating:.0f}", row.matches, row.wins, row.losses,
                row.ties, row.agent_faults,
                None if row.cost is None else f"{row.cost:.4f}", row.status,
            )
            for row in rows
        ),
    )  # fmt: skip
