"""The bot that looks one step ahead and wants nothing."""

from collections.abc import Sequence

from arena_pipeline.games.chance import Chance
from arena_pipeline.games.protocol import Action
from arena_pipeline.games.snake import SnakeState
from arena_pipeline.players.bots.registry import bot
from arena_pipeline.players.bots.snake.sight import pick, surviving_steps


@bot("careful_random", games=["snake"])
def careful_random(
    state: SnakeState, player: int, legal: Sequence[Action], chance: Chance
) -> Action:
    """Any direction that does not kill at once."""
    return pick([action for action, _ in surviving_steps(state, player)], chance)
