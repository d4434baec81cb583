"""Names that stand for no model: those a game was published under by a slip, or in place of one.

Their games are imported as all others and count on the ladder as published; on the clean one they
do not.
"""

from collections.abc import Mapping

REASONS: Mapping[str, str] = {
    "name": "the word of an empty form, as which two games were published",
    "LLMPlayer": "the name of SnakeBench's own class of players",
    "gpt-4o": "a name without a date, of one game that SnakeBench itself took back",
    "Auto Router": "a router: each call may have gone to another model",
}
"""By name as published (letter case counts) why it is nobody's."""


def is_placeholder(name: str) -> bool:
    """Whether no model goes by this name; one of nothing but spaces is nobody's either."""
    return name in REASONS or not name.strip()
