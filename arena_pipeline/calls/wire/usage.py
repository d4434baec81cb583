"""What a gateway says a call used and cost. A number that can't be is unknown, never zero."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from arena_pipeline.calls.wire.reply import Usage

MOST_TOKENS = 100_000_000
_LONGEST_SHOWN = 10**15
_MOST_DIGITS = 30
MOST_COST = Decimal(10_000)
"""USD above which the bill of one call is a slip of somebody's."""


def read_usage(value: object, remarks: list[str]) -> Usage:
    """The usage object of a completion or of the Responses API; what is odd goes into `remarks`.

    What was spent at a host on a key of one's own there ("byok") is added to the gateway's bill.
    """
    if not isinstance(value, Mapping):
        remarks.append("usage is missing" if value is None else "usage is no object")
        return Usage()
    read = _Reader(value, remarks)
    prompt = read.tokens("prompt_tokens", "input_tokens")
    completion = read.tokens("completion_tokens", "output_tokens")
    cached = read.tokens_within("cached_tokens", "prompt_tokens_details", "input_tokens_details")
    if cached is not None and (prompt is None or cached > prompt):
        remarks.append("more tokens cached than sent")
        cached = None
    return Usage(
        prompt_tokens=prompt,
        cached_tokens=cached,
        completion_tokens=completion,
        reasoning_tokens=read.tokens_within(
            "reasoning_tokens", "completion_tokens_details", "output_tokens_details"
        ),
        cost=read.bill(),
    )


class _Reader:
    def __init__(self, usage: Mapping[str, Any], remarks: list[str]) -> None:
        self._usage, self._remarks = usage, remarks

    def tokens(self, *names: str) -> int | None:
        for name in names:
            if self._usage.get(name) is not None:
                return self._count(name, self._usage[name])
        return None

    def tokens_within(self, name: str, *parts: str) -> int | None:
        for part in parts:
            details = self._usage.get(part)
            if isinstance(details, Mapping) and details.get(name) is not None:
                return self._count(name, details[name])
        return None

    def bill(self) -> Decimal | None:
        cost = self._amount("cost", self._usage.get("cost"))
        if self._usage.get("is_byok") is not True:
            return cost
        details = self._usage.get("cost_details")
        name = "upstream_inference_cost"
        upstream = self._amount(name, details.get(name)) if isinstance(details, Mapping) else None
        if cost is None or upstream is None:
            return None
        return cost + upstream

    def _count(self, name: str, value: object) -> int | None:
        if isinstance(value, int | Decimal) and not isinstance(value, bool):
            number = Decimal(value)
            is_whole = number.is_finite() and number == number.to_integral_value()
            if is_whole and 0 <= number <= MOST_TOKENS:
                return int(number)
        self._remarks.append(f"{name} is {_shown(value)}")
        return None

    def _amount(self, name: str, value: object) -> Decimal | None:
        if value is None:
            return None
        if isinstance(value, int | Decimal) and not isinstance(value, bool):
            amount = Decimal(value)
            if amount.is_finite() and 0 <= amount <= MOST_COST:
                return round(amount, 12)
        self._remarks.append(f"{name} is {_shown(value)}")
        return None


def _shown(value: object) -> str:
    if isinstance(value, int | Decimal):
        number = Decimal(value)
        is_short = number.is_finite() and number.copy_abs() < _LONGEST_SHOWN
        # Written out, 1e-9999999999 would fill the memory.
        is_short = is_short and int(number.as_tuple().exponent) >= -_MOST_DIGITS
        return f"{number:f}" if is_short else "out of bounds"
    return "no number"
