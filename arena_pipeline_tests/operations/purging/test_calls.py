"""Payloads of old calls: in the archive before they leave the store, whatever happens between."""

import random
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from arena_pipeline.leaderboard.comparing import compare
from arena_pipeline.leaderboard.recompute import recompute
from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.matches.verifying import Status, verify_matches
from arena_pipeline.operations.purging import calls
from arena_pipeline.operations.purging.archive import ArchiveError, Call, write_calls
from arena_pipeline.operations.purging.calls import archive_calls, old_calls
from arena_pipeline.store import Store
from arena_pipeline.store.tables import (
    Base,
    LadderMatch,
    LlmCall,
    Match,
    Participant,
    RatingEvent,
    Standing,
)
from arena_pipeline_tests.operations.purging.called import days_before, payloads, record_calls

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
CUTOFF = NOW - timedelta(days=90)
NEVER_TOUCHED = (Match, Participant, LadderMatch, RatingEvent, Standing)


def archived(folder: Path) -> dict[int, str]:
    """What the files say, by the call's id; each file's months must be the folder's."""
    import pyarrow.parquet as pq

    found: dict[int, str] = {}
    for file in folder.rglob("*.parquet"):
        for row in pq.read_table(file, partitioning=None).to_pylist():
            assert f"month={row['started_at']:%Y-%m}" == file.parent.name
            assert found.setdefault(row["id"], row["payload"]) == row["payload"]
    return found


def rows_of(store: Store, *tables: type[Base]) -> list[list[tuple[object, ...]]]:
    with store.read() as connection:
        return [
            [tuple(row) for row in connection.execute(select(table.__table__))] for table in tables
        ]


def test_old_payloads_move_and_young_ones_stay(
    store: Store, recorder: Recorder, tmp_path: Path
) -> None:
    before = record_calls(store, recorder, days_before(NOW, 200, 100, 91, 90, 89, 0))

    lot = archive_calls(store, tmp_path / "archive", CUTOFF)

    assert lot.count == 3
    assert archived(tmp_path / "archive") == {id_: before[id_] for id_ in (1, 2, 3)}
    assert payloads(store) == {id_: before[id_] for id_ in (4, 5, 6)}


def test_what_is_old_is_counted_and_left_alone(store: Store, recorder: Recorder) -> None:
    before = record_calls(store, recorder, days_before(NOW, 200, 100, 10))

    lot = old_calls(store, CUTOFF)

    assert (lot.count, lot.oldest) == (2, NOW - timedelta(days=200))
    assert lot.bytes == len(before[1]) + len(before[2])
    assert payloads(store) == before


def test_what_a_match_that_stands_still_will_ask_for_again_stays(
    store: Store, recorder: Recorder, tmp_path: Path
) -> None:
    calls = record_calls(store, recorder, days_before(NOW, 120, 110))
    with store.write() as connection:
        connection.execute(update(Match).values(state="paused"))

    assert old_calls(store, CUTOFF).count == 0
    assert archive_calls(store, tmp_path, CUTOFF).count == 0
    assert payloads(store) == calls


def test_purged_again_nothing_is_left_to_do(
    store: Store, recorder: Recorder, tmp_path: Path
) -> None:
    record_calls(store, recorder, days_before(NOW, 200, 100))
    archive_calls(store, tmp_path, CUTOFF)
    files = sorted(tmp_path.rglob("*.parquet"))

    assert archive_calls(store, tmp_path, CUTOFF).count == 0
    assert sorted(tmp_path.rglob("*.parquet")) == files


def test_nothing_that_a_rating_needs_is_touched(
    store: Store, recorder: Recorder, tmp_path: Path
) -> None:
    record_calls(store, recorder, days_before(NOW, 200, 100))
    before = rows_of(store, *NEVER_TOUCHED)

    archive_calls(store, tmp_path / "archive", NOW)

    assert rows_of(store, *NEVER_TOUCHED) == before
    assert compare(store, "snake") == []
    assert recompute(store, "snake").mended == 0
    assert [one.status for one in verify_matches(store, recorder.replay_dir)] == [Status.VERIFIED]


def test_everything_else_of_a_call_stays(store: Store, recorder: Recorder, tmp_path: Path) -> None:
    record_calls(store, recorder, days_before(NOW, 200))
    others = [column for column in LlmCall.__table__.columns if column.name != "payload"]
    with store.read() as connection:
        before = connection.execute(select(*others)).all()

    archive_calls(store, tmp_path, CUTOFF)

    with store.read() as connection:
        assert connection.execute(select(*others)).all() == before


def test_the_same_calls_archived_twice_make_one_file(
    store: Store, recorder: Recorder, tmp_path: Path
) -> None:
    before = record_calls(store, recorder, days_before(NOW, 101, 100))
    archive_calls(store, tmp_path, CUTOFF)
    put_back(store, before)

    assert archive_calls(store, tmp_path, CUTOFF).count == 2
    assert len(list(tmp_path.rglob("*.parquet"))) == 1


def put_back(store: Store, before: dict[int, str]) -> None:
    with store.write() as connection:
        for id_, payload in before.items():
            connection.execute(update(LlmCall).where(LlmCall.id == id_).values(payload=payload))


def test_a_payload_that_somebody_changes_meanwhile_stays(
    store: Store, recorder: Recorder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = record_calls(store, recorder, days_before(NOW, 102, 101, 100))
    real = write_calls

    def written_while_somebody_writes(folder: Path, batch: list[Call]) -> Path:
        file = real(folder, batch)
        put_back(store, {2: "changed"})
        return file

    monkeypatch.setattr(calls, "write_calls", written_while_somebody_writes)

    assert archive_calls(store, tmp_path, CUTOFF).count == 2
    assert payloads(store) == {2: "changed"}
    assert archived(tmp_path) == before


def test_a_damaged_file_of_the_archive_keeps_the_payloads_where_they_are(
    store: Store, recorder: Recorder, tmp_path: Path
) -> None:
    before = record_calls(store, recorder, days_before(NOW, 101, 100))
    archive_calls(store, tmp_path, CUTOFF)
    put_back(store, before)
    [file] = tmp_path.rglob("*.parquet")
    file.write_bytes(file.read_bytes()[:-9])

    with pytest.raises(ArchiveError, match="Nothing was cleared"):
        archive_calls(store, tmp_path, CUTOFF)

    assert payloads(store) == before


def test_an_archive_that_cant_be_written_keeps_the_payloads_where_they_are(
    store: Store, recorder: Recorder, tmp_path: Path
) -> None:
    before = record_calls(store, recorder, days_before(NOW, 100))
    (tmp_path / "archive").write_text("in the way")

    with pytest.raises(ArchiveError, match="can't be archived"):
        archive_calls(store, tmp_path / "archive", CUTOFF)

    assert payloads(store) == before


def test_large_payloads_are_spread_over_files(
    store: Store, recorder: Recorder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = record_calls(store, recorder, days_before(NOW, *range(100, 110)))
    monkeypatch.setattr(calls, "MOST_CHARACTERS", 2 * len(before[1]))

    assert archive_calls(store, tmp_path, CUTOFF).count == 10
    assert archived(tmp_path) == before
    assert len(list(tmp_path.rglob("*.parquet"))) >= 5


@pytest.fixture
def many(store: Store, recorder: Recorder) -> dict[int, str]:
    """Four hundred old calls, four on the same moment each."""
    ages = [100 + number // 4 * 0.3 for number in range(400)]
    return record_calls(store, recorder, days_before(NOW, *ages))


def start(url: str, folder: Path, at_once: int) -> "subprocess.Popen[str]":
    module = "arena_pipeline_tests.operations.purging.archiver"
    return subprocess.Popen(
        [sys.executable, "-m", module, url, str(folder), CUTOFF.isoformat(), str(at_once)],
        stdout=subprocess.PIPE,
        text=True,
    )


def test_killed_at_any_time_no_payload_is_lost(
    store: Store, store_url: str, many: dict[int, str], tmp_path: Path
) -> None:
    dice = random.Random(7)
    for _ in range(4):
        with start(store_url, tmp_path, at_once=7) as process:
            assert process.stdout is not None
            for _ in range(dice.randrange(1, 6)):
                process.stdout.readline()
            for _ in range(dice.randrange(200_000)):
                pass
            process.kill()
        assert archived(tmp_path) | payloads(store) == many

    archive_calls(store, tmp_path, CUTOFF)

    assert archived(tmp_path) == many
    assert payloads(store) == {}


def test_two_at_once_clear_each_payload_once_it_is_in_a_file(
    store: Store, store_url: str, many: dict[int, str], tmp_path: Path
) -> None:
    processes = [start(store_url, tmp_path, at_once) for at_once in (7, 11)]
    for process in processes:
        process.communicate()

    assert [process.returncode for process in processes] == [0, 0]
    assert archived(tmp_path) == many
    assert payloads(store) == {}
