"""The published JSON as typed values: what each layout has, and how it is decoded fast and safely.

A v0 file repeats every move in every later round, so that its size grows with the square of its
length: `move_history` stays undecoded here, and only the longest one is read (`decode_history`).
Fields nobody needs are skipped.
"""

import json
from typing import Any

import msgspec
from msgspec import Raw, Struct

from arena_pipeline.importers.snakebench.errors import BadGame, NotAGame
from arena_pipeline.store.types import clean_json

Cells = tuple[tuple[int, int], ...]


class Death(Struct, frozen=True):
    """How a snake died; `round` is counted from 0."""

    reason: str
    round: int


class Metadata(Struct, frozen=True):
    """The header of a game; by player id where it is a mapping."""

    game_id: str
    models: dict[str, str]
    start_time: str | None = None
    end_time: str | None = None
    game_result: dict[str, str] = {}
    final_scores: dict[str, int] = {}
    death_info: dict[str, Death | None] = {}
    max_rounds: int = 100
    actual_rounds: int = 0
    total_cost: float | None = None
    player_costs: dict[str, float | None] = {}


class PublishedMove(Struct, frozen=True):
    """One player's move."""

    move: str | None = None
    rationale: str | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    cost: float | None = None


Moves = dict[str, PublishedMove | None]


class Round(Struct, frozen=True):
    """One round of a v0 file."""

    snake_positions: dict[str, Cells]
    alive: dict[str, bool]
    scores: dict[str, int]
    width: int
    height: int
    apples: Cells
    move_history: Raw = Raw(b"[]")
    max_rounds: int | None = None


class BoardSize(Struct, frozen=True):
    """A board; v1 files written over from v0 do not say how many apples it has."""

    width: int = 10
    height: int = 10
    num_apples: int | None = None


class GameHead(Struct, frozen=True):
    """The `game` of a v1 file."""

    id: str
    max_rounds: int
    started_at: str | None = None
    ended_at: str | None = None
    game_type: str | None = None
    rounds_played: int = 0
    board: BoardSize = BoardSize()


class Totals(Struct, frozen=True):
    """What a player used over a whole game."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    cost: float | None = None


class Player(Struct, frozen=True):
    """A player of a v1 file."""

    name: str
    result: str | None = None
    final_score: int = 0
    death: Death | None = None
    totals: Totals = Totals()


class FrameState(Struct, frozen=True):
    """A board of a v1 file."""

    snakes: dict[str, Cells]
    apples: Cells
    alive: dict[str, bool]
    scores: dict[str, int]


class Frame(Struct, frozen=True):
    """One frame of a v1 file."""

    state: FrameState
    moves: Moves | None = None
    timestamp: float | None = None


class Document(Struct, frozen=True):
    """Whatever a game's document may have; which of it there is tells the layout."""

    metadata: Metadata | None = None
    rounds: list[Round] | None = None
    game: GameHead | None = None
    players: dict[str, Player] | None = None
    initial_state: FrameState | None = None
    frames: list[Frame] | None = None
    game_type: str | None = None
    board: BoardSize = BoardSize()


_DOCUMENT = msgspec.json.Decoder(Document)
_DOCUMENT_LAX = msgspec.json.Decoder(Document, strict=False)
_HISTORY = msgspec.json.Decoder(list[Moves | None])
_HISTORY_LAX = msgspec.json.Decoder(list[Moves | None], strict=False)
_KEYS = msgspec.json.Decoder(dict[str, Raw])
_BOM = b"\xef\xbb\xbf"

LARGEST_MENDED = 16 * 2**20
"""Bytes of a document that may be decoded as whatever it is, which takes fifty times as much
memory.
"""


def decode(content: bytes) -> Document:
    """A game's document. Raises NotAGame for what is none, BadGame for what is damaged."""
    content = content.removeprefix(_BOM)
    try:
        return _DOCUMENT.decode(content)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        mended = _mended(content)
    _check_kind(mended)
    try:
        return _DOCUMENT_LAX.decode(mended)
    except msgspec.ValidationError as error:
        raise BadGame(f"a value is not what it should be ({error}).") from error


def decode_history(rounds: list[Round]) -> list[Moves]:
    """The moves of a v0 file: its longest `move_history`, which holds all others."""
    longest = bytes(max((one.move_history for one in rounds), key=len, default=b"[]"))
    try:
        history = _HISTORY.decode(longest)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        try:
            history = _HISTORY_LAX.decode(_mended(longest))
        except msgspec.ValidationError as error:
            raise BadGame(f"a move is not what it should be ({error}).") from error
    return [moves or {} for moves in history]


def _check_kind(content: bytes) -> None:
    """Raise NotAGame unless the document's keys are those of a game."""
    try:
        keys: dict[str, Any] = _KEYS.decode(content)
    except msgspec.ValidationError:
        raise NotAGame("it is a list or a single value.") from None
    if not ("metadata" in keys or {"game", "players"} <= keys.keys()):
        raise NotAGame("it has neither metadata nor players.")


def _mended(content: bytes) -> bytes:
    """The document rewritten without what only lenient parsers take: half a surrogate pair, NaN,
    bytes that are no UTF-8. Raises BadGame when it is no JSON at all.
    """
    if len(content) > LARGEST_MENDED:
        raise BadGame(
            f"it is no game as it stands, and with {len(content):,} bytes too large to mend."
        )
    try:
        loaded = json.loads(content.decode("utf-8", errors="replace"))
        return msgspec.json.encode(clean_json(loaded))
    except json.JSONDecodeError as error:
        if error.msg == "Extra data":
            where = f"line {error.lineno}"
            raise BadGame(
                f"two JSON documents follow each other (Extra data from {where} on)."
            ) from error
        raise BadGame(f"it is no JSON ({error}).") from error
    except ValueError as error:
        raise BadGame(f"it holds a number nobody can read ({error}).") from error
    except RecursionError:
        raise BadGame("it is nested deeper than any game.") from None
