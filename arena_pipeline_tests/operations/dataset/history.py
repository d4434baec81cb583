"""A short history for the tests of the dataset: three months, and something of everything."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import select, update

from arena_pipeline.leaderboard.voiding import void
from arena_pipeline.matches.plan import FinishedMatch, Step
from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.operations.dataset import DatasetReport, export_dataset
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Match, Participant
from arena_pipeline_tests.agents import add_agents, finished_match

RATIONALE = "Left, since \u201cright\u201d is a wall \U0001f40d"
COST = Decimal("0.000000000123")
ENDS = (
    datetime(2025, 1, 31, 23, 59, 59, 999_999, tzinfo=UTC),
    datetime(2025, 2, 1, tzinfo=UTC),
    datetime(2025, 2, 28, 12, tzinfo=UTC),
    datetime(2026, 2, 1, 12, tzinfo=UTC),
)
"""Times at which the matches end, apart from the last two."""


def fill(store: Store, recorder: Recorder) -> list[FinishedMatch]:
    """Six matches: four as in `ENDS`, one voided, and one imported of which neither the end nor
    more than a header is known. The second one thinks aloud and costs money.
    """
    agents = list(add_agents(store, "anna", "bert").values())
    ends = (*ENDS, ENDS[3] + timedelta(hours=1), ENDS[3] + timedelta(hours=2))
    matches = [
        replace(
            finished_match(store, agents, seed=seed),
            started_at=end - timedelta(minutes=1),
            ended_at=end,
        )
        for seed, end in enumerate(ends)
    ]
    matches[1] = thinking(matches[1])
    recorder.record(matches)
    void(store, [matches[4].uuid], actor="tester", reason="a test")
    _make_header_only(store, matches[5].uuid)
    return matches


def thinking(match: FinishedMatch, rationale: str = RATIONALE) -> FinishedMatch:
    """The match with the first seat thinking aloud in its first step, for money."""
    first = match.steps[0]
    told = replace(
        first.turns[0],
        rationale=rationale,
        input_tokens=700,
        output_tokens=9,
        cost=COST,
        fault="gateway_error",
        decided_at=match.started_at,
        duration_ms=12.5,
        extra={"why": "429"},
    )
    step = Step((told, *first.turns[1:]), first.events, first.state)
    return replace(match, steps=(step, *match.steps[1:]))


def replay_of(store: Store, replays: Path, uuid: str) -> Path:
    """Where the replay of a match lies."""
    with store.read() as connection:
        path = connection.execute(select(Match.replay_path).where(Match.uuid == uuid)).scalar_one()
    return replays / str(path)


def export(store: Store, settings: Settings, folder: Path) -> DatasetReport:
    """Export a dataset of the store into the folder."""
    return export_dataset(store, settings.replay_dir, folder)


def content(folder: Path) -> dict[str, bytes]:
    """What is in a folder's files, by their paths in it."""
    paths = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def rows(folder: Path, table: str) -> list[dict[str, Any]]:
    """All rows of a table, file by file, without the columns that folders stand for."""
    import pyarrow.parquet as pq

    files = sorted((folder / table).rglob("*.parquet"))
    return [row for file in files for row in pq.ParquetFile(file).read().to_pylist()]


def _make_header_only(store: Store, uuid: str) -> None:
    with store.write() as connection:
        changed = connection.execute(
            update(Match)
            .where(Match.uuid == uuid)
            .values(
                replay_path=None,
                replay_digest=None,
                replay_missing="only its header was published",
                ended_at=None,
                purpose="import",
                verification="header_only",
                source_path="/home/somebody/headers.jsonl:17",
                started_at_text="2026-02-01T14:00:00",
            )
            .returning(Match.id)
        ).scalar_one()
        connection.execute(
            update(Participant)
            .where(Participant.match_id == changed, Participant.slot == 0)
            .values(agent_id=None, flags={"placeholder": True})
        )
