"""Whether a model may be evaluated, and if not, why.

Pure decisions over registry rows; no database, no clock of its own, no Dagster. The rows and the
policy are read in `registry.policy.verdicts`; whether an agent may play is in
`evaluation.eligibility`.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_UP, Context, Decimal
from enum import StrEnum

from arena_pipeline.catalog.row import CatalogModel
from arena_pipeline.registry.gateways import GatewayRow
from arena_pipeline.registry.models import ModelRow, TestStatus
from arena_pipeline.registry.policy.estimate import TokenGuess, estimate_match, first_guess
from arena_pipeline.store.tables import Access, SetBy
from arena_pipeline.store.types import plain_decimal


class Reason(StrEnum):
    """Why a model may not be evaluated, in words for people. Of several that apply the first here
    is the one shown.
    """

    DENIED = "denied"
    REMOVED = "removed"
    EXPIRING = "expiring"
    ROUTER = "router"
    VARIANT = "variant not wanted"
    NO_TEXT = "no text output"
    CONTEXT = "context too small"
    PRICE_UNKNOWN = "price unknown"
    TOO_EXPENSIVE = "too expensive"
    NO_KEY = "no key"
    NO_BUDGET = "no budget"
    TESTED = "already tested"
    RETIRED = "retired"


OVERRULED = frozenset(
    {Reason.EXPIRING, Reason.ROUTER, Reason.VARIANT, Reason.CONTEXT, Reason.TOO_EXPENSIVE}
)
"""Reasons of taste, which do not hold for a model that somebody allows. The others are facts."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What is wanted, what may be spent, and what can be called.

    `missing_keys` names each gateway there is with the environment variable that lacks its key;
    None: it can be called. `guess` says what a model is expected to use in a match. Of `budget`
    (USD) so much is `taken`: spent, or set aside for calls under way. `gateways` are those that
    name prices.
    """

    wanted_variants: frozenset[str]
    min_context: int
    expiring_days: float
    match_budget: Decimal
    budget: Decimal
    missing_keys: Mapping[str, str | None]
    guess: TokenGuess = first_guess
    taken: Decimal = Decimal(0)
    gateways: Mapping[str, GatewayRow] = field(default_factory=dict)

    @property
    def left(self) -> Decimal:
        """What of the budget may still be spent, in USD."""
        return max(self.budget - self.taken, Decimal(0))


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the policy says of one model. `detail` is half a sentence with the numbers, `estimate`
    USD for one match (None: unknown).
    """

    model: str
    reason: Reason | None
    detail: str | None
    estimate: Decimal | None

    @property
    def eligible(self) -> bool:
        """Whether it may be evaluated."""
        return self.reason is None


def judge(
    row: ModelRow,
    policy: Policy,
    now: datetime,
    among: Collection[Reason] = frozenset(Reason),
    gateway: str | None = None,
) -> Verdict:
    """Decide whether `row` may be evaluated at `now` (UTC).

    The first reason that applies wins, in the order of `Reason`, so that the same model always
    shows the same one. What somebody allows is measured by facts alone (`OVERRULED`). `among`: the
    reasons to look for. `gateway`: where it is called, if not at home.
    """
    called_at = gateway or row.gateway
    offer = policy.gateways.get(called_at) if called_at is not None else None
    estimate = estimate_match(row, policy.guess(row), gateway=offer)
    case = _Case(row, policy, now, estimate, called_at)
    allowed = row.access == Access.ALLOW
    for reason, applies in _RULES:
        if reason not in among or (allowed and reason in OVERRULED):
            continue
        if (detail := applies(case)) is not None:
            return Verdict(row.slug, reason, detail or None, case.estimate)
    return Verdict(row.slug, None, None, case.estimate)


@dataclass(frozen=True, slots=True)
class _Case:
    row: ModelRow
    policy: Policy
    now: datetime
    estimate: Decimal | None
    gateway: str | None


def _denied(case: _Case) -> str | None:
    if case.row.access != Access.DENY:
        return None
    return _and_why(f"by {_WHO.get(case.row.access_set_by, 'somebody')}", case.row.access_reason)


def _removed(case: _Case) -> str | None:
    gone = case.row.removed_at
    return None if gone is None else f"not in the catalog since {gone:%Y-%m-%d}"


def _expiring(case: _Case) -> str | None:
    day = CatalogModel(case.row.slug, case.row.display_name, details=case.row.details).expires
    if day is None or (left := (day - case.now.date()).days) > case.policy.expiring_days:
        return None
    return f"the catalog {'removes' if left >= 0 else 'was to remove'} it on {day}"


def _router(case: _Case) -> str | None:
    target = case.row.details.get("alias_target")
    if isinstance(target, dict) and isinstance(target.get("slug"), str):
        return f"it stands for {_shown(target['slug'])}"
    architecture = _architecture(case.row)
    if target or case.row.slug.startswith("~") or architecture.get("tokenizer") == "Router":
        return "it passes calls on to other models"
    return None


def _variant(case: _Case) -> str | None:
    variant = case.row.slug.partition(":")[2]
    if not variant or variant in case.policy.wanted_variants:
        return None
    wanted = ", ".join(sorted(case.policy.wanted_variants)) or "none"
    return f":{variant}; wanted: {wanted} (ARENA_WANTED_VARIANTS)"


def _no_text(case: _Case) -> str | None:
    architecture = _architecture(case.row)
    outputs, modality = architecture.get("output_modalities"), architecture.get("modality")
    if not isinstance(outputs, list) or not outputs:
        if not isinstance(modality, str) or "->" not in modality:
            return None
        outputs = modality.rpartition("->")[2].split("+")
    if "text" in outputs:
        return None
    named = ", ".join(sorted(output for output in outputs if isinstance(output, str)))
    return f"it gives {_shown(named) or 'nothing'}"


def _context(case: _Case) -> str | None:
    length = case.row.context_length
    if length is None or length >= case.policy.min_context:
        return None
    return f"{length:,} tokens, wanted {case.policy.min_context:,} (ARENA_MIN_CONTEXT)"


def _price_unknown(case: _Case) -> str | None:
    if case.estimate is not None:
        return None
    if case.row.price_prompt is None or case.row.price_completion is None:
        return "models.yaml can name one (models: prices)"
    return "not all of its prices can be read; models.yaml can name others (models: prices)"


def _too_expensive(case: _Case) -> str | None:
    limit = case.policy.match_budget
    if case.estimate is None or case.estimate <= limit:
        return None
    about = _usd(Context(prec=3, rounding=ROUND_UP).plus(case.estimate))
    return f"about {about} USD a match, limit {_usd(limit)} (ARENA_MATCH_BUDGET)"


def _no_key(case: _Case) -> str | None:
    gateway, keys = case.gateway, case.policy.missing_keys
    if gateway is None:
        return "it can't be called: no gateway"
    if gateway not in keys:
        return f"gateway {_shown(gateway)} is not declared in models.yaml"
    variable = keys[gateway]
    return None if variable is None else f"set {variable}"


def _no_budget(case: _Case) -> str | None:
    budget, left = case.policy.budget, case.policy.left
    if case.estimate == 0:
        return None
    if not budget:
        return "set ARENA_BUDGET"
    if left and (case.estimate is None or case.estimate <= left):
        return None
    if case.policy.taken:
        rest = f"{_usd(left)} of {_usd(budget)} USD are left" if left else "it is used up"
        return f"{rest}; raise ARENA_BUDGET"
    return f"a match may cost more than the {_usd(budget)} USD there are (ARENA_BUDGET)"


def _tested(case: _Case) -> str | None:
    return _TESTED.get(case.row.test_status)


def _retired(case: _Case) -> str | None:
    since = case.row.retired_at
    if since is None:
        return "its placement was" if case.row.test_status == TestStatus.RETIRED else None
    return _and_why(f"since {since:%Y-%m-%d}", case.row.retired_reason)


_Rule = Callable[[_Case], str | None]
"""Gives the detail if the reason applies, else None."""

_RULES: tuple[tuple[Reason, _Rule], ...] = (
    (Reason.DENIED, _denied),
    (Reason.REMOVED, _removed),
    (Reason.EXPIRING, _expiring),
    (Reason.ROUTER, _router),
    (Reason.VARIANT, _variant),
    (Reason.NO_TEXT, _no_text),
    (Reason.CONTEXT, _context),
    (Reason.PRICE_UNKNOWN, _price_unknown),
    (Reason.TOO_EXPENSIVE, _too_expensive),
    (Reason.NO_KEY, _no_key),
    (Reason.NO_BUDGET, _no_budget),
    (Reason.TESTED, _tested),
    (Reason.RETIRED, _retired),
)
_WHO: Mapping[str | None, str] = {
    SetBy.PERSON: "a person",
    SetBy.YAML: "models.yaml",
    SetBy.POLICY: "the policy",
}
_TESTED = {TestStatus.RANKED: "it is ranked", TestStatus.TESTING: "its placement is open"}
_LONGEST_SHOWN = 80


def _architecture(row: ModelRow) -> Mapping[str, object]:
    found = row.details.get("architecture")
    return found if isinstance(found, dict) else {}


def _and_why(fact: str, why: str | None) -> str:
    return f"{fact}: {why}" if why else fact


def _shown(text: str) -> str:
    """Words from outside, short and in one line."""
    return "".join(sign if sign.isprintable() else " " for sign in text)[:_LONGEST_SHOWN]


def _usd(amount: Decimal) -> str:
    """With cents at least."""
    whole, _, cents = plain_decimal(amount).partition(".")
    return f"{whole}.{cents:0<2}"
