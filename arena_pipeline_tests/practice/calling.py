"""Calling a practice server as any client does: over a socket."""

import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any

from arena_pipeline.games.chance import SeededChance
from arena_pipeline.games.snake import Snake
from arena_pipeline.players.llm.snake import describe
from arena_pipeline.practice.serving import Address

PATIENCE_S = 30


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: status, headers (names in small letters) and body."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def document(self) -> Any:
        """The body as JSON."""
        return json.loads(self.text)


def call(url: str, body: object = None, key: str | None = None) -> Reply:
    """GET, or POST where there is a body; an error status is a reply like any other."""
    request = urllib.request.Request(
        url,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Content-Type": "application/json"}
        | ({"Authorization": f"Bearer {key}"} if key else {}),
    )
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
            return _read(answer.status, answer)
    except urllib.error.HTTPError as error:
        with error:
            return _read(error.code, error)


def ask(at: Address, model: str, text: str, key: str | None = None, **more: Any) -> Reply:
    """One chat completion."""
    body = {"model": model, "messages": [{"role": "user", "content": text}], **more}
    return call(f"{at.base_url}/chat/completions", body, key)


def position(seed: int = 1) -> str:
    """A starting position of Snake in the words that a language model is told."""
    snake = Snake()
    settings = snake.settings({})
    chance = SeededChance(seed)
    state = snake.initial_state(settings, snake.seats(settings, 2, chance), chance)
    return describe(state.observation(0))


def _read(status: int, answer: Any) -> Reply:
    headers = {name.lower(): value for name, value in answer.headers.items()}
    return Reply(status, headers, answer.read().decode())
