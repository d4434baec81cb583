"""What an agent may be called, and helping with names that nothing answers to."""

import re
from collections.abc import Iterable
from difflib import get_close_matches

from arena_pipeline.catalog.row import is_slug

LONGEST_ALIAS = 100

_ALIAS = re.compile(r"[A-Za-z0-9][\w.+:/-]*", re.ASCII)
_NOT_IN_ALIAS = re.compile(r"[^\w.+:/-]+", re.ASCII)


def check_alias(text: str) -> str:
    """The alias as it is. Raises ValueError with what is wrong with it."""
    if len(text) > LONGEST_ALIAS or ".." in text or not _ALIAS.fullmatch(text):
        raise ValueError(
            f"{text[:60]!r} is no alias: letters, digits and . _ + : / - only, "
            "beginning with a letter or digit (@ is for versions)"
        )
    return text


def check_bot_alias(text: str) -> str:
    """The alias of somebody who plays without a model, as it is. Raises ValueError for one that a
    model could have as its slug: on a ladder of models the two would be one.
    """
    if is_slug(text):
        raise ValueError(
            f"{text[:60]!r} could be a model's slug (vendor/model), and who plays without a model "
            "stands beside models under its alias; choose one without a /"
        )
    return text


def alias_like(text: str) -> str:
    """The alias nearest to a name from elsewhere; the name itself where it can be one.

    Raises ValueError if nothing of the name can stand in an alias.
    """
    parts = re.sub(r"\.{2,}", ".", _NOT_IN_ALIAS.sub("-", text.strip()))
    alias = re.sub(r"^[\W_]+", "", parts)[:LONGEST_ALIAS]
    if not alias:
        raise ValueError(f"{text[:60]!r} has nothing an alias can be made of")
    return check_alias(alias)


def nearest(name: str, known: Iterable[str], limit: int = 3) -> str:
    """A half sentence naming what `name` may have meant, or nothing: "; did you mean 'greedy'?"."""
    by_lower = {word.lower(): word for word in sorted(known)}
    close = get_close_matches(name.lower(), by_lower, n=limit)
    return f"; did you mean {' or '.join(repr(by_lower[word]) for word in close)}?" if close else ""
