"""What placing a model would cost, and what of each budget there is for it: for people."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Connection

from arena_pipeline.calls.expecting import Expectation, expected_seat
from arena_pipeline.calls.outstanding import outstanding
from arena_pipeline.calls.predictions import Prediction, predictions
from arena_pipeline.calls.spending.accounts import TOTAL_KEY, gateway_account, on_accounts
from arena_pipeline.calls.spending.caps import Caps
from arena_pipeline.registry.gateways import gateway_rows
from arena_pipeline.registry.models import ModelRow
from arena_pipeline.registry.policy.eligibility import Reason, Verdict, judge
from arena_pipeline.registry.policy.verdicts import policy_in
from arena_pipeline.settings import Settings

_OF_MONEY = frozenset(Reason) - {Reason.TESTED}


@dataclass(frozen=True, slots=True)
class BudgetLeft:
    """What of a budget is left (USD; None: it has no cap) and what a placement would take of it.

    `expected` is what matches under way still take. `fits`: whether the expected cost does.
    """

    name: str
    setting: str
    cap: Decimal | None
    left: Decimal | None
    expected: Decimal
    wanted: Decimal
    fits: bool


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a model's seat in a match, and a placement of `planned` matches, is expected to cost.

    Ranges hold 80 of 100. `expectation` and costs are None where a price is unknown. What opponents
    cost comes on top. `past`: its matches so far of which expectation and bill are known.
    """

    model: str
    agent: str | None
    gateway: str | None
    planned: int
    expectation: Expectation | None
    placement: tuple[Decimal, Decimal, Decimal] | None
    verdict: Verdict
    budgets: tuple[BudgetLeft, ...]
    past: tuple[Prediction, ...]

    @property
    def past_expected(self) -> Decimal:
        """USD that its past matches were expected to cost."""
        return sum((one.expected for one in self.past), Decimal())

    @property
    def past_billed(self) -> Decimal:
        """USD that they did cost."""
        return sum((one.billed for one in self.past), Decimal())


@dataclass(frozen=True, slots=True)
class Candidate:
    """Who is to be placed: a model, by an agent there is or by one as it would be made."""

    row: ModelRow
    gateway: str | None
    agent_id: int | None = None
    alias: str | None = None
    prompt_id: int | None = None


def estimate_placement(
    connection: Connection,
    settings: Settings,
    candidate: Candidate,
    config_id: int,
    now: datetime,
) -> Estimate:
    """What placing the candidate on that config is expected to cost at present prices."""
    row = candidate.row
    gateway = next((one for one in gateway_rows(connection) if one.name == candidate.gateway), None)
    expectation = expected_seat(
        connection,
        config_id=config_id,
        agent_id=candidate.agent_id,
        model_id=row.id,
        prompt_id=candidate.prompt_id,
        row=row,
        gateway=gateway,
    )
    planned = settings.placement_matches
    placement = None if expectation is None else expectation.of_matches(planned)
    verdict = judge(row, policy_in(connection, settings), now, _OF_MONEY, candidate.gateway)
    return Estimate(
        model=row.slug,
        agent=candidate.alias,
        gateway=candidate.gateway,
        planned=planned,
        expectation=expectation,
        placement=placement,
        verdict=verdict,
        budgets=tuple(_budgets(connection, settings, candidate.gateway, expectation, planned, now)),
        past=predictions(connection, agent_id=candidate.agent_id, model_id=row.id),
    )


def _budgets(
    connection: Connection,
    settings: Settings,
    gateway: str | None,
    expectation: Expectation | None,
    planned: int,
    now: datetime,
) -> Sequence[BudgetLeft]:
    match = Decimal() if expectation is None else expectation.cost
    caps = Caps(connection, settings, [gateway] if gateway else [])
    still = outstanding(connection)
    asked = [(caps.total(), TOTAL_KEY, still.total, match * planned)]
    if gateway:
        key = gateway_account(gateway, now)
        asked.append((caps.gateway(gateway), key, still.of_gateway(gateway), match * planned))
    amounts = on_accounts(connection, [key for _, key, _, _ in asked])
    found = [
        BudgetLeft("a match", "ARENA_MATCH_BUDGET", *_fresh(settings.match_budget, match)),
        BudgetLeft(
            "a placement",
            "ARENA_EVALUATION_BUDGET",
            *_fresh(settings.evaluation_budget, match * planned),
        ),
    ]
    for cap, key, expected, wanted in asked:
        left = None if cap.amount is None else max(cap.amount - amounts[key].taken, Decimal())
        fits = left is None or not wanted or wanted + expected <= left
        found.append(BudgetLeft(cap.name, cap.setting, cap.amount, left, expected, wanted, fits))
    return found


def _fresh(cap: Decimal, wanted: Decimal) -> tuple[Decimal, Decimal, Decimal, Decimal, bool]:
    """A budget that every match, or placement, has for itself."""
    return cap, cap, Decimal(), wanted, wanted <= cap
