"""Bots: players that decide at once, by a rule, from the position alone.

A new bot is one file in this folder (or anywhere, see `registry`) with one decorated function:

    @bot("northward", games=["snake"])
    def northward(state, player, legal, chance):
        "Always up."
        return "UP"

It must be a pure function of its arguments: the same position and chance, the same action, on every
machine. Settings of its own are keyword-only arguments; those that make it slow declare what they
may be: `@bot("search", settings={"depth": Between(1, 4)})`.

Nothing stops a bot that thinks for too long: it decides within the process that plays the match, so
ARENA_TURN_TIMEOUT_S, which is for players that are waited for, does not reach it, and the whole
arena waits. Its time limit is a soft one: less than 50 ms a turn on average and never a second, on
any board and with any setting allowed.
"""

from arena_pipeline.players.bots.player import BotPlayer
from arena_pipeline.players.bots.registry import (
    BadBotSettings,
    Between,
    BotPolicy,
    UnknownBot,
    bot,
    broken,
    names,
    policies,
    policy,
    refusal,
    versions,
)

__all__ = [
    "BadBotSettings",
    "Between",
    "BotPlayer",
    "BotPolicy",
    "UnknownBot",
    "bot",
    "broken",
    "names",
    "policies",
    "policy",
    "refusal",
    "versions",
]
