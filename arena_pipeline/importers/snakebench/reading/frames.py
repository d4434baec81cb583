"""v1 files: frames with a board and moves each.

The board is the one before the moves exactly where the first frame repeats the initial state, as in
a file written over from v0; neither the number of frames nor the presence of metadata tells.
"""

from collections.abc import Mapping, Sequence

from arena_pipeline.importers.snakebench.errors import BadGame
from arena_pipeline.importers.snakebench.game import (
    Layout,
    PlayedGame,
    PlayedSeat,
    PlayedTurn,
    Position,
)
from arena_pipeline.importers.snakebench.reading.aligned import (
    death_of,
    moves_of,
    players_of,
    position_of,
    result_of,
    text_of,
    tokens_of,
)
from arena_pipeline.importers.snakebench.reading.bounds import check_id
from arena_pipeline.importers.snakebench.reading.documents import (
    Document,
    Frame,
    FrameState,
    GameHead,
    Player,
)
from arena_pipeline.store.types import clean_text


def from_frames(document: Document, head: GameHead, players: Mapping[str, Player]) -> PlayedGame:
    """The game in a v1 file with this head and these players. Raises BadGame."""
    if document.initial_state is None or document.frames is None:
        raise BadGame("it has players but no frames.")
    ids = players_of(players)
    frames = document.frames
    boards = [_board(ids, number, frame.state) for number, frame in enumerate(frames)]
    initial = _board(ids, "initial_state", document.initial_state)
    before_moves = bool(boards) and initial == boards[0]
    moves = [moves_of(ids, frame.moves or {}) for frame in frames]
    if before_moves:
        boards = boards[1:]
    return PlayedGame(
        game_id=check_id(head.id),
        layout=_layout(frames, before_moves=before_moves),
        started_text=text_of(head.started_at),
        ended_text=text_of(head.ended_at),
        game_type=text_of(head.game_type),
        width=head.board.width,
        height=head.board.height,
        apples=len(initial.apples),
        max_rounds=head.max_rounds,
        actual_rounds=head.rounds_played,
        seats=tuple(_seat(player_id, players[player_id]) for player_id in ids),
        initial=initial,
        turns=tuple(
            PlayedTurn(taken, after, frame.timestamp)
            for taken, after, frame in zip(moves, boards, frames, strict=False)
        ),
    )


def _layout(frames: Sequence[Frame], *, before_moves: bool) -> Layout:
    if not before_moves:
        return Layout.V1_NATIVE
    moves = [move for frame in frames for move in (frame.moves or {}).values() if move]
    priced = any(move.cost is not None for move in moves)
    counted = any(move.input_tokens is not None for move in moves)
    return Layout.V1_COSTS if priced and not counted else Layout.V1_MIGRATED


def _seat(player_id: str, player: Player) -> PlayedSeat:
    totals = player.totals
    return PlayedSeat(
        player_id,
        clean_text(player.name),
        result_of(player.result),
        player.final_score,
        death_of(player.death),
        tokens_of(totals.input_tokens),
        tokens_of(totals.output_tokens),
        totals.cost,
    )


def _board(ids: Sequence[str], which: int | str, state: FrameState) -> Position:
    return position_of(ids, which, state.snakes, state.alive, state.scores, state.apples)
