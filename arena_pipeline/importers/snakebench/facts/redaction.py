"""Rationales without the account ids and keys that error messages let out.

Whole patterns are looked for in messages of failed calls only; in what a player wrote itself only
keys that can be nothing else.
"""

from arena_pipeline.importers.snakebench.facts.faults import is_provider_error
from arena_pipeline.masking import mask_error, mask_keys


def redact(text: str) -> str:
    """The text with account ids and keys replaced by `***`. What has none comes back as it is, and
    so does what was redacted before.
    """
    text = mask_keys(text)
    return mask_error(text) if is_provider_error(text) else text
