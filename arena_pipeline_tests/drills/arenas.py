"""Arenas to be disturbed, each with a twin in which the same is done without any trouble.

A league is one endless sequence that its ladder seeds. So whatever was done to an arena, the twin
that plays as many matches in one go must say the same to the last bit.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select

from arena_pipeline.evaluation.league import play_league
from arena_pipeline.evaluation.newcomers import place_newcomers
from arena_pipeline.evaluation.setup import prepare_arena
from arena_pipeline.leaderboard.ladders import DEFAULT_LADDER
from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.players import bots
from arena_pipeline.registry.declared.agents import sync_agents
from arena_pipeline.registry.declared.models_file import read_models_file
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store, open_store
from arena_pipeline.store.tables import Ladder, LadderMatch, Match, Purpose, Standing
from arena_pipeline_tests.evaluation.arenas import events, history
from arena_pipeline_tests.matches.looking import assert_sound

ARENA = (
    sys.executable,
    "-c",
    "import sys; from arena_pipeline.cli import main; sys.exit(main())",
)

PLAYERS = ("random", "careful_random", "greedy", "flood")

TIMES = ("first_match_at", "last_match_at")
"""What of a standing differs between two arenas that play the same at different times."""


@dataclass(frozen=True, slots=True)
class Arena:
    """One arena: its data folder, its models file and, unless that is SQLite, its database."""

    folder: Path
    models_file: Path
    url: str | None

    @property
    def settings(self) -> Settings:
        """Its settings, for work in this process."""
        where = {} if self.url is None else {"database_url": self.url}
        return Settings.load(data_dir=self.folder, models_file=self.models_file, **where)

    @property
    def environment(self) -> dict[str, str]:
        """Its settings for processes: without a network, and every look at once."""
        return {
            **os.environ,
            "ARENA_DATA_DIR": str(self.folder),
            "ARENA_MODELS_FILE": str(self.models_file),
            "ARENA_CATALOG_URL": "http://127.0.0.1:1/models",
            "ARENA_CATALOG_RETRIES": "0",
            "ARENA_SENSOR_INTERVAL_S": "1",
            **({} if self.url is None else {"ARENA_DATABASE_URL": self.url}),
        }

    def start(self, *arguments: str, **more: str) -> "subprocess.Popen[str]":
        """Start an `arena` command; `more` goes into its environment."""
        return subprocess.Popen(
            [*ARENA, *arguments],
            env={**self.environment, **more},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
        )

    def run(self, *arguments: str, **more: str) -> tuple[int, str]:
        """Run an `arena` command to its end: exit code and all it said."""
        with self.start(*arguments, **more) as process:
            said, _ = process.communicate()
        return process.returncode, said

    def succeed(self, *arguments: str, **more: str) -> str:
        """Run an `arena` command that has to succeed; what it said."""
        code, said = self.run(*arguments, **more)
        assert code == 0, said
        return said

    @contextmanager
    def store(self) -> Iterator[Store]:
        """Its store, closed after the block."""
        store = open_store(self.settings.store_url)
        try:
            yield store
        finally:
            store.close()

    def league(self) -> int:
        """How many league matches are recorded."""
        with self.store() as store, store.read() as connection:
            return len(connection.scalars(select(Match.id).where(_IS_LEAGUE)).all())


def prepare(arena: Arena) -> None:
    """Set up an arena whose bots all have their place, so that its league has only to be played."""
    settings = arena.settings.model_copy(update={"placement_matches": 2})
    store = prepare_arena(settings).store
    try:
        declared = read_models_file(settings.models_path)
        sync_agents(store, declared, policies=bots.versions(), refusal=bots.refusal)
        assert len(place_newcomers(store, settings, ladder=DEFAULT_LADDER).placed) == len(PLAYERS)
    finally:
        store.close()


def write_models_file(file: Path) -> Path:
    """A models file with the bots that play fast."""
    lines = [f"  - {{alias: {alias}, policy: {alias}}}\n" for alias in PLAYERS]
    file.write_text("bots:\n" + "".join(lines), encoding="utf-8")
    return file


def copied(arena: Arena, folder: Path, url: str | None) -> Arena:
    """The arena as it is now once more, in `folder`; `url` is its database copied already."""
    shutil.copytree(arena.folder, folder)
    return Arena(folder, arena.models_file, url)


def outcome(store: Store) -> dict[str, list[Any]]:
    """Everything that a league decides and no clock: matches in their order, ledger, standings."""
    columns = [column for column in Standing.__table__.columns if column.name not in TIMES]
    with store.read() as connection:
        rows = connection.execute(select(*columns).order_by(Standing.competitor))
        standings = [tuple(row) for row in rows]
        ladders = connection.execute(select(Ladder.name, Ladder.epoch, Ladder.next_sequence))
        return {
            "matches": history(store),
            "events": events(store),
            "standings": standings,
            "ladders": sorted(map(tuple, ladders)),
        }


def assert_as_if_undisturbed(arena: Arena, twin: Arena) -> int:
    """The disturbed arena is sound and says what its undisturbed twin says; league matches played.

    Every match counts once, the ladder has no gap, each replay is there and proves its match, and
    matches, order, ledger and standings are those of the twin to the last bit.
    """
    played = arena.league()
    with arena.store() as store, twin.store() as undisturbed:
        report = play_league(undisturbed, twin.settings, matches=played - twin.league())
        assert report.failed == ()
        assert outcome(store) == outcome(undisturbed)
        with store.read() as connection:
            sequences = connection.scalars(
                select(LadderMatch.sequence).order_by(LadderMatch.sequence)
            ).all()
            recorded = len(connection.scalars(select(Match.id)).all())
        assert sequences == list(range(1, recorded + 1))
        assert_sound(store, Recorder(store, arena.settings.replay_dir), recorded)
    return played


_IS_LEAGUE = Match.purpose == Purpose.LEAGUE
