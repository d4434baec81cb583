"""A game as its file has it, for one that the rules can't explain: the published boards in the form
of our snapshots, and the events that can be read off them.
"""

from collections.abc import Sequence

from arena_pipeline.games.protocol import Event, Json
from arena_pipeline.importers.snakebench.game import Move, PlayedGame, Position
from arena_pipeline.importers.snakebench.replaying.turns import turn_record
from arena_pipeline.matches.plan import Step

Snapshot = dict[str, Json]

_NO_MOVE = Move(None)


def snapshot(game: PlayedGame, position: Position, number: int) -> Snapshot:
    """A published board as a snapshot after `number` rounds."""
    deaths: list[Json] = []
    for seat, alive in zip(game.seats, position.alive, strict=True):
        reason, died = seat.death or ("unknown", max(number - 1, 0))
        deaths.append(None if alive else {"round": died, "reason": reason})
    return {
        "board": [game.width, game.height],
        "round": number,
        "snakes": [[list(cell) for cell in body] for body in position.snakes],
        "alive": list(position.alive),
        "apples": [
            list(cell) for cell in sorted(position.apples, key=lambda cell: (cell[1], cell[0]))
        ],
        "scores": list(position.scores),
        "deaths": deaths,
    }


def steps_as_recorded(game: PlayedGame, initial: Position) -> tuple[Step, ...]:
    """Every published turn, with the moves it has; moves of snakes that were dead are left out."""
    steps, before, seats = [], initial, range(len(game.seats))
    for number, turn in enumerate(game.turns):
        turns = tuple(
            turn_record(number, seat, move.action or "", move, turn.decided_at)
            for seat, move in ((seat, turn.moves.get(seat, _NO_MOVE)) for seat in seats)
            if before.alive[seat]
        )
        after = snapshot(game, turn.after, number + 1)
        steps.append(Step(turns, _events(game, before, turn.after), after))
        before = turn.after
    return tuple(steps)


def _events(game: PlayedGame, before: Position, after: Position) -> list[Event]:
    events: list[Event] = []
    for seat, player in enumerate(game.seats):
        if before.alive[seat] and not after.alive[seat]:
            reason = player.death[0] if player.death else "unknown"
            events.append({"type": "death", "player": seat, "reason": reason})
    grown = [cell for cell in after.apples if cell not in before.apples]
    for seat, (old, new) in enumerate(zip(before.scores, after.scores, strict=True)):
        if new > old:
            events.append(
                {
                    "type": "apple",
                    "player": seat,
                    "eaten": list(after.snakes[seat][0]),
                    "grown": _next(grown),
                }
            )
    return events


def _next(grown: list[tuple[int, int]]) -> Json:
    cells: Sequence[int] | None = grown.pop(0) if grown else None
    return None if cells is None else list(cells)
