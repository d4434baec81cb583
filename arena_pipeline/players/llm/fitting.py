"""Whether a prompt fits a model's context, and what is left out first when it does not: memory.

Tokens are guessed from above here (nobody has every model's tokenizer), the room for an answer from
below: a prompt is refused only where no useful answer could follow it.
"""

from collections.abc import Callable, Sequence

from arena_pipeline.calls.asking import Callee, Message
from arena_pipeline.errors import ArenaError
from arena_pipeline.players.protocol import PastTurn

BYTES_PER_TOKEN = 2
"""Fewest bytes that a token of our prompts has on average: the sign and the space of a board."""

LEAST_ANSWER = 64
"""Tokens that an answer needs at least."""


class PromptTooLong(ArenaError):
    """A prompt that does not fit the model, even without memory."""


def fitting(
    callee: Callee, write: Callable[[Sequence[PastTurn]], Message], memory: Sequence[PastTurn]
) -> Message:
    """The message that `write` makes with as much of the newest memory as fits `callee`.

    Raises PromptTooLong naming the model and both numbers of tokens.
    """
    message = write(memory)
    if callee.context_length is None:
        return message
    room = callee.context_length - LEAST_ANSWER
    while memory and likely_tokens(message) > room:
        memory = memory[(len(memory) + 1) // 2 :]
        message = write(memory)
    needed = likely_tokens(message)
    if needed > room:
        raise PromptTooLong(
            f"the prompt of about {needed:,} tokens does not fit the {callee.context_length:,} of "
            f"{callee.client_name!r}; give its agent a shorter prompt, or the game a smaller board"
        )
    return message


def likely_tokens(message: Message) -> int:
    """About how many tokens a message is, guessed from above."""
    return len(message.content.encode(errors="replace")) // BYTES_PER_TOKEN + 1
