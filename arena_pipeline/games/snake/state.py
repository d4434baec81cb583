"""The Snake engine: a position, how a turn changes it, and when it is over.

Written for speed (a league plays millions of turns): bodies are lists of cells, head first, and
nothing is built that the turn does not need. Bots of this game may read the public attributes; only
`apply_actions` changes them.
"""

from collections.abc import Mapping, Sequence

from arena_pipeline.games.chance import Chance, ImaginedChance
from arena_pipeline.games.protocol import Action, Event, GameError, IllegalAction, Json, Outcome
from arena_pipeline.games.snake.board import ACTIONS, Board
from arena_pipeline.games.snake.outcome import outcome
from arena_pipeline.games.snake.rules import DeathReason, RuleVersion
from arena_pipeline.games.snake.settings import SnakeSettings


class SnakeState:
    """A position of one match, by seat; the dead keep the body they died with."""

    __slots__ = (
        "_chance",
        "_current",
        "apples",
        "board",
        "bodies",
        "deaths",
        "ended_by",
        "round",
        "rules",
        "scores",
        "settings",
    )

    def __init__(
        self,
        board: Board,
        settings: SnakeSettings,
        rules: RuleVersion,
        chance: Chance,
        *,
        bodies: list[list[int]],
        apples: list[int],
        scores: list[int],
        deaths: list[tuple[int, DeathReason] | None],
        rounds: int = 0,
    ) -> None:
        """Take over the lists given; nobody else may keep them."""
        self.board, self.settings, self.rules, self._chance = board, settings, rules, chance
        self.bodies, self.apples, self.scores, self.deaths = bodies, apples, scores, deaths
        self.round = rounds
        self._current = tuple(seat for seat, death in enumerate(deaths) if death is None)
        self.ended_by: str | None = None
        self._end_if_over()

    @property
    def alive(self) -> tuple[bool, ...]:
        """Whether each seat's snake lives."""
        return tuple(death is None for death in self.deaths)

    def is_terminal(self) -> bool:
        """Whether the match is over."""
        return self.ended_by is not None

    def current_players(self) -> tuple[int, ...]:
        """Seats whose snakes live; none when the match is over."""
        return self._current

    def legal_actions(self, player: int) -> Sequence[Action]:
        """All four directions: running into a wall is foolish, not illegal."""
        return ACTIONS if player in self._current else ()

    def apply_actions(self, actions: Mapping[int, Action]) -> list[Event]:
        """Move every living snake at once.

        In a match of two a death ends it before anything moves or is eaten; among more, those who
        live move on.
        """
        steps, bodies = self.board.steps, self.bodies
        try:
            heads = {seat: steps[actions[seat]][bodies[seat][0]] for seat in self._current}
        except (KeyError, TypeError):
            raise self._refusal(actions) from None
        if len(actions) != len(heads) or not heads:
            raise self._refusal(actions)
        events: list[Event] = []
        deaths = self.rules.collisions(self, heads)
        for seat, reason in deaths.items():
            self.deaths[seat] = (self.round, reason)
            del heads[seat]
            events.append({"type": "death", "player": seat, "reason": reason.value})
        if deaths:
            self._current = tuple(heads)
        if not deaths or len(bodies) > 2:
            self.rules.advance(self, heads, events)
        self.round += 1
        self._end_if_over()
        return events

    def grow_apple(self) -> int | None:
        """Put an apple where nothing lies, not even a dead snake; None if there is no such cell."""
        taken = set(self.apples).union(*self.bodies)
        free = [cell for cell in range(self.board.cells) if cell not in taken]
        if not free:
            return None
        grown = free[self._chance.below(len(free))]
        self.apples.append(grown)
        return grown

    def observation(self, player: int) -> dict[str, Json]:
        """The whole position and what ends the match: nothing is hidden in Snake."""
        return {
            "player": player,
            "max_rounds": self.settings.max_rounds,
            "apple_target": self.settings.apple_target,
            **self.snapshot(),
        }

    def snapshot(self) -> dict[str, Json]:
        """The position: [x, y] from (0, 0) bottom-left, bodies head first, apples sorted."""
        points = self.board.points
        return {
            "board": [self.board.width, self.board.height],
            "round": self.round,
            "snakes": [[list(points[cell]) for cell in body] for body in self.bodies],
            "alive": [death is None for death in self.deaths],
            "apples": [list(points[cell]) for cell in sorted(self.apples)],
            "scores": self.scores.copy(),
            "deaths": [
                death and {"round": death[0], "reason": death[1].value} for death in self.deaths
            ],
        }

    def outcome(self) -> Outcome:
        """Results, placements and scores. Raises ValueError while the match goes on."""
        return outcome(self)

    def clone(self) -> "SnakeState":
        """A copy with imagined chance: its apples grow elsewhere than the real ones will."""
        copy = SnakeState.__new__(SnakeState)
        copy.board, copy.settings, copy.rules = self.board, self.settings, self.rules
        copy.bodies = [body.copy() for body in self.bodies]
        copy.apples, copy.scores, copy.deaths = (
            self.apples.copy(),
            self.scores.copy(),
            self.deaths.copy(),
        )
        copy.round, copy._current, copy.ended_by = self.round, self._current, self.ended_by
        copy._chance = ImaginedChance(self.round)
        return copy

    def _end_if_over(self) -> None:
        living, target = len(self._current), self.settings.apple_target
        if living < 2:
            self.ended_by = "last_alive" if living else "all_dead"
        elif target is not None and max(self.scores) >= target:
            self.ended_by = "apple_target"
        elif self.round >= self.settings.max_rounds:
            self.ended_by = "max_rounds"
        else:
            return
        self._current = ()

    def _refusal(self, actions: Mapping[int, Action]) -> GameError:
        """Why these actions can't be applied."""
        for seat, action in actions.items():
            if self.is_terminal():
                return IllegalAction(seat, action, f"the match is over ({self.ended_by})")
            if seat not in self._current:
                return IllegalAction(seat, action, "no living snake sits there")
            if action not in ACTIONS:
                return IllegalAction(seat, action, f"a move is one of {', '.join(ACTIONS)}")
        if self.is_terminal():
            return GameError(f"The match is over ({self.ended_by}); no turn can be played.")
        missing = next(seat for seat in self._current if seat not in actions)
        return IllegalAction(missing, None, "every living snake must move")
