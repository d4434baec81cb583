"""A published history of seven games, made up, and what SnakeBench would publish of it.

In the order of their ends: one of which no end is known, a duel, a tie, three players, a game
against oneself, a game won with fewer apples, and a late one. The numbers were worked out by hand:
a first duel moves 16 points, the best of three equals wins 16 and the others lose 8 each, and 1484
beating 1516 wins 32 * (1 - 1 / (1 + 10 ** 0.08)) = 17.469501528975478... points.
"""

import json
from typing import Any

from sqlalchemy import update

from arena_pipeline.importers.snakebench.ladder import AS_PUBLISHED, ensure_ladder_as_published
from arena_pipeline.leaderboard.recompute import recompute
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Match
from arena_pipeline_tests.importers.snakebench.headers import header, insert_headers

ZOE = 'Zoë "Z" \\ 4'

ENDLESS = header(1, ("hal", "won", 1), ("ivy", "lost", 0), end_time=None)
DUEL = header(2, ("anna", "won", 5), ("bert", "lost", 2), actual_rounds=0)
TIE = header(3, ("cleo", "tied", 3), (ZOE, "tied", 3), first_id=0)
THREE = header(4, ("eva", "won", 4), ("fred", "lost", 1), ("gus", "lost", 0))
SELF_PLAY = header(5, ("cleo", "lost", 1), ("cleo", "won", 2))
UPSET = header(6, ("bert", "won", 0), ("anna", "lost", 7), start="2025-03-01T09:00:00")
LATE = header(7, ("hal", "lost", 2), ("ivy", "won", 2))

HISTORY = (UPSET, THREE, LATE, ENDLESS, SELF_PLAY, DUEL, TIE)

BERT, ANNA = 1501.4695015289756, 1498.5304984710244
IVY, HAL = BERT, ANNA
DEAD = {"reason": "wall", "round": 3}


def game(
    one: dict[str, Any], my: int, theirs: int, who: str, elo: float, result: str, **more: Any
) -> Any:
    return {
        "game_id": one["game_id"], "my_score": my, "opponent_score": theirs, "opponent_model": who,
        "opponent_elo": elo, "result": result, "start_time": one["start_time"],
        "end_time": one["end_time"], **more,
    }  # fmt: skip


def of_three(my: int, result: str, **more: Any) -> Any:
    return {
        "game_id": THREE["game_id"], "my_score": my, "opponent_score": None,
        "opponent_model": None, "opponent_elo": 1500, "result": result,
        "start_time": THREE["start_time"], "end_time": THREE["end_time"], **more,
    }  # fmt: skip


def totals(wins: int, losses: int, ties: int, apples: int, elo: float, **more: Any) -> Any:
    counts = {"wins": wins, "losses": losses, "ties": ties}
    return {**counts, "apples_eaten": apples, "elo": elo, **more}


STATS = {
    "hal": totals(1, 1, 0, 3, HAL, games=[
        game(ENDLESS, 1, 0, "ivy", 1484.0, "won"),
        game(LATE, 2, 2, "ivy", IVY, "lost", death_info=DEAD),
    ]),
    "ivy": totals(1, 1, 0, 2, IVY, games=[
        game(ENDLESS, 0, 1, "hal", 1516.0, "lost", death_info=DEAD),
        game(LATE, 2, 2, "hal", HAL, "won"),
    ]),
    "anna": totals(1, 1, 0, 12, ANNA, games=[
        game(DUEL, 5, 2, "bert", 1484.0, "won"),
        game(UPSET, 7, 0, "bert", BERT, "lost", death_info=DEAD),
    ]),
    "bert": totals(1, 1, 0, 2, BERT, games=[
        game(DUEL, 2, 5, "anna", 1516.0, "lost", death_info=DEAD),
        game(UPSET, 0, 7, "anna", ANNA, "won"),
    ]),
    "cleo": totals(1, 1, 1, 6, 1500.0, games=[
        game(TIE, 3, 3, ZOE, 1500.0, "tied"),
        game(SELF_PLAY, 1, 2, "cleo", 1500.0, "lost", death_info=DEAD),
        game(SELF_PLAY, 2, 1, "cleo", 1500.0, "won"),
    ]),
    ZOE: totals(0, 0, 1, 3, 1500.0, games=[game(TIE, 3, 3, "cleo", 1500.0, "tied")]),
    "eva": totals(1, 0, 0, 4, 1516.0, games=[of_three(4, "won")]),
    "fred": totals(0, 1, 0, 1, 1492.0, games=[of_three(1, "lost", death_info=DEAD)]),
    "gus": totals(0, 1, 0, 0, 1492.0, games=[of_three(0, "lost", death_info=DEAD)]),
}  # fmt: skip

_SPANS = {
    "hal": (ENDLESS, LATE, 2), "ivy": (ENDLESS, LATE, 2), "anna": (UPSET, DUEL, 7),
    "bert": (UPSET, DUEL, 2), "cleo": (TIE, SELF_PLAY, 3), ZOE: (TIE, TIE, 3),
    "eva": (THREE, THREE, 4), "fred": (THREE, THREE, 1), "gus": (THREE, THREE, 0),
}  # fmt: skip

SIMPLE = {
    name: {
        **{key: value for key, value in entry.items() if key != "games"},
        "first_game_time": _SPANS[name][0]["start_time"],
        "last_game_time": _SPANS[name][1]["start_time"],
        "top_score": _SPANS[name][2],
    }
    for name, entry in STATS.items()
}

INDEX = [
    {
        "game_id": one["game_id"],
        "filename": f"snake_game_{one['game_id']}.json",
        "start_time": one["start_time"],
        "total_score": sum(one["final_scores"].values()),
        "actual_rounds": one["actual_rounds"],
    }
    for one in (ENDLESS, DUEL, TIE, THREE, SELF_PLAY, UPSET, LATE)
]

PUBLISHED = {"stats.json": STATS, "stats_simple.json": SIMPLE, "game_index.json": INDEX}


def published_bytes(value: Any) -> bytes:
    """A file as SnakeBench writes it."""
    return json.dumps(value, indent=2).encode()


def insert_history(store: Store) -> str:
    """Put the history into a store, with the ladder as published rebuilt of it; returns its name.

    Our own count of rounds is another one than the published.
    """
    ensure_ladder_as_published(store)
    insert_headers(store, HISTORY)
    with store.write() as connection:
        connection.execute(update(Match).values(rounds=Match.rounds + 1))
    recompute(store, AS_PUBLISHED)
    return AS_PUBLISHED
