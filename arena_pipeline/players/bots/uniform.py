"""The bot that knows no game and plays them all."""

from collections.abc import Sequence

from arena_pipeline.games.chance import Chance
from arena_pipeline.games.protocol import Action, State
from arena_pipeline.players.bots.registry import bot


@bot("random")
def uniform(state: State, player: int, legal: Sequence[Action], chance: Chance) -> Action:
    """Any legal action, each equally likely."""
    return legal[chance.below(len(legal))]
