"""Helping with names that nothing answers to."""

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(name: str, known: Iterable[str], limit: int = 3) -> str:
    """A half sentence naming what `name` may have meant, or nothing: "; did you mean 'greedy'?"."""
    by_lower = {word.lower(): word for word in sorted(known)}
    close = get_close_matches(name.lower(), by_lower, n=limit)
    return f"; did you mean {' or '.join(repr(by_lower[word]) for word in close)}?" if close else ""
