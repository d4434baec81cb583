"""A published game is played again by the rules of its date, and told whether it comes out.

All chance there is in Snake is where apples grow, and the boards show that: the draws are read off
them and kept, so that anybody can play the game again without the published file.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from arena_pipeline.games.protocol import GameError, Json, Outcome
from arena_pipeline.games.snake import Snake
from arena_pipeline.games.snake.board import DIRECTIONS
from arena_pipeline.importers.snakebench.errors import BadGame
from arena_pipeline.importers.snakebench.game import Move, PlayedGame, Position
from arena_pipeline.importers.snakebench.replaying.eras import apple_target, rule_versions
from arena_pipeline.importers.snakebench.replaying.outcomes import header_outcome
from arena_pipeline.importers.snakebench.replaying.playing import Gap, Played, play_again
from arena_pipeline.importers.snakebench.replaying.recorded import snapshot, steps_as_recorded
from arena_pipeline.matches.explaining import Verdict, eats_what_grew
from arena_pipeline.matches.plan import Step

GAME = Snake()

FARTHEST_SHIFT = 2
"""By how many turns moves may have slipped."""


@dataclass(frozen=True, slots=True)
class Examined:
    """A game as a match of ours: `verification` is a `Verdict`, `detail` what does not fit or what
    was put right. `initial` is a snapshot; of a game known by its header only it is empty.
    """

    rule_version: str
    settings: dict[str, Json]
    initial: dict[str, Json]
    steps: tuple[Step, ...]
    draws: tuple[int, ...]
    outcome: Outcome
    verification: str
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to take a file's moves: by turn and seat, and what it is called if it fits. Deaths
    are told `late` rounds after they happened.
    """

    moves: Sequence[Mapping[int, Move]]
    verdict: Verdict = Verdict.VERIFIED
    detail: str | None = None
    late: int = 0


def examine(game: PlayedGame) -> Examined:
    """Play the game again by each rule version it may be of and each way its moves can be read,
    and take the first that explains every board and the result.

    What nothing explains is kept as recorded, with the first gap found in the likeliest way.
    Raises BadGame where not even the settings can be.
    """
    settings = settings_of(game)
    versions = rule_versions(game)
    if game.initial is None:
        return Examined(
            versions[0], settings, {}, (), (), header_outcome(game), Verdict.HEADER_ONLY.value
        )
    first_gap: str | None = None
    for reading in readings(game, game.initial):
        for version in versions:
            try:
                played = play_again(
                    game, game.initial, settings, version, reading.moves, late=reading.late
                )
            except Gap as gap:
                first_gap = first_gap or str(gap)
                continue
            verdict, detail = reading.verdict, reading.detail
            if verdict is Verdict.VERIFIED and (step := respawn_step(played.steps)) is not None:
                verdict = Verdict.SAME_TURN_APPLE_RESPAWN
                detail = f"in step {step} an apple is eaten that grew in it"
            return _examined(version, settings, played, verdict, detail)
    return Examined(
        versions[0],
        settings,
        snapshot(game, game.initial, 0),
        steps_as_recorded(game, game.initial),
        (),
        header_outcome(game),
        Verdict.UNEXPLAINED.value,
        first_gap,
    )


def settings_of(game: PlayedGame) -> dict[str, Json]:
    """Snake's settings of the game. A number of apples nobody told of is SnakeBench's own, 5.

    Raises BadGame where they can't be.
    """
    known = {} if game.apples is None else {"apples": game.apples}
    try:
        return GAME.settings(
            {
                "width": game.width,
                "height": game.height,
                "max_rounds": game.max_rounds,
                "apple_target": apple_target(game),
                **known,
            }
        )
    except GameError as error:
        raise BadGame(str(error)) from error


def readings(game: PlayedGame, initial: Position) -> Iterator[Reading]:
    """The ways the file's moves can be meant, the plainest first.

    A leading move is known by the deaths that it delays. Moves lost at the beginning follow from
    how the snakes lay; a move on the turn that ended the match does not, so nothing is lost at the
    end. Of shifted moves two turns at least must be left, as one may fit by accident.
    """
    taken = [turn.moves for turn in game.turns]
    yield Reading(taken)
    surplus = len(game.surplus)
    if surplus and any(seat.death for seat in game.seats):
        yield Reading(
            [*taken, *game.surplus][surplus:],
            Verdict.LEADING_MOVE,
            f"the file begins with {_many(surplus, 'move')} never played",
            late=surplus,
        )
    boards = [initial, *(turn.after for turn in game.turns)]
    for shift in range(1, min(FARTHEST_SHIFT, len(taken) - 2) + 1):
        lost = [derived_moves(boards[turn], boards[turn + 1]) for turn in range(shift)]
        emptied = not any(any(moves.values()) for moves in taken[-shift:])
        yield Reading(
            [*lost, *taken[:-shift]],
            Verdict.DOUBLE_SHIFTED_HISTORY if emptied else Verdict.SHIFTED_MOVES,
            f"every move is {_many(shift, 'turn')} early; those lost are derived from the bodies",
        )


def derived_moves(before: Position, after: Position) -> dict[int, Move]:
    """The move of each snake that went one cell on, by seat; `Move.action` stays None for them, as
    the file has none, and the direction stands in `derived`.
    """
    moves = {}
    for seat, (old, new) in enumerate(zip(before.snakes, after.snakes, strict=True)):
        step = new[0][0] - old[0][0], new[0][1] - old[0][1]
        for action, direction in DIRECTIONS.items():
            if direction == step:
                moves[seat] = Move(None, derived=action)
    return moves


def respawn_step(steps: Sequence[Step]) -> int | None:
    """The first step in which an apple is eaten that grew within it; None if there is none."""
    for number, step in enumerate(steps):
        if len(step.events) > 1 and eats_what_grew(step.events):
            return number
    return None


def _examined(
    version: str,
    settings: dict[str, Json],
    played: Played,
    verdict: Verdict,
    detail: str | None,
) -> Examined:
    return Examined(
        version,
        settings,
        played.initial,
        played.steps,
        played.draws,
        played.outcome,
        verdict.value,
        detail,
    )


def _many(count: int, thing: str) -> str:
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"
