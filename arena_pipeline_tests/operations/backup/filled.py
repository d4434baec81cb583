"""Arenas to back up, and what must be the same after they were restored."""

import hashlib
from contextlib import closing
from pathlib import Path
from typing import Any

from arena_pipeline.catalog.errors import CatalogError
from arena_pipeline.evaluation.setup import prepare_arena
from arena_pipeline.leaderboard.board import Board, board
from arena_pipeline.leaderboard.exports import export
from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.operations.backup import make_backup, restore_backup
from arena_pipeline.registry.acts.audit import By
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline.store.opening import open_ready_store
from arena_pipeline_tests.agents import add_agents
from arena_pipeline_tests.catalog.rows import row
from arena_pipeline_tests.matches.writer import matches
from arena_pipeline_tests.registry.days import Days

LADDER = "snake"
AGENTS = ("anna", "bert", "cleo", "dora")
ME = By("tester")
MODELS = "bots:\n  - {alias: random, policy: random, title: Random}\n"


def fill(store: Store, settings: Settings, count: int = 9) -> None:
    """Agents and matches, two catalogs and a refused one, purged payloads, a models file."""
    add_agents(store, *AGENTS)
    Recorder(store, settings.replay_dir).record(matches(store, 0, count))
    days = Days(store, settings.catalog_dir)
    days.next(*(row(f"acme/m{number}", prompt="0.000000123") for number in range(20)))
    days.next(*(row(f"acme/m{number}") for number in range(18)))
    _refused(days)
    archived = settings.archive_dir / "llm_calls" / "month=2026-11"
    archived.mkdir(parents=True)
    (archived / "1-9.0123456789abcdef.parquet").write_bytes(b"PAR1 payloads PAR1")
    (archived / ".10-19.half.parquet.part").write_bytes(b"half")
    settings.models_path.write_text(MODELS)


def with_models(settings: Settings, root: Path, **more: Any) -> Settings:
    """The same settings with a models file of their own in `root`."""
    return settings.model_copy(update={"models_file": root / "in_use.yaml", **more})


def elsewhere(folder: Path, url: str | None = None) -> Settings:
    """Settings of an arena in another folder, and in the database at `url`."""
    return with_models(
        Settings.load(data_dir=folder, **({} if url is None else {"database_url": url})),
        folder.parent,
    )


def published(store: Store, folder: Path) -> tuple[Board, dict[str, str]]:
    """The leaderboard, and the digest of each file of its export."""
    seen = board(store, LADDER)
    report = export(store, folder, LADDER)
    files = (folder / file.name for file in report.files)
    digests = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}
    return seen, digests


def published_of(settings: Settings, folder: Path) -> tuple[Board, dict[str, str]]:
    """The same of the arena these settings name."""
    with closing(open_ready_store(settings)) as store:
        return published(store, folder)


def files_in(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, by its path there."""
    paths = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def small_backup(folder: Path, count: int = 3) -> Path:
    """A backup of a small arena, on SQLite."""
    settings = elsewhere(folder / "small")
    with closing(prepare_arena(settings).store) as store:
        fill(store, settings, count)
        return make_backup(store, settings, folder / "small.tar").file


def restored(file: Path, settings: Settings) -> Settings:
    """Restore, and hand the settings on."""
    restore_backup(file, settings, ME)
    return settings


def _refused(days: Days) -> None:
    try:
        days.next(row("acme/m1"))
    except CatalogError:
        return
    raise AssertionError("a catalog that lost nearly all its models was accepted")
