"""Which turns were not the player's own, told by what stands in their rationale."""

import json
import tarfile
from collections import Counter
from pathlib import Path

import pytest
import zstandard

from arena_pipeline.importers.snakebench.facts.faults import fault_of
from arena_pipeline.players.protocol import FaultKind


@pytest.mark.parametrize(
    "rationale",
    [
        "Provider error: Error code: 429 - {'error': 'slow down'}. Generated random move UP to go.",
        "Provider error: Connection error.. Generated random move LEFT to continue.",
        "Provider error: anything else",
    ],
)
def test_a_failed_call_is_the_gateways_fault(rationale: str) -> None:
    assert fault_of(rationale) == FaultKind.GATEWAY_ERROR


@pytest.mark.parametrize("direction", ["UP", "DOWN", "LEFT", "RIGHT"])
@pytest.mark.parametrize("reply", ["", "I go nowhere.", "\u0130\u00df \0"])
def test_a_reply_without_a_direction_is_the_agents_fault(reply: str, direction: str) -> None:
    assert fault_of(f"{reply}\n\nThis is a random move: {direction}") == FaultKind.NO_ACTION


@pytest.mark.parametrize(
    "rationale",
    [
        None,
        "",
        "I go UP.",
        "The last turn said Provider error: Connection error. Let me go UP now.",
        " Provider error: with a space before it",
        "provider error: in small letters",
        "This is a random move: UP\n\nUP",
        "This is a random move: UP, said the other one",
        "This is a random move: up",
        "This is a random move: SIDEWAYS",
        "Left is free.\n\nThis is a random move: UP",
        "My setup is fine.\n\nThis is a random move: UP",
    ],
)
def test_words_of_a_player_are_no_fault(rationale: str | None) -> None:
    assert fault_of(rationale) is None


@pytest.mark.shared
def test_the_faults_of_published_games_are_counted_as_they_happened(shared_data: Path) -> None:
    found: Counter[str | None] = Counter()
    archive = shared_data / "snakebench" / "replays_frames_398.tar.zst"
    with (
        archive.open("rb") as file,
        zstandard.ZstdDecompressor().stream_reader(file) as stream,
        tarfile.open(fileobj=stream, mode="r|") as members,
    ):
        for member in members:
            if (content := members.extractfile(member)) is None:
                continue
            for frame in json.load(content)["frames"]:
                moves = (frame["moves"] or {}).values()
                found.update(fault_of(move["rationale"]) for move in moves if move)

    del found[None]
    assert found == {FaultKind.GATEWAY_ERROR: 301, FaultKind.NO_ACTION: 157}
