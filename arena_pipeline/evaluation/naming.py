"""Names and seeds of matches that are known before they are played.

A match planned twice, by two processes or after a kill, is the same match: the recorder takes it
once.
"""

import hashlib
from uuid import UUID, uuid5

_NAMESPACE = UUID("6f5c1b0e-3a64-5d2b-9c1c-2f1f6a0f7a11")


def uuid_of(*parts: object) -> str:
    """The uuid that belongs to these parts."""
    return str(uuid5(_NAMESPACE, _join(parts)))


def seed_of(*parts: object) -> int:
    """The seed in [0, 2**63) that belongs to these parts."""
    return int.from_bytes(hashlib.sha256(_join(parts).encode()).digest()[:8]) >> 1


def _join(parts: tuple[object, ...]) -> str:
    return "\x1f".join(map(str, parts))
