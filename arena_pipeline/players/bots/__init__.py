"""Bots: players that decide at once, by a rule, from the position alone.

A new bot is one file in this folder (or anywhere, see `registry`) with one decorated function:

    @bot("northward", games=["snake"])
    def northward(state, player, legal, chance):
        "Always up."
        return "UP"

It must be a pure function of its arguments: the same position and chance, the same action, on every
machine.
"""

from arena_pipeline.players.bots.player import BotPlayer
from arena_pipeline.players.bots.registry import (
    BadBotSettings,
    BotPolicy,
    UnknownBot,
    bot,
    names,
    policies,
    policy,
    versions,
)

__all__ = [
    "BadBotSettings",
    "BotPlayer",
    "BotPolicy",
    "UnknownBot",
    "bot",
    "names",
    "policies",
    "policy",
    "versions",
]
