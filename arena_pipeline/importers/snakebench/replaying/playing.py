"""One game played again by one rule version, with its apples growing where the boards show them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from arena_pipeline.games.protocol import GameError, Json, Outcome, Seat
from arena_pipeline.games.snake import Snake, SnakeState
from arena_pipeline.importers.snakebench.game import Move, PlayedGame, PlayedTurn, Position
from arena_pipeline.importers.snakebench.replaying.recorded import snapshot
from arena_pipeline.importers.snakebench.replaying.turns import turn_record
from arena_pipeline.matches.plan import Step, TurnRecord

_NO_MOVE = Move(None)
_GAME = Snake()


class Gap(Exception):
    """The rules do not give what was published; the message says where first."""


@dataclass(frozen=True, slots=True)
class Played:
    """A game that came out as published."""

    initial: dict[str, Json]
    steps: tuple[Step, ...]
    draws: tuple[int, ...]
    outcome: Outcome


@dataclass(slots=True)
class Witness:
    """Chance that lets apples grow on the cells they are expected on, and keeps the draws."""

    state: SnakeState | None = None
    expected: list[int] = field(default_factory=list)
    draws: list[int] = field(default_factory=list)

    def below(self, n: int) -> int:
        """The draw that puts the next apple where it was seen: its rank among the free cells.

        Who grew which of several is not told, so one that would lie in a snake is another's.
        """
        assert self.state is not None
        taken = set(self.state.apples).union(*self.state.bodies)
        cell = next((one for one in self.expected if one not in taken), None)
        if cell is None:
            raise Gap("an apple grows that was not seen to")
        self.expected.remove(cell)
        draw = cell - sum(other < cell for other in taken)
        self.draws.append(draw)
        return draw


def play_again(
    game: PlayedGame,
    initial: Position,
    settings: Mapping[str, Json],
    rule_version: str,
    moves: Sequence[Mapping[int, Move]],
    *,
    late: int = 0,
) -> Played:
    """Play the game with `moves` by turn and seat, and compare every board, the deaths and results.

    The published outcome counts its deaths `late` rounds too many. Raises Gap where they part.
    """
    chance = Witness()
    try:
        state = _GAME.initial_state(
            settings,
            (Seat(),) * len(game.seats),
            chance,
            instance=snapshot(game, initial, 0),
            rule_version=rule_version,
        )
    except GameError as error:
        raise Gap(f"it can't begin as published: {error}") from error
    chance.state = state
    start = state.snapshot()
    steps, before = [], initial
    for number, (turn, taken) in enumerate(zip(game.turns, moves, strict=True)):
        chance.expected = _expected_apples(game.width, before, turn.after)
        try:
            steps.append(_step(state, number, turn, taken))
        except (Gap, GameError) as gap:
            raise Gap(f"turn {number}: {gap}") from gap
        _compare_board(game, state, turn.after, number)
        before = turn.after
    if not state.is_terminal():
        raise Gap(f"by the rules it goes on after turn {len(steps) - 1}")
    outcome = _counted_late(state.outcome(), late)
    _compare_end(game, outcome)
    return Played(start, tuple(steps), tuple(chance.draws), outcome)


def _step(state: SnakeState, number: int, turn: PlayedTurn, taken: Mapping[int, Move]) -> Step:
    seats = state.current_players()
    if not seats:
        raise Gap(f"by the rules it is over ({state.ended_by})")
    turns: list[TurnRecord] = []
    for seat in seats:
        move = taken.get(seat, _NO_MOVE)
        action = move.action or move.derived
        if action is None:
            raise Gap(f"the move of seat {seat} is missing")
        turns.append(turn_record(number, seat, action, move, turn.decided_at))
    events = state.apply_actions({record.slot: record.action for record in turns})
    return Step(tuple(turns), events, state.snapshot())


def _expected_apples(width: int, before: Position, after: Position) -> list[int]:
    """Cells on which apples grew in a turn, in the order of those who ate.

    A published list of apples keeps the order in which they grew. One that a later snake ate within
    the turn is in neither list, but under that snake's head.
    """
    if before.scores == after.scores:
        return []
    there = set(before.apples)
    seen = [cell for cell in after.apples if cell not in there]
    heads = [
        body[0]
        for body, old, new in zip(after.snakes, before.scores, after.scores, strict=True)
        if new > old
    ]
    grown: list[tuple[int, int]] = []
    for head in heads[1:]:
        if head not in there:
            grown.append(head)
        elif seen:
            grown.append(seen.pop(0))
    return [y * width + x for x, y in [*grown, *seen]]


def _compare_board(game: PlayedGame, state: SnakeState, seen: Position, number: int) -> None:
    width = game.width
    bodies = [[y * width + x for x, y in body] for body in seen.snakes]
    apples = [y * width + x for x, y in seen.apples]
    for what, ours, published in (
        ("deaths", state.alive, seen.alive),
        ("snakes", state.bodies, bodies),
        ("scores", state.scores, list(seen.scores)),
        ("apples", sorted(state.apples), sorted(apples)),
    ):
        if ours != published:
            raise Gap(f"turn {number}: the {what} are not what rules {state.rules.name} give")


def _counted_late(outcome: Outcome, late: int) -> Outcome:
    players = tuple(
        player
        if player.death_round is None
        else replace(player, death_round=player.death_round + late)
        for player in outcome.players
    )
    return replace(outcome, players=players) if late else outcome


def _compare_end(game: PlayedGame, outcome: Outcome) -> None:
    for slot, (seat, player) in enumerate(zip(game.seats, outcome.players, strict=True)):
        death = None if player.death_reason is None else (player.death_reason, player.death_round)
        for what, ours, published in (
            ("result", player.result.value, seat.result),
            ("score", player.score, seat.score),
            ("death", death, seat.death),
        ):
            if ours != published:
                raise Gap(f"the {what} of seat {slot} is {ours} by the rules, not {published}")
