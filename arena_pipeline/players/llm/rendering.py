"""A prompt with a position in it: the words a language model is sent.

A prompt's text holds placeholders in braces (`{position}`), filled in one pass, so
that nothing a player said is ever taken for one; other braces stay as they are. A game with words
of its own has them in `_WORDS`; any other game's position is its observation as JSON.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from arena_pipeline.escaping import plain_line
from arena_pipeline.games import catalogue
from arena_pipeline.games.chance import SeededChance
from arena_pipeline.games.protocol import Action
from arena_pipeline.players.llm import snake
from arena_pipeline.players.protocol import PastTurn, TurnRequest
from arena_pipeline.registry.prompts import Prompt

COMMON = frozenset({"position", "memory", "player", "turn", "legal_actions"})
"""Placeholders of every game."""

REMEMBERED_CHARACTERS = 200
"""Most of an earlier reply that is told again in a line of memory."""

_PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}")
_MEMORY_LINE = re.compile(r"^[ \t]*\{memory\}[ \t]*\n?", re.MULTILINE)

_WORDS: Mapping[str, Callable[[Mapping[str, Any]], dict[str, str]]] = {"snake": snake.words}
_OWN_PLACEHOLDERS: Mapping[str, frozenset[str]] = {"snake": snake.PLACEHOLDERS}


def placeholders_of(game: str) -> frozenset[str]:
    """What a prompt for this game may have filled in."""
    return COMMON | _OWN_PLACEHOLDERS.get(game, frozenset())


def render(text: str, game: str, request: TurnRequest, memory: Sequence[PastTurn] = ()) -> str:
    """The prompt `text` with this turn's position in it, and these earlier turns, oldest first.

    Memory stands where `{memory}` does, else at the end; without any, that line is left out. A
    placeholder that the game does not have stays as it is: registering a prompt refuses those.
    """
    if not memory:
        text = _MEMORY_LINE.sub("", text)
    elif "{memory}" not in text:
        text += "\n\n{memory}"
    values = {
        "legal_actions": one_of(request.legal_actions),
        "memory": _remembered(memory),
        **_described(game, request),
    }
    filled = _PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), text)
    return filled.strip()


def one_of(legal: Sequence[Action] | None) -> str:
    """Actions as a list in words: "UP, DOWN or LEFT"; "any text" where any is legal."""
    if legal is None:
        return "any text"
    *others, last = legal or ("nothing",)
    return f"{', '.join(others)} or {last}" if others else last


def example(prompt: Prompt) -> str | None:
    """The prompt as it is sent in the first turn of some match; None where nobody here knows its
    game.
    """
    try:
        game = catalogue.game(prompt.game)
    except catalogue.UnknownGame:
        return None
    settings = game.settings({})
    seats = game.seats(settings, game.min_players, SeededChance(0, "example", "seats"))
    state = game.initial_state(settings, seats, SeededChance(0, "example", "state"))
    seat = state.current_players()[0]
    request = TurnRequest(
        seat, state.round, state.observation(seat), state.legal_actions(seat), state
    )
    return render(prompt.text, prompt.game, request)


def _described(game: str, request: TurnRequest) -> dict[str, str]:
    words = _WORDS.get(game)
    if words is not None:
        return words(request.observation)
    return {
        "position": json.dumps(request.observation, ensure_ascii=False, default=str),
        "player": str(request.player),
        "turn": str(request.round + 1),
    }


def _remembered(turns: Sequence[PastTurn]) -> str:
    lines = [_remembered_turn(turn) for turn in turns]
    return "\n".join(["Your earlier turns:", *lines]) if lines else ""


def _remembered_turn(turn: PastTurn) -> str:
    played = f"Turn {turn.step + 1}: {plain_line(turn.action)[:REMEMBERED_CHARACTERS]}"
    if turn.fault is not None:
        played += " (drawn by chance: your reply named no legal action)"
    if not turn.rationale:
        return played
    said = plain_line(turn.rationale)
    clipped = said if len(said) <= REMEMBERED_CHARACTERS else f"...{said[-REMEMBERED_CHARACTERS:]}"
    return f"{played} - you wrote: {clipped}"
