"""How a game ended as SnakeBench published it, in the terms of our matches."""

from arena_pipeline.games.protocol import Outcome, Result
from arena_pipeline.games.snake.outcome import outcome_of
from arena_pipeline.importers.snakebench.game import PlayedGame


def header_outcome(game: PlayedGame) -> Outcome:
    """The published outcome: results, scores and deaths of the header, nothing of the boards.

    A snake is taken to be one longer than its apples. Where nobody's death ended the game, the
    round limit did if it was reached, and the apples if not.
    """
    lengths = [1 + seat.score for seat in game.seats]
    if game.initial is not None:
        last = game.turns[-1].after if game.turns else game.initial
        lengths = [len(body) for body in last.snakes]
    return outcome_of(
        [Result(seat.result) for seat in game.seats],
        [seat.score for seat in game.seats],
        [None if seat.death is None else (seat.death[1], seat.death[0]) for seat in game.seats],
        lengths,
        _ended_by(game),
    )


def _ended_by(game: PlayedGame) -> str:
    living = sum(seat.death is None for seat in game.seats)
    if living < 2:
        return "last_alive" if living else "all_dead"
    rounds = max(game.actual_rounds, len(game.turns))
    return "max_rounds" if rounds >= game.max_rounds else "apple_target"
