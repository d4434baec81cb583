"""Which action a language model's reply names: a pure function over hostile text.

What a reply means is decided by form alone, in this order:

1. What stands after the last closing tag of thoughts (`</think>` and its like) is the reply; all of
   it where nothing stands there.
2. The last line that says anything (or the block in braces that the reply ends with) is read
   first, the whole reply only if it names no action.
3. In each: an action that is labelled (`Move: LEFT`, `"action": "left"`, `answer = LEFT`) goes
   before one that is not; of several the last counts.

An action counts as a whole word in any case, with quotes, brackets or Markdown round it, but not
inside another word or a compound (`UPPER`, `follow-up`, `move_left`). One that is negated right
before is passed over: "not UP, but LEFT" and "LEFT, not UP" are both LEFT. Actions that differ only
in case are told apart where the reply spells one exactly.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

READ_CHARACTERS = 100_000
"""How much of the end of a reply is read: an answer that stands before that is none."""

FREE_TEXT_CHARACTERS = 4_000
"""Most of a reply that is taken as the action where any text is legal."""

_THOUGHTS = re.compile(r"</(?:think|thinking|thought|thoughts|reasoning|reflection)\s{0,9}>", re.I)
_DECOR = r"""[\s"'`*_({\[<:\\]{0,9}"""
_LABEL = (
    r"(?<![^\W_])(?:action|answer|choice|decision|direction|move|next[ _]move|output|response)"
    r"""["'`*_\s]{0,9}(?:[:=]|\bis\b)""" + _DECOR
)
_NEGATED = re.compile(
    r"""(?:\b(?:not|never|avoid|than|except|without)|n['\u2019]t|\binstead of)[\s"'`*_(]{1,9}$""",
    re.I,
)
_NEGATION_REACH = 24


def read_action(text: str, legal: Sequence[str]) -> str | None:
    """The action of `legal` that `text` names, spelled as there; None if it names none.

    Takes time linear in `READ_CHARACTERS` at most, and never raises.
    """
    pattern = _pattern(tuple(legal))
    if pattern is None:
        return None
    reply = said(text)
    found = _last(pattern, _last_line(reply))
    return found if found is not None else _last(pattern, reply)


def said(text: str) -> str:
    """The part of a reply that is its answer: what follows its thoughts, if anything does."""
    read = text[-READ_CHARACTERS:]
    after = read[max((tag.end() for tag in _THOUGHTS.finditer(read)), default=0) :]
    return after.strip() or read.strip()


def free_text(text: str) -> str | None:
    """The action where any text is legal: the whole answer, clipped; None if it is blank."""
    return said(text)[:FREE_TEXT_CHARACTERS] or None


class _Pattern:
    """Where the actions of one set stand in a text."""

    __slots__ = ("exact", "folded", "labelled", "plain")

    def __init__(self, legal: tuple[str, ...]) -> None:
        self.exact = frozenset(legal)
        self.folded = {action.casefold(): action for action in reversed(legal)}
        actions = "|".join(re.escape(a) for a in sorted(legal, key=len, reverse=True))
        word = (
            rf"(?<![^\W_])(?<![^\W_][_\-'\u2019])({actions})"
            r"(?![^\W_])(?![_\-'\u2019][^\W_])"
        )
        self.plain = re.compile(word, re.I)
        self.labelled = re.compile(_LABEL + word, re.I)

    def named(self, word: str) -> str | None:
        """The action this word is."""
        return word if word in self.exact else self.folded.get(word.casefold())


@lru_cache(maxsize=512)
def _pattern(legal: tuple[str, ...]) -> _Pattern | None:
    words = tuple(action for action in legal if action)
    return _Pattern(words) if words else None


def _last_line(text: str) -> str:
    """The last line with a letter or digit in it: a closing fence or brace is no line. A reply that
    ends with a brace has its last line begin where the brace was opened.
    """
    lines = reversed(text.splitlines())
    line = next((line for line in lines if any(sign.isalnum() for sign in line)), "")
    block = text.rstrip("`~ \t\r\n")
    if block.endswith("}"):
        opened = block.rfind("{")
        return max(line, block[opened:] if opened >= 0 else "", key=len)
    return line


def _last(pattern: _Pattern, text: str) -> str | None:
    """The last action in `text`, labelled ones before others."""
    for form in (pattern.labelled, pattern.plain):
        last = None
        for match in form.finditer(text):
            before = text[max(0, match.start(1) - _NEGATION_REACH) : match.start(1)]
            if not _NEGATED.search(before):
                last = pattern.named(match[1]) or last
        if last is not None:
            return last
    return None
