"""The published games: every one comes out by its rules, or by the reason that is documented."""

import tarfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import zstandard

from arena_pipeline.importers.snakebench.errors import BadGame, NotAGame
from arena_pipeline.importers.snakebench.game import PlayedGame
from arena_pipeline.importers.snakebench.reading.layouts import header_game, read_game
from arena_pipeline.importers.snakebench.replaying.examining import examine
from arena_pipeline.importers.snakebench.replaying.outcomes import header_outcome

pytestmark = pytest.mark.shared


def members(archive: Path) -> Iterator[bytes]:
    """The files of an archive, unpacked nowhere."""
    with (
        zstandard.open(archive, "rb") as stream,
        tarfile.open(fileobj=stream, mode="r|") as files,
    ):
        for member in files:
            content = files.extractfile(member)
            if content is not None:
                yield content.read()


def verdicts(games: Iterator[PlayedGame]) -> tuple[Counter[str], dict[str, set[str]]]:
    """How often each verdict was given, and which games have each but "verified"."""
    counts: Counter[str] = Counter()
    named: dict[str, set[str]] = {}
    for game in games:
        verdict = examine(game).verification
        counts[verdict] += 1
        if verdict not in ("verified", "same_turn_apple_respawn"):
            named.setdefault(verdict, set()).add(game.game_id[:8])
    return counts, named


def test_every_game_told_in_rounds_comes_out(shared_data: Path) -> None:
    archive = shared_data / "snakebench" / "replays_rounds_3527.tar.zst"

    counts, named = verdicts(map(read_game, members(archive)))

    assert counts == {"verified": 3487, "same_turn_apple_respawn": 39, "leading_move": 1}
    assert named == {"leading_move": {"d83ff82b"}}


def test_every_game_told_in_frames_comes_out(shared_data: Path) -> None:
    archive = shared_data / "snakebench" / "replays_frames_398.tar.zst"

    counts, named = verdicts(map(read_game, members(archive)))

    assert counts == {"verified": 389, "same_turn_apple_respawn": 9}
    assert named == {}


def test_every_sample_comes_out_or_is_refused_by_name(shared_data: Path) -> None:
    games, refused = [], {}
    for path in sorted((shared_data / "snakebench" / "samples").glob("*.json")):
        try:
            games.append(read_game(path.read_bytes()))
        except (NotAGame, BadGame) as error:
            refused[path.name.split("__")[0]] = type(error)

    counts, named = verdicts(iter(games))

    assert counts == {"verified": 43, "same_turn_apple_respawn": 2, "double_shifted_history": 2}
    assert named == {"double_shifted_history": {"0a0e7ce4", "f63abb0b"}}
    assert refused == {"INDEX.json": NotAGame, "malformed_concatenated": BadGame}


def test_headers_say_of_every_game_what_its_replay_does(shared_data: Path) -> None:
    folder = shared_data / "snakebench"
    lines = (folder / "headers_3577.jsonl").read_bytes().splitlines()
    headers = {game.game_id: game for game in map(header_game, lines)}
    assert len(headers) == 3577

    for game in map(read_game, members(folder / "replays_frames_398.tar.zst")):
        header = headers.get(game.game_id)
        if header is not None:
            assert header_outcome(header) == header_outcome(game), game.game_id
