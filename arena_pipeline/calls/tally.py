"""What all attempts at one question took together."""

from dataclasses import dataclass
from decimal import Decimal

from arena_pipeline.calls.wire.sending import Sent


@dataclass(slots=True)
class Tally:
    """Sums over attempts: tokens, and USD; None as soon as one of them is unknown.

    An attempt that failed counts with what it said it took, and else with nothing, unless it may
    have been billed.
    """

    attempts: int = 0
    prompt_tokens: int | None = 0
    completion_tokens: int | None = 0
    cost: Decimal | None = Decimal(0)

    def add(self, sent: Sent) -> None:
        """Count another attempt."""
        usage, failed = sent.reply.usage, sent.reply.failure is not None
        self.attempts += 1
        self.prompt_tokens = _sum(self.prompt_tokens, usage.prompt_tokens, failed=failed)
        self.completion_tokens = _sum(
            self.completion_tokens, usage.completion_tokens, failed=failed
        )
        cost = sent.cost
        self.cost = None if self.cost is None or cost is None else self.cost + cost


def _sum(total: int | None, more: int | None, *, failed: bool) -> int | None:
    if more is None:
        return total if failed else None
    return None if total is None else total + more
