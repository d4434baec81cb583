"""Asking for every model of the registry whether it may be evaluated, and why not.

What belongs here: reading rows, settings and keys for `registry.policy.eligibility` to judge.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal

from sqlalchemy import ColumnElement, Connection, select

from arena_pipeline.registry.gateways import GatewayRow, gateway_rows
from arena_pipeline.registry.models import ModelRow, model_rows
from arena_pipeline.registry.policy.eligibility import Policy, Verdict, judge
from arena_pipeline.registry.policy.estimate import TokenGuess, first_guess
from arena_pipeline.registry.policy.measuring import measured_guess
from arena_pipeline.settings import Settings, key_is_set
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Spend

ELIGIBLE = "eligible"
"""Under which `counts` has those that may be evaluated."""

_OVER_ALL = "total"
"""The budget over all, as `spend` names it."""


def policy_of(
    settings: Settings,
    known: Iterable[GatewayRow],
    guess: TokenGuess = first_guess,
    taken: Decimal = Decimal(0),
) -> Policy:
    """The policy of these settings with those of the gateways that are declared.

    Of keys it is only asked whether the environment has them. `taken`: what of the budget (USD) is
    spent or set aside.
    """
    declared = {one.name: one for one in known if one.declared}
    return Policy(
        wanted_variants=frozenset(
            name for part in settings.wanted_variants.split(",") if (name := part.strip(" :"))
        ),
        min_context=settings.min_context,
        expiring_days=settings.expiring_days,
        match_budget=settings.match_budget,
        budget=settings.budget,
        missing_keys={name: _missing_key(one) for name, one in declared.items()},
        guess=guess,
        taken=taken,
        gateways=declared,
    )


def policy_in(
    connection: Connection, settings: Settings, guess: TokenGuess | None = None
) -> Policy:
    """The policy as it is now: with the gateways there are, what is left of the budget, and what
    models were measured to use in their matches (unless there is another `guess`).
    """
    return policy_of(
        settings, gateway_rows(connection), guess or measured_guess(connection), _taken(connection)
    )


def judged(
    connection: Connection, settings: Settings, now: datetime, *where: ColumnElement[bool]
) -> list[tuple[ModelRow, Verdict]]:
    """Models by slug for which everything in `where` holds, each with what the policy says of it
    at `now` (UTC).
    """
    policy = policy_in(connection, settings)
    return [(row, judge(row, policy, now)) for row in model_rows(connection, *where)]


def verdicts(store: Store, settings: Settings, now: datetime | None = None) -> tuple[Verdict, ...]:
    """What the policy says of every model at `now` (UTC; default: now), by slug."""
    with store.read() as connection:
        told = judged(connection, settings, now or datetime.now(UTC))
    return tuple(verdict for _, verdict in told)


def counts(judged: Iterable[Verdict]) -> dict[str, int]:
    """How many models there are of each reason, and eligible ones; the commonest first."""
    tally = Counter(str(one.reason or ELIGIBLE) for one in judged)
    return dict(sorted(tally.items(), key=lambda pair: (-pair[1], pair[0])))


def _taken(connection: Connection) -> Decimal:
    """USD of the budget over all that are spent, assumed to be, or set aside."""
    row = connection.execute(
        select(Spend.spent, Spend.assumed, Spend.reserved).where(Spend.budget == _OVER_ALL)
    ).first()
    return Decimal(0) if row is None else sum(row, Decimal(0))


def _missing_key(gateway: GatewayRow) -> str | None:
    variable = gateway.key_variable
    return None if variable is None or key_is_set(variable) else variable
