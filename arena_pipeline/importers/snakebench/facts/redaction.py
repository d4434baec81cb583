"""Rationales without the account ids and keys that error messages let out.

Whole patterns are looked for in messages of failed calls only; in what a player wrote itself only
keys that can be nothing else. Each pattern begins at a fixed word and takes each sign once, so that
a text of any length takes time in proportion.
"""

import re
from collections.abc import Callable

from arena_pipeline.importers.snakebench.facts.faults import is_provider_error

MASK = "***"

_HAS_DIGIT = r"(?=[A-Za-z_*-]{0,200}[0-9])"
_ACCOUNT = r"(?=[A-Za-z]{20}|[A-Za-z]{0,30}[0-9])[A-Za-z0-9]{8,}"
_NAMED = r"(?:api[_-]?key|access[_-]?token|secret|password|authorization|token|key)"

_KEYS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("sk-", re.compile(rf"sk-(?<![\w-]sk-){_HAS_DIGIT}[\w*-]{{16,}}", re.ASCII)),
    ("gsk_", re.compile(rf"gsk_(?<![\w-]gsk_){_HAS_DIGIT}[A-Za-z0-9]{{20,}}")),
    ("AIza", re.compile(r"AIza(?<![\w-]AIza)[\w-]{30,}", re.ASCII)),
    ("hf_", re.compile(r"hf_(?<![\w-]hf_)[A-Za-z0-9]{30,}")),
    ("ghp_", re.compile(r"ghp_(?<![\w-]ghp_)[A-Za-z0-9]{30,}")),
    ("AKIA", re.compile(r"AKIA(?<![\w-]AKIA)[A-Z0-9]{16}(?![A-Z0-9])")),
    ("xai-", re.compile(rf"xai-(?<![\w-]xai-){_HAS_DIGIT}[A-Za-z0-9]{{20,}}")),
    ("eyJ", re.compile(r"eyJ(?<![\w.-]eyJ)[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}", re.ASCII)),
)
"""What can only be a key, with the letters that must occur for it."""

_BEARER = re.compile(rf"(earer (?<![a-z]earer )){_HAS_DIGIT}[\w.~+/=*-]{{16,}}", re.ASCII)

_IN_ERRORS: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = (
    (re.compile(r"\bsk-[\w*-]{4,}", re.ASCII), MASK),
    (re.compile(r"(earer )[\w.~+/=*-]{4,}", re.ASCII), rf"\1{MASK}"),
    (re.compile(rf"\b(user_|org[-_]|proj_|acct_){_ACCOUNT}", re.ASCII), rf"\1{MASK}"),
    (
        re.compile(
            rf"\b({_NAMED}['\"]?[ ]?[=:][ ]?['\"]?)(?!{re.escape(MASK)}|Bearer )"
            r"[\w.~+/=*-]{8,}",
            re.ASCII | re.IGNORECASE,
        ),
        rf"\1{MASK}",
    ),
    (re.compile(r"(://[^\s:@/'\"]{0,200}:)[^\s@/'\"]{1,200}@"), rf"\1{MASK}@"),
    (re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}", re.ASCII), MASK),
)


def redact(text: str) -> str:
    """The text with account ids and keys replaced by `***`. What has none comes back as it is, and
    so does what was redacted before.
    """
    for mark, pattern in _KEYS:
        if mark in text:
            text = pattern.sub(MASK, text)
    if "earer " in text:
        text = _BEARER.sub(rf"\1{MASK}", text)
    if is_provider_error(text):
        for pattern, masked in _IN_ERRORS:
            text = pattern.sub(masked, text)
    return text
