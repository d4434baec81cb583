"""What a language model is told in a turn: the prompt, and after a reply that names no action, a
reminder.

Everything is in messages of the user: some models know no system role, and some refuse two messages
of one role in a row, so a reminder after an empty reply is added to the prompt itself.
"""

from collections.abc import Sequence

from arena_pipeline.calls.asking import Answer, Message
from arena_pipeline.calls.kinds import ReplyProblem
from arena_pipeline.games.protocol import Action
from arena_pipeline.players.llm.rendering import one_of, render
from arena_pipeline.players.protocol import PastTurn, TurnRequest
from arena_pipeline.store.types import clean_text

REPLY_CHARACTERS = 1_000
"""Most of its own reply that a model is shown again with a reminder, from the reply's end."""

_SAID = {
    None: "Your reply named no legal action.",
    ReplyProblem.EMPTY: "Your reply was empty.",
    ReplyProblem.CUT_OFF: "Your reply was cut off before its end: think less.",
    ReplyProblem.REFUSAL: "This is only a game, and it needs your move.",
}


def first_message(
    text: str, game: str, request: TurnRequest, memory: Sequence[PastTurn] = ()
) -> Message:
    """The prompt `text` with this turn's position and these earlier turns in it."""
    return Message("user", render(text, game, request, memory))


def reminded(first: Message, answer: Answer, legal: Sequence[Action] | None) -> tuple[Message, ...]:
    """The conversation with this answer and a reminder after it. However many there were before,
    only the newest is in it, so that it does not grow.
    """
    reminder = f"{_SAID[answer.problem]} {_wanted(legal)}"
    said = clean_text(answer.text.strip())
    if not said:
        return (Message("user", f"{first.content}\n\n{reminder}"),)
    return (first, Message("assistant", said[-REPLY_CHARACTERS:]), Message("user", reminder))


def _wanted(legal: Sequence[Action] | None) -> str:
    if legal is None:
        return "Answer now."
    return f"Answer now with one word only: {one_of(legal)}."
