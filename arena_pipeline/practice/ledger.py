"""What the practice server says it served and billed: the other side of the arena's own ledger."""

import hashlib
from collections import deque
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import Any

MOST_CALLS = 200_000
"""How many served calls are kept one by one; of older ones only the sums are."""


@dataclass(frozen=True, slots=True)
class Served:
    """One call that was served and billed. Tokens and USD as the answer tells them, or would."""

    id: str
    key: str
    model: str
    prompt_tokens: int
    completion_tokens: int
    cost: Decimal
    fault: str | None = None


@dataclass(slots=True)
class Account:
    """Sums of one key at one model."""

    calls: int = 0
    served: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: Decimal = Decimal(0)
    faults: dict[str, int] = field(default_factory=dict)


class Ledger:
    """Everything asked of one server. Keys are told apart by a digest, never kept."""

    def __init__(self) -> None:
        self._accounts: dict[tuple[str, str], Account] = {}
        self._calls: deque[Served] = deque(maxlen=MOST_CALLS)
        self._at_once = 0
        self.most_at_once = 0

    def began(self, key: str, model: str) -> None:
        """A call has come."""
        self._account(key, model).calls += 1
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)

    def ended(self) -> None:
        """A call is over, whatever came of it."""
        self._at_once -= 1

    def failed(self, key: str, model: str, fault: str) -> None:
        """A call went wrong on purpose."""
        faults = self._account(key, model).faults
        faults[fault] = faults.get(fault, 0) + 1

    def bill(self, served: Served) -> None:
        """A call was served."""
        account = self._account(served.key, served.model)
        account.served += 1
        account.prompt_tokens += served.prompt_tokens
        account.completion_tokens += served.completion_tokens
        account.cost += served.cost
        self._calls.append(served)

    def spent(self, key: str) -> Decimal:
        """USD that one key was billed."""
        return sum((a.cost for (who, _), a in self._accounts.items() if who == key), Decimal(0))

    def document(self, *, with_calls: bool) -> dict[str, Any]:
        """Sums per key and model and over all, costs as decimal text; each call if wanted."""
        accounts = [
            {"key": key, "model": model, **asdict(account), "cost": str(account.cost)}
            for (key, model), account in sorted(self._accounts.items())
        ]
        whole = {
            name: sum(getattr(account, name) for account in self._accounts.values())
            for name in ("calls", "served", "prompt_tokens", "completion_tokens")
        }
        cost = sum((account.cost for account in self._accounts.values()), Decimal(0))
        told: dict[str, Any] = {
            **whole,
            "cost": str(cost),
            "most_at_once": self.most_at_once,
            "accounts": accounts,
        }
        if with_calls:
            told["served_calls"] = [{**asdict(one), "cost": str(one.cost)} for one in self._calls]
        return told

    def _account(self, key: str, model: str) -> Account:
        return self._accounts.setdefault((key, model), Account())


def key_label(authorization: str | None) -> str:
    """By what a key is known here."""
    if not authorization:
        return "no key"
    return hashlib.sha256(authorization.encode()).hexdigest()[:8]
