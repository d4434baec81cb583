"""v0 files: a list of rounds, and the moves of all rounds beside it.

Board k + 1 came of move k, wherever a round cuts the history off, in all five layouts.
"""

from collections.abc import Mapping

from arena_pipeline.importers.snakebench.game import Layout, Move, PlayedGame, PlayedTurn
from arena_pipeline.importers.snakebench.reading.aligned import (
    headed,
    moves_of,
    players_of,
    position_of,
)
from arena_pipeline.importers.snakebench.reading.documents import (
    Metadata,
    Moves,
    Round,
    decode_history,
)


def from_rounds(head: Metadata, rounds: list[Round]) -> PlayedGame:
    """The game in a v0 file. Raises BadGame."""
    ids = players_of(head.models)
    history = decode_history(rounds)
    boards = [
        position_of(ids, number, one.snake_positions, one.alive, one.scores, one.apples)
        for number, one in enumerate(rounds)
    ]
    moves = [moves_of(ids, one) for one in history]
    missing: list[Mapping[int, Move]] = [{}] * (len(boards) - 1 - len(moves))
    turns = [
        PlayedTurn(taken, after)
        for taken, after in zip([*moves, *missing], boards[1:], strict=False)
    ]
    return headed(
        head,
        _layout(head, rounds, history),
        ids,
        game_type=None,
        width=rounds[0].width,
        height=rounds[0].height,
        apples=len(rounds[0].apples),
        initial=boards[0],
        turns=tuple(turns),
        surplus=tuple(moves[len(boards) - 1 :]),
    )


def _layout(head: Metadata, rounds: list[Round], history: list[Moves]) -> Layout:
    if rounds[0].max_rounds is not None:
        return Layout.V0D
    if head.player_costs or head.total_cost is not None:
        return Layout.V0C
    if len(rounds) > 1 and not _has_moves(rounds[0]):
        return Layout.V0A
    if history and not _has_moves(rounds[-1]):
        return Layout.V0B_REWRITTEN
    return Layout.V0B_NATIVE


def _has_moves(one: Round) -> bool:
    return bytes(one.move_history).strip(b"[] \t\r\n") != b""
