"""The toy games with players for their seats, ready for anything that plays matches."""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

from arena_pipeline.games import catalogue
from arena_pipeline.games.protocol import Game, Json
from arena_pipeline.players.protocol import Decision, TurnRequest
from arena_pipeline_tests.toy_games.lights import Lights, LightsState
from arena_pipeline_tests.toy_games.nim import Nim
from arena_pipeline_tests.toy_games.spies import Spies

Script = Callable[[TurnRequest], str]


class ScriptedPlayer:
    """A player that always does the same in the same position; reads its observation only."""

    waits = False

    def __init__(self, script: Script) -> None:
        self._script = script

    async def act(self, request: TurnRequest) -> Decision:
        return Decision(self._script(request))


@dataclass(frozen=True)
class Toy:
    """A game with a way to fill its seats."""

    game: Game
    scripts: tuple[Script, ...]
    """One for each seat."""
    instances: tuple[dict[str, Json], ...] = ()
    settings: dict[str, Any] = field(default_factory=dict)

    @property
    def players(self) -> tuple[ScriptedPlayer, ...]:
        """New players, one for each seat."""
        return tuple(map(ScriptedPlayer, self.scripts))


def winning_at_nim(request: TurnRequest) -> str:
    """Leave piles whose sizes cancel out (the nim-sum is 0) where that can be done."""
    piles: Any = request.observation["piles"]
    nim_sum = 0
    for size in piles:
        nim_sum ^= size
    for pile, size in enumerate(piles):
        if size ^ nim_sum < size:
            return f"{size - (size ^ nim_sum)} from {pile}"
    return taking_one(request)


def taking_one(request: TurnRequest) -> str:
    """Take one from the first pile that has any."""
    assert request.legal_actions
    return request.legal_actions[0]


def talking(request: TurnRequest) -> str:
    """Hint at the word (the spy: say nothing much); vote for whoever said least."""
    seen: Any = request.observation
    if seen["phase"] == "talk":
        return f"It has {len(seen['word'])} letters" if seen["word"] else "Hm."
    others = [player for player in range(seen["players"]) if player != seen["player"]]
    return f"I vote for player {min(others, key=lambda player: len(seen['said'][player]))}"


def solving_lights(request: TurnRequest) -> str:
    """Press the first cell of the smallest set that darkens the board; a 3x3 one always has one."""
    seen: Any = request.observation
    cells = range(len(seen["lights"]))
    for count in cells:
        for presses in combinations(cells, count + 1):
            board = LightsState(seen["size"], [*seen["lights"]], 0, max_presses=1)
            for cell in presses:
                board.press(cell)
            if board.dark:
                return str(presses[0])
    return str(seen["lights"].index(1))


TOYS = (
    Toy(Nim(), (winning_at_nim, taking_one)),
    Toy(Spies(), (talking,) * 4),
    Toy(
        Lights(),
        (solving_lights,),
        instances=(
            {"lights": [1, 1, 0, 1, 0, 0, 0, 0, 0]},
            {"lights": [0, 1, 0, 1, 1, 1, 0, 1, 0]},
            {"lights": [1, 0, 1, 0, 1, 0, 1, 0, 1]},
        ),
    ),
)


def register_toys() -> None:
    """Make the toy games known to the catalogue; safe to repeat."""
    for toy in TOYS:
        catalogue.register(toy.game)
