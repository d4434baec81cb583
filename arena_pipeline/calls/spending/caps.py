"""How high each budget may go, and which setting says so."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import Connection, bindparam, select

from arena_pipeline.calls.spending.accounts import AccountKey, Amounts
from arena_pipeline.settings import Settings
from arena_pipeline.store.tables import Evaluation, Gateway
from arena_pipeline.store.types import plain_decimal


@dataclass(frozen=True, slots=True)
class Cap:
    """The most that may be spent from an account (USD; None: no cap), and where that is said."""

    amount: Decimal | None
    setting: str
    name: str

    def lacks(self, amounts: Amounts, more: Decimal) -> bool:
        """Whether so much more (USD) does not fit now."""
        return self.amount is not None and amounts.taken + more > self.amount

    def is_gone(self, amounts: Amounts, more: Decimal) -> bool:
        """Whether it would not fit even if what is set aside came back in full."""
        return self.amount is not None and amounts.counted + more > self.amount

    def refusal(self, amounts: Amounts, more: Decimal) -> str:
        """Half a sentence on why so much more does not fit, with the numbers and the setting."""
        if not self.amount:
            return f"{self.name} is 0, so nothing may be spent; set {self.setting}"
        told = f"{plain_decimal(amounts.spent)} spent"
        if amounts.assumed:
            told += f", {plain_decimal(amounts.assumed)} assumed for calls of unknown cost"
        if amounts.reserved:
            told += f", {plain_decimal(amounts.reserved)} set aside for calls under way"
        return (
            f"up to {plain_decimal(more)} USD do not fit into {self.name} of "
            f"{plain_decimal(self.amount)} USD ({told}); {self.setting} sets it"
        )


class Caps:
    """The caps of all accounts that some calls are charged to, as they are in the store and the
    settings now.
    """

    def __init__(
        self,
        connection: Connection,
        settings: Settings,
        gateways: Collection[str] = (),
        evaluations: Collection[int] = (),
    ) -> None:
        self._total = Cap(settings.budget, "ARENA_BUDGET", "the budget over all")
        self._match = Cap(settings.match_budget, "ARENA_MATCH_BUDGET", "the budget of the match")
        self._gateways = {
            name: Cap(
                cap,
                f"daily_cap of gateway {name} in models.yaml",
                f"the day's budget of gateway {name}",
            )
            for name, cap in _daily_caps(connection, gateways).items()
        }
        self._evaluations = {
            number: Cap(
                settings.evaluation_budget if own is None else own,
                "ARENA_EVALUATION_BUDGET" if own is None else "its own budget",
                f"the budget of evaluation {number}",
            )
            for number, own in _own_budgets(connection, evaluations).items()
        }

    def total(self) -> Cap:
        """The cap over all."""
        return self._total

    def match(self) -> Cap:
        """The cap of any one match."""
        return self._match

    def gateway(self, name: str) -> Cap:
        """The cap of the day of one of the gateways that were asked for."""
        return self._gateways[name]

    def evaluation(self, number: int) -> Cap:
        """The cap of one of the evaluations that were asked for."""
        return self._evaluations[number]

    def over(self, keys: Iterable[AccountKey]) -> list[tuple[AccountKey, Cap]]:
        """The cap of each of these accounts."""
        return [(key, self._of(key)) for key in keys]

    def _of(self, key: AccountKey) -> Cap:
        kind, _, name = key.budget.partition(":")
        match kind:
            case "gateway":
                return self.gateway(name)
            case "evaluation":
                return self.evaluation(int(name))
            case "match":
                return self._match
            case _:
                return self._total


def _daily_caps(connection: Connection, gateways: Collection[str]) -> dict[str, Decimal | None]:
    """By gateway; one that nobody declared has none."""
    if not gateways:
        return {}
    rows = connection.execute(_DAILY, {"names": sorted(gateways)})
    return {**dict.fromkeys(gateways), **dict(rows.all())}


def _own_budgets(connection: Connection, numbers: Collection[int]) -> dict[int, Decimal | None]:
    """By evaluation; None where the setting counts."""
    if not numbers:
        return {}
    rows = connection.execute(_OWN, {"ids": sorted(numbers)})
    return {**dict.fromkeys(numbers), **dict(rows.all())}


_DAILY = select(Gateway.name, Gateway.daily_cap).where(
    Gateway.name.in_(bindparam("names", expanding=True))
)
_OWN = select(Evaluation.id, Evaluation.budget).where(
    Evaluation.id.in_(bindparam("ids", expanding=True))
)
