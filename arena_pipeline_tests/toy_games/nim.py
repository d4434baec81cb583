"""Nim: two players in turn take from one pile; who takes the last one wins. An alternating game."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from arena_pipeline.games.chance import Chance
from arena_pipeline.games.protocol import (
    Action,
    Event,
    IllegalAction,
    Json,
    Outcome,
    PlayerOutcome,
    Result,
    Seat,
    SettingsError,
)
from arena_pipeline_tests.toy_games.checks import check_keys, check_seats, check_version


class NimState:
    """Piles and whose turn it is. An action is "2 from 0": how many, from which pile."""

    def __init__(self, piles: list[int], rounds: int) -> None:
        self._piles, self.round = piles, rounds

    def is_terminal(self) -> bool:
        return not any(self._piles)

    def current_players(self) -> tuple[int, ...]:
        return () if self.is_terminal() else (self.round % 2,)

    def legal_actions(self, player: int) -> Sequence[Action]:
        if player not in self.current_players():
            return ()
        return tuple(
            f"{count} from {pile}"
            for pile, size in enumerate(self._piles)
            for count in range(1, size + 1)
        )

    def observation(self, player: int) -> dict[str, Json]:
        return {**self.snapshot(), "player": player}

    def apply_actions(self, actions: Mapping[int, Action]) -> list[Event]:
        check_seats(self.current_players(), actions)
        for player, action in actions.items():
            if action not in self.legal_actions(player):
                raise IllegalAction(player, action, "say how many from which pile, as '2 from 0'")
            count, pile = map(int, action.split(" from "))
            self._piles[pile] -= count
        self.round += 1
        return []

    def snapshot(self) -> dict[str, Json]:
        return {"piles": [*self._piles], "round": self.round}

    def outcome(self) -> Outcome:
        if not self.is_terminal():
            raise ValueError("The piles are not empty yet.")
        winner = (self.round - 1) % 2
        won = PlayerOutcome(Result.WON, 1, score=1.0, reward=1.0)
        lost = PlayerOutcome(Result.LOST, 2, score=0.0, reward=-1.0)
        return Outcome((won, lost) if winner == 0 else (lost, won), "last_taken")

    def clone(self) -> "NimState":
        return NimState([*self._piles], self.round)


class Nim:
    """Nim with some piles of at most some size."""

    name: ClassVar[str] = "toy_nim"
    rule_version: ClassVar[str] = "1"
    min_players: ClassVar[int] = 2
    max_players: ClassVar[int] = 2

    def settings(self, raw: Mapping[str, Any]) -> dict[str, Json]:
        return check_keys(raw, {"piles": 3, "largest": 5})

    def seats(self, settings: Mapping[str, Json], players: int, chance: Chance) -> tuple[Seat, ...]:
        if players != 2:
            raise SettingsError(f"Nim is for two players, not {players}.")
        return (Seat(), Seat())

    def initial_state(
        self,
        settings: Mapping[str, Any],
        seats: Sequence[Seat],
        chance: Chance,
        *,
        instance: Mapping[str, Any] | None = None,
        rule_version: str | None = None,
    ) -> NimState:
        check_version(self, rule_version)
        if instance is not None:
            return NimState([*instance["piles"]], instance.get("round", 0))
        piles = [1 + chance.below(settings["largest"]) for _ in range(settings["piles"])]
        return NimState(piles, 0)
