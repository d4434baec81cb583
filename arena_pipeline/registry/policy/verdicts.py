"""Asking for every model of the registry whether it may be evaluated, and why not.

What belongs here: reading rows, settings and keys for `registry.policy.eligibility` to judge.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime

from arena_pipeline.registry.gateways import GatewayRow, gateways
from arena_pipeline.registry.models import models
from arena_pipeline.registry.policy.eligibility import Policy, Verdict, judge
from arena_pipeline.registry.policy.estimate import TokenGuess, first_guess
from arena_pipeline.settings import Settings, key_is_set
from arena_pipeline.store import Store

ELIGIBLE = "eligible"
"""Under which `counts` has those that may be evaluated."""


def policy_of(
    settings: Settings, known: Iterable[GatewayRow], guess: TokenGuess = first_guess
) -> Policy:
    """The policy of these settings with those of the gateways that are declared.

    Of keys it is only asked whether the environment has them.
    """
    return Policy(
        wanted_variants=frozenset(
            name for part in settings.wanted_variants.split(",") if (name := part.strip(" :"))
        ),
        min_context=settings.min_context,
        expiring_days=settings.expiring_days,
        match_budget=settings.match_budget,
        budget=settings.budget,
        missing_keys={one.name: _missing_key(one) for one in known if one.declared},
        guess=guess,
    )


def verdicts(store: Store, settings: Settings, now: datetime | None = None) -> tuple[Verdict, ...]:
    """What the policy says of every model at `now` (UTC; default: now), by slug."""
    policy, moment = policy_of(settings, gateways(store)), now or datetime.now(UTC)
    return tuple(judge(row, policy, moment) for row in models(store))


def counts(judged: Iterable[Verdict]) -> dict[str, int]:
    """How many models there are of each reason, and eligible ones; the commonest first."""
    tally = Counter(str(one.reason or ELIGIBLE) for one in judged)
    return dict(sorted(tally.items(), key=lambda pair: (-pair[1], pair[0])))


def _missing_key(gateway: GatewayRow) -> str | None:
    variable = gateway.key_variable
    return None if variable is None or key_is_set(variable) else variable
