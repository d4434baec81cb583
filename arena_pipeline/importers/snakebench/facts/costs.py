"""What SnakeBench says that a seat or a move cost, as amounts that can be true.

Its list of prices held -1 for a router, which made costs down to -6,473 USD; such an amount is
unknown, never nothing and never a credit.
"""

from decimal import Decimal

LARGEST = 1_000
"""USD above which what one seat is said to have cost in one game is a slip: the dearest model of
those years took 600 USD per million tokens, so that this is more than a million of them.
"""


def usd(raw: float | None) -> Decimal | None:
    """The amount in USD, exactly as it was written; None if it is missing or can't be one."""
    if raw is None or why_unknown(raw) is not None:
        return None
    return Decimal(repr(raw + 0))  # -0.0 is 0.0


def why_unknown(raw: float | None) -> str | None:
    """Why a published amount is none, for `participants.flags`; None for one that is, and where
    there is none.
    """
    if raw is None:
        return None
    if raw < 0:
        return "negative"
    if raw > LARGEST:
        return f"more than {LARGEST:,} USD"
    return None if raw >= 0 else "not a number"
