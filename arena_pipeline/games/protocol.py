"""The protocol every game speaks: a state machine, in the terms of OpenSpiel and PettingZoo.

One shape carries simultaneous games (several current players), alternating games (one current
player), team games with hidden roles and free-text actions (`legal_actions` is None) and solo
puzzles on stored instances (`initial_state` from an instance's position). Players are seats,
numbered from 0.

What belongs here: types and the protocol. Rules live in one module per game; playing a match in
`matches.runner`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, runtime_checkable

if TYPE_CHECKING:
    from arena_pipeline.games.chance import Chance

Json = None | bool | int | float | str | list[Any] | dict[str, Any]
"""What states, observations, events and settings are made of, so that any replay reads anywhere."""

Action = str
"""What a player does in one turn: one of `legal_actions`, or any text where those are None."""

Event = dict[str, Json]
"""Something that happened in a step besides the actions: `{"type": "death", "player": 0, ...}`."""


class Result(StrEnum):
    """How a match ended for one player."""

    WON = "won"
    LOST = "lost"
    TIED = "tied"


@dataclass(frozen=True, slots=True)
class PlayerOutcome:
    """One player's end of a match.

    `placement` is 1 for the best; tied players share one. `score` is in the game's own unit
    (apples, points); `reward` is what a learner would get, in [-1, 1]. `metrics` holds per-game
    facts (JSON).
    """

    result: Result
    placement: int
    score: float = 0.0
    reward: float = 0.0
    death_round: int | None = None
    death_reason: str | None = None
    metrics: dict[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a match ended: for each player in seat order, and as a whole.

    `ended_by` is the game's word for why it stopped ("last_alive", "max_rounds", ...);
    `winning_team` is None where there are no teams or none won.
    """

    players: tuple[PlayerOutcome, ...]
    ended_by: str
    winning_team: str | None = None


@runtime_checkable
class State(Protocol):
    """A position of one match. Mutable: `apply_actions` moves it on. Matches never share one."""

    @property
    def round(self) -> int:
        """Steps applied so far."""
        ...

    def is_terminal(self) -> bool:
        """Whether the match is over."""
        ...

    def current_players(self) -> tuple[int, ...]:
        """Seats that decide now, ascending: many, or one if they alternate; none at the end."""
        ...

    def legal_actions(self, player: int) -> Sequence[Action] | None:
        """Actions `player` may choose now, in a fixed order; None where any text is allowed."""
        ...

    def observation(self, player: int) -> dict[str, Json]:
        """What `player` may see now; hidden information of others is not in it."""
        ...

    def apply_actions(self, actions: Mapping[int, Action]) -> list[Event]:
        """Move on by one step with an action for each current player, and say what happened.

        Raises IllegalAction, before anything changes, when a player's action is missing, surplus or
        not legal.
        """
        ...

    def snapshot(self) -> dict[str, Json]:
        """The whole position as JSON, hidden information too; equal snapshots are equal positions.

        This is what a replay keeps and what verification compares.
        """
        ...

    def outcome(self) -> Outcome:
        """How it ended. Raises ValueError while the match is not terminal."""
        ...

    def clone(self) -> "State":
        """A copy to think ahead on: same position, own chance; the real match is untouched."""
        ...


@runtime_checkable
class Game(Protocol):
    """A rule set. Stateless: one object serves any number of matches at once."""

    name: ClassVar[str]
    rule_version: ClassVar[str]
    """Newest version of the rules, part of every match; `initial_state` can play older ones."""
    min_players: ClassVar[int]
    max_players: ClassVar[int]

    def settings(self, raw: Mapping[str, Any]) -> dict[str, Json]:
        """Fill in defaults and check. Raises SettingsError for unknown keys and wrong values."""
        ...

    def seats(
        self, settings: Mapping[str, Json], players: int, chance: "Chance"
    ) -> tuple["Seat", ...]:
        """Team and role of each seat, dealt by chance. Raises SettingsError for a wrong number."""
        ...

    def initial_state(
        self,
        settings: Mapping[str, Json],
        seats: Sequence["Seat"],
        chance: "Chance",
        *,
        instance: Mapping[str, Json] | None = None,
        rule_version: str | None = None,
    ) -> State:
        """Draw the start from `chance`, or take it from `instance` (a snapshot or the game's form).

        Same settings, seats, seed and instance give the same position on every machine.
        """
        ...


@dataclass(frozen=True, slots=True)
class Seat:
    """A seat before anybody sits in it. `team` and `role` are None in games that have none."""

    team: str | None = None
    role: str | None = None


class GameError(Exception):
    """Root of what a game can refuse."""


class IllegalAction(GameError):
    """An action that the rules do not allow in this position."""

    def __init__(self, player: int, action: object, reason: str) -> None:
        super().__init__(f"Player {player} can't play {action!r}: {reason}")
        self.player, self.action, self.reason = player, action, reason


class SettingsError(GameError):
    """Settings or a number of players the game can't be played with."""
