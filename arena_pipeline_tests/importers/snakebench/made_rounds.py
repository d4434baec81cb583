"""Matches written down as SnakeBench's v0 files and headers, layout by layout."""

from typing import Any

from arena_pipeline_tests.importers.snakebench.made_matches import Played


def header(played: Played, *, rounds: int | None = None) -> dict[str, Any]:
    """The `metadata` of a game."""
    deaths = played.by_id(played.deaths)
    return {
        "game_id": played.game_id,
        "start_time": played.start,
        "end_time": played.end,
        "models": played.by_id(played.names),
        "game_result": played.by_id(played.results),
        "final_scores": played.by_id(played.scores),
        "death_info": {one: dict(death) for one, death in deaths.items() if death is not None},
        "max_rounds": played.settings["max_rounds"],
        "actual_rounds": len(played.moves) if rounds is None else rounds,
    }


def header_line(played: Played) -> dict[str, Any]:
    """A line of a list of headers."""
    board = {"width": played.settings["width"], "height": played.settings["height"]}
    return {
        "metadata": header(played),
        "game_type": played.game_type,
        "board": board,
        "source_blob": "0" * 40,
        "metadata_reconstructed": False,
    }


def _round(played: Played, turn: int, number: int, history: list[Any]) -> dict[str, Any]:
    board = played.boards[turn]
    return {
        "round_number": number,
        "snake_positions": played.by_id(board["snakes"]),
        "alive": played.by_id(board["alive"]),
        "scores": played.by_id(board["scores"]),
        "width": played.settings["width"],
        "height": played.settings["height"],
        "apples": played.apples[turn],
        "move_history": history,
    }


def history_of(played: Played, *, costs: bool = False, nulls: bool = False) -> list[dict[str, Any]]:
    """The moves of every turn by player id, with tokens and `costs`, and `nulls` for the dead."""
    history = []
    for turn in played.moves:
        moves: dict[str, Any] = {}
        for seat, player_id in enumerate(played.ids):
            if seat in turn:
                moves[player_id] = dict(turn[seat])
                if costs:
                    moves[player_id] |= {"input_tokens": 900, "output_tokens": 100, "cost": 0.00025}
            elif nulls:
                moves[player_id] = {"move": None, "rationale": None}
        history.append(moves)
    return history


def v0a(played: Played) -> dict[str, Any]:
    """Boards after each move, the first with no history; the fatal turn repeats its number."""
    history, last = history_of(played, nulls=True), len(played.moves)
    rounds = [_round(played, k, min(k, last - 1), history[:k]) for k in range(len(played.boards))]
    return {"metadata": header(played, rounds=last - 1), "rounds": rounds}


def v0b_rewritten(played: Played) -> dict[str, Any]:
    """v0a with the history moved by one: boards before each move, the last without any history."""
    history, last = history_of(played, nulls=True), len(played.moves)
    rounds = [
        _round(played, k, min(k, last - 1), history[: k + 1] if k < last else [])
        for k in range(len(played.boards))
    ]
    return {"metadata": header(played, rounds=last - 1), "rounds": rounds}


def v0b_native(played: Played, *, costs: bool = False) -> dict[str, Any]:
    """Boards before each move, then the last board with the whole history."""
    history, last = history_of(played, costs=costs), len(played.moves)
    rounds = [_round(played, k, k, history[: min(k + 1, last)]) for k in range(len(played.boards))]
    return {"metadata": header(played), "rounds": rounds}


def v0c(played: Played) -> dict[str, Any]:
    """v0b with tokens and costs."""
    document = v0b_native(played, costs=True)
    spent = [
        0.00025 * sum(seat in turn for turn in played.moves) for seat in range(len(played.ids))
    ]
    document["metadata"] |= {"total_cost": sum(spent), "player_costs": played.by_id(spent)}
    return document


def v0d(played: Played) -> dict[str, Any]:
    """v0c with the round limit in every round."""
    document = v0c(played)
    for one in document["rounds"]:
        one["max_rounds"] = played.settings["max_rounds"]
    return document


def with_leading_move(played: Played) -> dict[str, Any]:
    """A v0 file whose history begins with a move that was never played, and counts it."""
    document = v0b_rewritten(played)
    extra = {player_id: {"move": "UP", "rationale": "never played"} for player_id in played.ids}
    for one in document["rounds"][:-1]:
        one["move_history"] = [extra, *one["move_history"]]
    for death in document["metadata"]["death_info"].values():
        death["round"] += 1
    document["metadata"]["actual_rounds"] = len(played.moves)
    return document
