"""What a practice model says: the position is read out of the prompt, and a bot's rule decides."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from arena_pipeline.games.chance import Chance, SeededChance
from arena_pipeline.games.protocol import GameError
from arena_pipeline.games.snake import Snake, SnakeState
from arena_pipeline.players import bots
from arena_pipeline.players.llm.snake import position_in
from arena_pipeline.practice.line_up import PracticeModel

WORDS = ("UP", "DOWN", "LEFT", "RIGHT")
"""What is said where a prompt holds no position that can be read."""

Conversation = Sequence[tuple[str, str]]
"""Messages as (role, text), the oldest first."""

_FINE = 1_000_000


class Dice:
    """Chance for one call. The same question asked for the same time is answered the same, whatever
    else is asked in between; asked again, it may be answered otherwise.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._asked: dict[bytes, int] = {}

    def for_call(self, slug: str, conversation: Conversation) -> SeededChance:
        """The chance of this call, which counts as asked from now on."""
        told = hashlib.sha256(slug.encode())
        for role, text in conversation:
            told.update(f"\0{role}\0{text}".encode("utf-8", "replace"))
        question = told.digest()[:12]
        times = self._asked[question] = self._asked.get(question, 0) + 1
        return SeededChance(self._seed, question.hex(), times)


def share(chance: Chance) -> float:
    """A number in [0, 1)."""
    return chance.below(_FINE) / _FINE


def move(model: PracticeModel, conversation: Conversation, chance: Chance) -> str:
    """The move the model decides on: always a word of the game, if not always a good one."""
    found = _position(conversation)
    if found is None:
        return WORDS[chance.below(len(WORDS))]
    state, player = found
    legal = state.legal_actions(player)
    if not legal or share(chance) < model.blunders:
        return WORDS[chance.below(len(WORDS))]
    return _policy(model).decide(state, player, legal, chance)


def _policy(model: PracticeModel) -> bots.BotPolicy:
    return bots.policy(model.policy).with_settings(model.settings)


def _position(conversation: Conversation) -> tuple[SnakeState, int] | None:
    """The newest position that the user's messages tell, and the seat that is asked."""
    for role, text in reversed(conversation):
        if role != "user":
            continue
        told = position_in(text)
        if told is not None:
            return _state(told)
    return None


def _state(told: Mapping[str, Any]) -> tuple[SnakeState, int] | None:
    try:
        width, height = told["board"]
        snakes, alive = told["snakes"], told.get("alive") or [True] * len(told["snakes"])
        settings = _settings(int(width), int(height))
        instance = {
            **{key: told[key] for key in ("board", "snakes", "apples")},
            "scores": told.get("scores") or [0] * len(snakes),
            "deaths": [None if lives else {"round": 0, "reason": "wall"} for lives in alive],
        }
        state = _SNAKE.initial_state(
            settings,
            _SNAKE.seats(settings, len(snakes), _NO_CHANCE),
            _NO_CHANCE,
            instance=instance,
        )
        return state, int(told["player"])
    except (GameError, KeyError, TypeError, ValueError):
        return None


@lru_cache(maxsize=64)
def _settings(width: int, height: int) -> dict[str, Any]:
    """A config with this board; how a match ends is nothing a rule of a bot asks for."""
    return _SNAKE.settings(
        {"width": width, "height": height, "apples": 0, "apple_target": None, "max_rounds": 100_000}
    )


_SNAKE = Snake()
_NO_CHANCE = SeededChance(0)


def conversation_of(messages: object) -> list[tuple[str, str]]:
    """Messages of a request as (role, text); what is no message is left out."""
    if isinstance(messages, str):
        return [("user", messages)]
    return [
        (str(message.get("role", "user")), _text(message.get("content")))
        for message in (messages if isinstance(messages, list) else ())
        if isinstance(message, Mapping)
    ]


def _text(content: object) -> str:
    if isinstance(content, str):
        return content
    parts: Iterable[object] = content if isinstance(content, list) else ()
    return "\n".join(
        str(part.get("text", "")) for part in parts if isinstance(part, Mapping) and "text" in part
    )
