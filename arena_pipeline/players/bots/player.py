"""A bot's rule in a seat: what makes a `BotPolicy` a `Player`."""

from arena_pipeline.games.chance import Chance
from arena_pipeline.players.bots.registry import BotPolicy
from arena_pipeline.players.protocol import Decision, FaultKind, PlayerFault, TurnRequest


class BotPlayer:
    """A bot in one seat of one match.

    Give each seat its own chance, such as `SeededChance(match_seed, "player", seat)`, so that a
    match between bots is told by its seed alone.
    """

    waits = False

    def __init__(self, policy: BotPolicy, chance: Chance) -> None:
        self._policy, self._chance = policy, chance

    async def act(self, request: TurnRequest) -> Decision:
        """Decide at once. Raises PlayerFault where the game lists no actions to choose from."""
        if not request.legal_actions:
            raise PlayerFault(
                FaultKind.NO_ACTION,
                f"bot {self._policy.name!r} chooses among legal actions, and this turn lists none",
            )
        action = self._policy.decide(
            request.state, request.player, request.legal_actions, self._chance
        )
        return Decision(action)
