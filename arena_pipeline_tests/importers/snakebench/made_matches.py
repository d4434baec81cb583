"""Matches that our own engine played, for files in SnakeBench's layouts to be made of. Names and
texts are our own.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from arena_pipeline.games.chance import SeededChance
from arena_pipeline.games.snake import Snake, SnakeState
from arena_pipeline.matches.explaining import eats_what_grew
from arena_pipeline.players import bots

GAME = Snake()
DIRECTIONS = ("UP", "DOWN", "LEFT", "RIGHT")

V0 = ("v0a", "v0b_rewritten", "v0b_native", "v0c", "v0d")
V1 = ("v1_migrated", "v1_costs", "v1_native")
LAYOUTS = (*V0, *V1, "header")

STARTS = {
    "v0a": "2025-02-05T10:00:00.000001",
    "v0b_rewritten": "2025-02-06T11:30:00.000002",
    "v0b_native": "2025-06-20T09:15:00.000003",
    "v0c": "2025-11-16T08:00:00.000004",
    "v0d": "2025-11-23T07:00:00.000005",
    "v1_migrated": "2025-02-07T12:00:00.000006",
    "v1_costs": "2025-06-21T13:00:00.000007",
    "v1_native": "2025-12-20T14:00:00.000008",
    "header": "2025-02-05T10:00:00.000001",
}
"""A day on which each layout was written."""


@dataclass
class Played:
    """A match: boards before and after every turn, as snapshots, and the moves by seat. `apples`
    are those of the boards in the order in which they grew, as SnakeBench lists them.
    """

    game_id: str
    names: Sequence[str]
    start: str
    end: str
    settings: dict[str, Any]
    boards: list[dict[str, Any]]
    apples: list[list[list[int]]]
    moves: list[dict[int, dict[str, Any]]]
    results: list[str]
    deaths: list[dict[str, Any] | None]
    first_id: int = 1
    game_type: str = "ladder"
    events: list[list[dict[str, Any]]] = field(default_factory=list)

    @property
    def ids(self) -> list[str]:
        """Player ids in seat order."""
        return [str(self.first_id + seat) for seat in range(len(self.names))]

    @property
    def scores(self) -> list[int]:
        """Apples at the end."""
        return list(self.boards[-1]["scores"])

    def by_id(self, values: Sequence[Any]) -> dict[str, Any]:
        """One value a seat, by player id."""
        return dict(zip(self.ids, values, strict=True))


def new_id(number: int) -> str:
    """A game id that is the same every time."""
    return str(uuid.UUID(int=(0x5BE << 96) + number, version=4))


def rules_of(start: str) -> str:
    """The rule version of a naive stamp, as far as the made-up files need it."""
    if start < "2025-06-12":
        return "2025-02-04"
    return "2025-06-12" if start < "2025-12-11" else "2025-12-11"


def play(
    number: int = 0,
    *,
    seed: int | None = None,
    names: Sequence[str] = ("vendor-a-mini", "Vendor B: Large"),
    start: str = STARTS["v0b_native"],
    first_id: int = 1,
    rule_version: str | None = None,
    rationales: Mapping[tuple[int, int], str] | None = None,
    moves: Sequence[Sequence[str]] | None = None,
    bot: str = "greedy",
    instance: dict[str, Any] | None = None,
    **settings: Any,
) -> Played:
    """Play match `number` to its end: `moves` by turn and seat, after them (or without) a bot's.

    `rationales` replaces texts by (turn, seat). `settings` are Snake's: 10x10 with 5 apples, 100
    rounds and no apple target if not given.
    """
    seed = number if seed is None else seed
    config = GAME.settings({"max_rounds": 100, "apple_target": None, **settings})
    chance = SeededChance(seed, "made")
    seats = GAME.seats(config, len(names), chance)
    state = GAME.initial_state(
        config,
        seats,
        chance,
        instance=instance,
        rule_version=rule_version or rules_of(start),
    )
    boards, apples, taken, events = [dict(state.snapshot())], [_apples(state)], [], []
    decide = bots.policy(bot).decide
    chances = [SeededChance(seed, "player", seat) for seat in range(len(names))]
    turn = 0
    while not state.is_terminal():
        actions = {
            seat: moves[turn][seat]
            if moves is not None and turn < len(moves)
            else decide(state, seat, DIRECTIONS, chances[seat])
            for seat in state.current_players()
        }
        events.append(state.apply_actions(actions))
        taken.append(
            {
                seat: {
                    "move": action,
                    "rationale": (rationales or {}).get(
                        (turn, seat), f"Turn {turn}: the way is free.\n\n{action}"
                    ),
                }
                for seat, action in actions.items()
            }
        )
        boards.append(dict(state.snapshot()))
        apples.append(_apples(state))
        turn += 1
    lasted = timedelta(seconds=2 * len(taken) + 1, microseconds=number + 1)
    return Played(
        game_id=new_id(number),
        names=names,
        start=start,
        end=(datetime.fromisoformat(start) + lasted).isoformat(timespec="microseconds"),
        settings=config,
        boards=boards,
        apples=apples,
        moves=taken,
        results=[player.result.value for player in state.outcome().players],
        deaths=[death and {"reason": death[1].value, "round": death[0]} for death in state.deaths],
        first_id=first_id,
        events=events,
    )


def play_with_respawn(number: int = 0, **how: Any) -> Played:
    """A match by the oldest rules in which an apple is eaten in the turn in which it grew."""
    for seed in range(1_000):
        played = play(
            number,
            **{
                "seed": seed,
                "start": STARTS["v0a"],
                "width": 4,
                "height": 4,
                "apples": 6,
                "bot": "careful_random",
                **how,
            },
        )
        if any(map(eats_what_grew, played.events)):
            return played
    raise AssertionError("No such match among a thousand; change the settings")


def _apples(state: SnakeState) -> list[list[int]]:
    return [list(state.board.points[cell]) for cell in state.apples]
