"""Spies: all but the spy know a word; they talk in turn, then vote at once on who the spy is.

A team game with hidden roles, free text throughout, and phases that alternate and phases that are
simultaneous.
"""

import re
from collections import Counter
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

SPIES, TOWN = "spies", "town"
WORDS = ("river", "candle", "harbour", "violin", "bakery")
LONGEST = 2_000


class SpiesState:
    """What was said and voted. A vote is the last seat number in a text; none is an abstention."""

    def __init__(
        self,
        seats: Sequence[Seat],
        word: str,
        talks: int,
        said: list[str],
        votes: list[int | None] | None,
    ) -> None:
        self._seats, self._word, self._talks = tuple(seats), word, talks
        self._said, self._votes = said, votes

    @property
    def round(self) -> int:
        return len(self._said) + (self._votes is not None)

    def is_terminal(self) -> bool:
        return self._votes is not None

    def current_players(self) -> tuple[int, ...]:
        if self.is_terminal():
            return ()
        players = len(self._seats)
        if len(self._said) < self._talks * players:
            return (len(self._said) % players,)
        return tuple(range(players))

    def legal_actions(self, player: int) -> Sequence[Action] | None:
        return None if player in self.current_players() else ()

    def observation(self, player: int) -> dict[str, Json]:
        seat = self._seats[player]
        return {
            "player": player,
            "players": len(self._seats),
            "role": seat.role,
            "word": None if seat.team == SPIES else self._word,
            "said": [*self._said],
            "phase": "talk" if len(self.current_players()) == 1 else "vote",
        }

    def apply_actions(self, actions: Mapping[int, Action]) -> list[Event]:
        texts: Mapping[int, object] = actions
        current = self.current_players()
        check_seats(current, actions)
        for player, text in texts.items():
            if not isinstance(text, str) or len(text) > LONGEST:
                raise IllegalAction(player, text, f"say anything of up to {LONGEST} characters")
        if len(current) == 1:
            self._said.append(actions[current[0]])
            return []
        self._votes = [self._vote(actions[player]) for player in current]
        return [{"type": "vote", "accused": self._accused()}]

    def snapshot(self) -> dict[str, Json]:
        return {
            "roles": [seat.role for seat in self._seats],
            "word": self._word,
            "said": [*self._said],
            "votes": None if self._votes is None else [*self._votes],
        }

    def outcome(self) -> Outcome:
        accused = self._accused()
        spy_found = accused is not None and self._seats[accused].team == SPIES
        winner = TOWN if spy_found else SPIES
        against = Counter(self._votes or [])
        return Outcome(
            players=tuple(
                PlayerOutcome(
                    Result.WON if seat.team == winner else Result.LOST,
                    placement=1 if seat.team == winner else 2,
                    score=float(seat.team == winner),
                    reward=1.0 if seat.team == winner else -1.0,
                    metrics={"votes_against": against[player]},
                )
                for player, seat in enumerate(self._seats)
            ),
            ended_by="vote",
            winning_team=winner,
        )

    def clone(self) -> "SpiesState":
        votes = None if self._votes is None else [*self._votes]
        return SpiesState(self._seats, self._word, self._talks, [*self._said], votes)

    def _vote(self, text: str) -> int | None:
        numbers = re.findall(r"[0-9]+", text)
        voted = int(numbers[-1][:3]) if numbers else None
        return voted if voted is not None and voted < len(self._seats) else None

    def _accused(self) -> int | None:
        """Who got the most votes; nobody on a draw."""
        if self._votes is None:
            raise ValueError("Nobody has voted yet.")
        most = Counter(vote for vote in self._votes if vote is not None).most_common(2)
        if not most or (len(most) == 2 and most[0][1] == most[1][1]):
            return None
        return most[0][0]


class Spies:
    """One spy among three to five players."""

    name: ClassVar[str] = "toy_spies"
    rule_version: ClassVar[str] = "1"
    min_players: ClassVar[int] = 3
    max_players: ClassVar[int] = 5

    def settings(self, raw: Mapping[str, Any]) -> dict[str, Json]:
        return check_keys(raw, {"talks": 2})

    def seats(self, settings: Mapping[str, Json], players: int, chance: Chance) -> tuple[Seat, ...]:
        if not self.min_players <= players <= self.max_players:
            raise SettingsError(f"Spies is for 3 to 5 players, not {players}.")
        spy = chance.below(players)
        return tuple(
            Seat(SPIES, "spy") if player == spy else Seat(TOWN, "agent")
            for player in range(players)
        )

    def initial_state(
        self,
        settings: Mapping[str, Any],
        seats: Sequence[Seat],
        chance: Chance,
        *,
        instance: Mapping[str, Any] | None = None,
        rule_version: str | None = None,
    ) -> SpiesState:
        check_version(self, rule_version)
        if instance is not None:
            said, votes = [*instance.get("said", [])], instance.get("votes")
            return SpiesState(seats, instance["word"], settings["talks"], said, votes)
        return SpiesState(seats, WORDS[chance.below(len(WORDS))], settings["talks"], [], None)
