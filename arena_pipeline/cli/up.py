"""What `arena up` does: prepare, run the asset graph once, show the leaderboard, serve the UI.

What belongs here: the order of things. Processes are in `supervise`, the steps on screen in
`steps`; the graph is run by `arena_pipeline.defs.launch` in a process of its own.
"""

import json
import time

from rich.console import Console

from arena_pipeline.cli.screen import Screen, facts
from arena_pipeline.cli.steps import Pass, Steps
from arena_pipeline.cli.supervise import Children, need_port, only_arena, stoppable
from arena_pipeline.errors import ArenaError
from arena_pipeline.settings import PREFIX, Settings, child_environment
from arena_pipeline.store.engine import normalise_url


class UpFailed(ArenaError):
    """The arena could not be brought up to date at all."""


def up(
    settings: Settings,
    *,
    serve: bool,
    port: int | None,
    console: Console,
    as_json: bool,
    ladder: str | None = None,
) -> int:
    """Run everything once and, with `serve`, the UI until Ctrl-C; the board of `ladder` (unset:
    the default one) is shown. Returns the exit code.

    Without `serve` that is 1 if any step failed. With it a failed step is shown and the UI served
    all the same, since that is where to look at it; being stopped is then a success, 0.

    Raises ArenaError: folder not writable, store too new, port taken, another `arena up`.
    """
    from arena_pipeline.evaluation.setup import prepare_arena
    from arena_pipeline.store.opening import prepare_folder

    if port is not None:
        settings = settings.model_copy(update={"port": port})
    screen = Screen(as_json=as_json)
    prepare_folder(settings)
    with only_arena(settings.root), stoppable():
        if serve:
            need_port(settings.host, settings.port)
        with screen.busy("Preparing the store ..."):
            prepared = prepare_arena(settings)
        prepared.store.close()
        if prepared.told:
            screen.notice(prepared.told)
        with Children(dagster_environment(settings), settings.root / "logs") as children:
            done = _run_graph(children, screen)
            done.notices[:0] = [prepared.told] if prepared.told else []
            if not serve:
                _show(settings, screen, console, done, ladder, ui=None)
                return 1 if done.failures else 0
            return _serve(settings, children, screen, console, done, ladder)


def _run_graph(children: Children, screen: Screen) -> Pass:
    """Run the graph once, showing its steps. Raises UpFailed if it did not even come to an end."""
    child = children.start("launch", "arena_pipeline.defs.launch", listen=True)
    assert child.process.stdout is not None
    began = time.monotonic()
    with Steps(screen) as steps:
        for line in child.process.stdout:
            steps.follow(json.loads(line))
        code = child.process.wait()
    done = steps.done
    done.seconds = round(time.monotonic() - began, 1)
    if done.error is not None:
        raise UpFailed(done.error)
    if not done.finished:
        raise UpFailed(
            f"The run of the asset graph ended unexpectedly (exit code {code}); "
            f"{child.log} says why: {child.last_words()}"
        )
    return done


def _serve(
    settings: Settings,
    children: Children,
    screen: Screen,
    console: Console,
    done: Pass,
    ladder: str | None,
) -> int:
    """Start the UI, say where it is, and wait for Ctrl-C."""
    workspace = ("-w", str(settings.dagster_home / "workspace.yaml"))
    looks = ("--log-format", "json") if settings.log_format == "json" else ()
    address = ("-h", settings.host, "-p", str(settings.port))
    servers = [
        children.start("Dagster UI", "dagster_webserver", *address, *looks, *workspace),
        children.start("Dagster daemon", "dagster._daemon", "run", *looks, *workspace),
    ]
    url = _url(settings)
    try:
        with screen.err.status("Starting the Dagster UI ..."):
            children.wait_for_url(f"{url}/server_info", servers)
        _show(settings, screen, console, done, ladder, ui=url)
        children.watch(servers)
    except KeyboardInterrupt:
        screen.err.print("Stopping ...")
    return 0


def _show(
    settings: Settings,
    screen: Screen,
    console: Console,
    done: Pass,
    ladder: str | None,
    ui: str | None,
) -> None:
    """The leaderboard and where everything is."""
    from arena_pipeline.cli.ladders import board_table
    from arena_pipeline.leaderboard.board import board
    from arena_pipeline.leaderboard.exports import folder_of
    from arena_pipeline.leaderboard.ladders import DEFAULT_LADDER
    from arena_pipeline.masking import mask_secrets
    from arena_pipeline.store.opening import open_ready_store

    ladder = ladder or DEFAULT_LADDER
    store = open_ready_store(settings)
    try:
        standing = board(store, ladder)
    finally:
        store.close()
    places = {
        "ui": ui,
        "exports": str(folder_of(settings.export_dir, ladder)),
        "warehouse": str(settings.warehouse_dir / "arena.duckdb"),
        "replays": str(settings.replay_dir),
        "store": mask_secrets(settings.store_url),
        "logs": str(settings.root / "logs"),
    }
    if screen.as_json:
        told = {"seconds": done.seconds, "notices": done.notices, "failures": done.failures}
        screen.document({**told, **places, "leaderboard": standing.to_json()})
        return
    if standing.rows:
        console.print(board_table(standing))
    else:
        console.print("Nobody has played yet.")
    titles = {"ui": "Dagster UI (Ctrl-C stops it)"}
    console.print(facts((titles.get(name, name), place) for name, place in places.items() if place))


def dagster_environment(settings: Settings) -> dict[str, str]:
    """What children get: the same settings, and the address that Dagster's storage understands."""
    extra = {"DAGSTER_DISABLE_TELEMETRY": "1"}
    if (url := settings.dagster_storage_url) is not None:
        # Bare postgresql:// would make Dagster use psycopg 3, which its storage does not work with.
        address = normalise_url(url).set(drivername="postgresql+psycopg2")
        name = f"{PREFIX}DAGSTER_DATABASE_URL"
        extra[name] = address.render_as_string(hide_password=False)
    return child_environment(settings, **extra)


def _url(settings: Settings) -> str:
    """Where a browser of this machine finds the UI."""
    everywhere = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104 - read, not bound to
    host = everywhere.get(settings.host, settings.host)
    if ":" in host and not host.startswith("["):
        host = f"[{host}]"
    return f"http://{host}:{settings.port}"
