"""Matches written down as SnakeBench's v1 files, layout by layout."""

from typing import Any

from arena_pipeline_tests.importers.snakebench.made_matches import Played
from arena_pipeline_tests.importers.snakebench.made_rounds import header, history_of


def _state(played: Played, turn: int) -> dict[str, Any]:
    board = played.boards[turn]
    return {
        "snakes": played.by_id(board["snakes"]),
        "apples": played.apples[turn],
        "alive": played.by_id(board["alive"]),
        "scores": played.by_id(board["scores"]),
    }


def _deaths(played: Played, number: int) -> dict[str, Any]:
    events = [
        {"type": "death", "player_id": player_id, "reason": death["reason"]}
        for player_id, death in zip(played.ids, played.deaths, strict=True)
        if death is not None and death["round"] == number
    ]
    return {"events": events} if events else {}


def _v1(
    played: Played, frames: list[dict[str, Any]], *, rounds: int, used: bool, apples: bool
) -> dict[str, Any]:
    board = {"width": played.settings["width"], "height": played.settings["height"]}
    turns = [sum(seat in turn for turn in played.moves) for seat in range(len(played.ids))]
    totals = [
        {
            "input_tokens": 900 * n * used,
            "output_tokens": 100 * n * used,
            "cost": 0.00025 * n * used,
        }
        for n in turns
    ]
    return {
        "version": 1,
        "game": {
            "id": played.game_id,
            "started_at": played.start,
            "ended_at": played.end,
            "game_type": played.game_type,
            "max_rounds": played.settings["max_rounds"],
            "rounds_played": rounds,
            "board": {**board, "num_apples": played.settings["apples"]} if apples else board,
        },
        "players": {
            player_id: {
                "model_id": player_id,
                "name": name,
                "result": result,
                "final_score": score,
                "death": death,
                "totals": total,
            }
            for player_id, name, result, score, death, total in zip(
                played.ids,
                played.names,
                played.results,
                played.scores,
                played.deaths,
                totals,
                strict=True,
            )
        },
        "totals": {name: sum(total[name] for total in totals) for name in totals[0]},
        "initial_state": _state(played, 0),
        "frames": frames,
    }


def v1_migrated(played: Played, *, costs: bool = False) -> dict[str, Any]:
    """Written over from v0b: boards before the moves, the last frame without moves."""
    history, last = history_of(played), len(played.moves)
    if costs:
        for moves in history:
            for move in moves.values():
                move["cost"] = 0.00025
    frames = [
        {
            "round": min(k, last - 1),
            "state": _state(played, k),
            "moves": history[k] if k < last else None,
            **_deaths(played, min(k, last - 1)),
        }
        for k in range(len(played.boards))
    ]
    return _v1(played, frames, rounds=last - 1, used=costs, apples=False)


def v1_costs(played: Played) -> dict[str, Any]:
    """v1_migrated whose costs were filled in later."""
    return v1_migrated(played, costs=True)


def v1_native(played: Played, *, metadata: bool = True, timestamps: bool = True) -> dict[str, Any]:
    """Boards after the moves."""
    history = history_of(played, costs=True)
    frames: list[dict[str, Any]] = [
        {
            "round": k,
            **({"timestamp": 1766239200.25 + 2 * k} if timestamps else {}),
            "state": _state(played, k + 1),
            "moves": history[k],
            **_deaths(played, k),
        }
        for k in range(len(played.moves))
    ]
    document = _v1(played, frames, rounds=len(frames), used=True, apples=True)
    if metadata:
        document["metadata"] = header(played)
    return document


def double_shifted(played: Played) -> dict[str, Any]:
    """A v1 file written over from one whose moves had been moved already: the first are lost."""
    document = v1_migrated(played)
    frames, history = document["frames"], history_of(played)
    for frame, moves in zip(frames, [*history[1:], {}, {}], strict=True):
        frame["moves"] = moves
    return document


def shifted(played: Played) -> dict[str, Any]:
    """A v1 file whose moves are one turn early, the last one twice."""
    document = v1_migrated(played)
    frames, history = document["frames"], history_of(played)
    for frame, moves in zip(frames, [*history[1:], history[-1], None], strict=True):
        frame["moves"] = moves
    return document
