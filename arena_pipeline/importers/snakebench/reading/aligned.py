"""What all layouts share: seats in the order of their players, boards and moves by seat."""

from collections.abc import Iterator, Mapping, Sequence

from arena_pipeline.importers.snakebench.errors import BadGame
from arena_pipeline.importers.snakebench.facts.redaction import redact
from arena_pipeline.importers.snakebench.game import (
    Layout,
    Move,
    PlayedGame,
    PlayedSeat,
    PlayedTurn,
    Position,
)
from arena_pipeline.importers.snakebench.reading.bounds import MAX_TOKENS, check_id
from arena_pipeline.importers.snakebench.reading.documents import Death, Metadata, Moves
from arena_pipeline.store.types import clean_text

RESULTS = frozenset({"won", "lost", "tied"})
NO_RESULT = "tied"
"""What the published ratings take a missing or unknown result for."""


def headed(
    head: Metadata,
    layout: Layout,
    ids: Sequence[str],
    *,
    game_type: str | None,
    width: int,
    height: int,
    apples: int | None,
    initial: Position | None = None,
    turns: tuple[PlayedTurn, ...] = (),
    surplus: tuple[Mapping[int, Move], ...] = (),
) -> PlayedGame:
    """A game with this header; `ids` are its players in seat order. Raises BadGame for its id."""
    return PlayedGame(
        game_id=check_id(head.game_id),
        layout=layout,
        started_text=text_of(head.start_time),
        ended_text=text_of(head.end_time),
        game_type=game_type,
        width=width,
        height=height,
        apples=apples,
        max_rounds=head.max_rounds,
        actual_rounds=head.actual_rounds,
        seats=tuple(
            PlayedSeat(
                player_id,
                clean_text(head.models[player_id]),
                result_of(head.game_result.get(player_id)),
                head.final_scores.get(player_id, 0),
                death_of(head.death_info.get(player_id)),
                cost=head.player_costs.get(player_id),
            )
            for player_id in ids
        ),
        initial=initial,
        turns=turns,
        surplus=surplus,
    )


def players_of(known: Mapping[str, object]) -> list[str]:
    """Player ids in the order of their seats: by number where they are numbers."""
    return sorted(known, key=lambda one: (0, int(one), one) if _is_number(one) else (1, 0, one))


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10


def death_of(published: Death | None) -> tuple[str, int] | None:
    """A death as (reason, round)."""
    return None if published is None else (redact(clean_text(published.reason)), published.round)


def text_of(published: str | None) -> str | None:
    """A text without what no store can hold or nobody may read."""
    return None if published is None else redact(clean_text(published))


def result_of(published: str | None) -> str:
    """A result as it was rated."""
    return published if published in RESULTS else NO_RESULT


def position_of(
    ids: Sequence[str],
    which: int | str,
    snakes: Mapping[str, tuple[tuple[int, int], ...]],
    alive: Mapping[str, bool],
    scores: Mapping[str, int],
    apples: tuple[tuple[int, int], ...],
) -> Position:
    """A board by seat; `which` names it in a BadGame where it does not tell of every player."""
    if len(snakes) != len(ids):
        raise BadGame(f"board {which} has {len(snakes)} snakes for {len(ids)} players.")
    try:
        return Position(
            tuple(snakes[one] for one in ids),
            tuple(alive[one] for one in ids),
            tuple(scores[one] for one in ids),
            apples,
        )
    except KeyError as missing:
        raise BadGame(f"board {which} says nothing of player {missing}.") from None


def moves_of(ids: Sequence[str], published: Moves) -> Mapping[int, Move]:
    """Published moves by seat, those of `null` left out."""
    return dict(_known_moves(ids, published))


def _known_moves(ids: Sequence[str], published: Moves) -> Iterator[tuple[int, Move]]:
    for seat, player_id in enumerate(ids):
        move = published.get(player_id)
        if move is not None:
            yield (
                seat,
                Move(
                    None if move.move is None else redact(move.move),
                    move.rationale,
                    tokens_of(move.input_tokens),
                    tokens_of(move.output_tokens),
                    move.cost,
                ),
            )


def tokens_of(count: int | None) -> int | None:
    """A number of tokens; None where it is none that can be."""
    return count if count is not None and 0 <= count <= MAX_TOKENS else None
