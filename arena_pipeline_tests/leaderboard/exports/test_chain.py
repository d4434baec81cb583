"""The end of the ladder's digest chain in every file with room for it."""

import json
from dataclasses import asdict
from pathlib import Path

import pyarrow.parquet as pq  # noqa: TID253 - the file under test is read with it
import pytest
from sqlalchemy import select, update

from arena_pipeline.leaderboard.board import Seal, board
from arena_pipeline.leaderboard.exports import check, export
from arena_pipeline.matches.plan import Entrant
from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Ladder, LadderMatch
from arena_pipeline_tests.leaderboard.deciding import record_duels
from arena_pipeline_tests.leaderboard.exports.published import read


@pytest.fixture
def seal(store: Store, recorder: Recorder, agents: dict[str, Entrant], out: Path) -> Seal:
    """The chain of an exported ladder of ten matches."""
    record_duels(store, recorder, [*agents.values()], 10)
    export(store, out)
    with store.read() as connection:
        head = connection.scalar(select(Ladder.chain_head).where(Ladder.name == "snake"))
    assert head is not None
    return Seal(1, 10, head)


def test_the_board_carries_the_head_of_the_chain(store: Store, seal: Seal) -> None:
    assert board(store).chain == seal
    assert board(store).to_json()["chain"] == asdict(seal)


def test_files_with_room_for_it_carry_the_head(out: Path, seal: Seal) -> None:
    assert read(out / "manifest.json")["chain"] == asdict(seal)
    told = pq.read_schema(out / "leaderboard.parquet").metadata[b"chain"]
    assert json.loads(told) == asdict(seal)
    assert f"Sealed by `{seal.head}`." in (out / "leaderboard.md").read_text(encoding="utf-8")


def test_the_published_matches_carry_their_links(store: Store, out: Path, seal: Seal) -> None:
    with store.read() as connection:
        links = connection.scalars(select(LadderMatch.digest).order_by(LadderMatch.sequence)).all()

    published = pq.read_table(out / "matches.parquet")["digest"].to_pylist()

    assert published == links
    assert published[-1] == seal.head


def test_a_ladder_without_matches_has_no_head(
    store: Store, agents: dict[str, Entrant], out: Path
) -> None:
    export(store, out)

    assert read(out / "manifest.json")["chain"] == {"epoch": 1, "sequence": 0, "head": None}
    assert "Sealed" not in (out / "leaderboard.md").read_text(encoding="utf-8")


def test_another_head_for_the_same_matches_is_a_difference(
    store: Store, out: Path, seal: Seal
) -> None:
    with store.write() as connection:
        connection.execute(update(Ladder).values(chain_head="0" * 64))

    (difference,) = check(store, out).differences

    assert f"the head of the chain is {seal.head}, the store {'0' * 64}" in difference


def test_a_manifest_of_a_time_before_chains_can_still_be_read(
    store: Store, agents: dict[str, Entrant], out: Path
) -> None:
    export(store, out)
    manifest = read(out / "manifest.json")
    del manifest["chain"]
    (out / "manifest.json").write_text(json.dumps(manifest))

    assert check(store, out).is_fresh
