"""Patterns of slugs, in which * stands for anything: which of many is the first that fits."""

import re
from collections.abc import Iterable
from fnmatch import translate


class Patterns:
    """Patterns in order; a slug among them goes before those that only fit it."""

    def __init__(self, patterns: Iterable[str]) -> None:
        given = tuple(dict.fromkeys(patterns))
        self._all = frozenset(given)
        self._wild = [(p, re.compile(translate(p))) for p in given if is_pattern(p)]

    def first(self, slug: str) -> str | None:
        """The pattern that decides about `slug`; None if none fits."""
        if slug in self._all:
            return slug
        return next((pattern for pattern, fits in self._wild if fits.match(slug)), None)


def is_pattern(text: str) -> bool:
    """Whether this can stand for several slugs."""
    return any(sign in text for sign in "*?[")
