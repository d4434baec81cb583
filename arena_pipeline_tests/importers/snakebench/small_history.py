"""A small history as somebody would move in with it: a folder with replays of several layouts, a
list of headers, statistics, a damaged file and one that is no game.
"""

import json
from pathlib import Path

from arena_pipeline_tests.importers.snakebench.makers import (
    make_header,
    make_v0,
    make_v1,
    new_id,
)

NAMES = ("vendor-a-mini", "Vendor B: Large", "vendor-c/tiny")

REPLAYS = 7
"""Games with a replay, numbered from 0."""

HEADER_ONLY = 7
"""Number of the game of which only the header is there."""

GATEWAY_FAULT = 4
"""Number of the game with a turn drawn for a failed call."""

DAMAGED, NO_GAME = "damaged.json", "notes.md"

DOCUMENTS = REPLAYS + 1 + 1 + 2
"""Replays, the header, the statistics, and the two that are rejected."""

PUBLISHED_ELO = 1512.25


def write_history(folder: Path) -> Path:
    """Write it into `folder`, which is made; returns it."""
    replays = folder / "completed_games"
    replays.mkdir(parents=True)
    for number, content in _replays().items():
        (replays / f"snake_game_{new_id(number)}.json").write_bytes(content)
    (folder / "headers.jsonl").write_bytes(make_header(HEADER_ONLY, names=_names(2)) + b"\n")
    (folder / DAMAGED).write_bytes(make_v0(90, seed=0) + make_v0(91, seed=0))
    (folder / NO_GAME).write_text("Nothing to see here.\n", encoding="utf-8")
    (folder / "stats_simple.json").write_text(json.dumps(_statistics()), encoding="utf-8")
    return folder


def _replays() -> dict[int, bytes]:
    """Games 0 to 6: each pair of names, months apart, in layouts old and new."""
    error = "Provider error: Error code: 429 - slow down"
    return {
        0: make_v0(0, layout="v0a", names=_names(0), start="2025-02-05T10:00:00.000001"),
        1: make_v0(1, layout="v0b_rewritten", names=_names(1), start="2025-02-06T10:00:00.000001"),
        2: make_v0(2, names=_names(2), start="2025-06-20T10:00:00.000001"),
        3: make_v0(3, names=_names(0), start="2025-06-21T10:00:00.000001", first_id=0),
        4: make_v0(
            4, layout="v0c", names=_names(1), start="2025-11-15T10:00:00.000001",
            rationales={(1, 0): error},
        ),
        5: make_v1(5, layout="v1_native", names=_names(2), start="2025-12-20T10:00:00.000001"),
        6: make_v1(6, layout="v1_native", names=_names(0), start="2025-12-21T10:00:00.000001"),
    }  # fmt: skip


def _names(pair: int) -> tuple[str, str]:
    return NAMES[pair % 3], NAMES[(pair + 1) % 3]


def _statistics() -> dict[str, dict[str, object]]:
    return {
        name: {
            "wins": 1, "losses": 0, "ties": 0, "apples_eaten": 3, "elo": PUBLISHED_ELO,
            "first_game_time": "2025-02-05T10:00:00.000001",
            "last_game_time": "2025-02-05T10:00:00.000001", "top_score": 3,
        }
        for name in NAMES
    }  # fmt: skip
