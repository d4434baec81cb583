"""Whether a model may be evaluated, and the first reason if not."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from arena_pipeline.registry.gateways import GatewayRow
from arena_pipeline.registry.models import ModelRow, TestStatus
from arena_pipeline.registry.policy.eligibility import Policy, Reason, judge
from arena_pipeline.registry.policy.estimate import TokenUse
from arena_pipeline_tests.registry.model_rows import NOW, POLICY, model_row

WITHOUT_KEY = replace(POLICY, missing_keys={"openrouter": "OPENROUTER_API_KEY"})


def reason_of(row: ModelRow, policy: Policy = POLICY) -> Reason | None:
    return judge(row, policy, NOW).reason


def test_a_cheap_listed_model_with_a_key_and_a_budget_is_eligible() -> None:
    verdict = judge(model_row(), POLICY, NOW)

    assert verdict.eligible
    assert (verdict.reason, verdict.detail) == (None, None)
    assert verdict.estimate == Decimal("0.0054")


@pytest.mark.parametrize(
    ("by", "why", "detail"),
    [
        ("person", "too slow", "by a person: too slow"),
        ("yaml", None, "by models.yaml"),
        (None, None, "by somebody"),
    ],
)
def test_a_denied_model_says_by_whom_and_why(by: str | None, why: str | None, detail: str) -> None:
    row = model_row(access="deny", access_set_by=by, access_reason=why)

    assert judge(row, POLICY, NOW).detail == detail


@pytest.mark.parametrize(
    ("day", "detail"),
    [
        ("2026-03-08", "the catalog removes it on 2026-03-08"),
        ("2026-03-01", "the catalog removes it on 2026-03-01"),
        ("2026-02-20", "the catalog was to remove it on 2026-02-20"),
        ("2026-03-09", None),
        ("soon", None),
        (None, None),
    ],
)
def test_a_model_expires_within_the_days_of_the_setting_or_already_did(
    day: str | None, detail: str | None
) -> None:
    assert judge(model_row(details={"expiration_date": day}), POLICY, NOW).detail == detail


@pytest.mark.parametrize("days", [float("inf"), 1e300])
def test_any_number_of_days_can_be_asked_for(days: float) -> None:
    row = model_row(details={"expiration_date": "9999-12-31"})

    assert reason_of(row, replace(POLICY, expiring_days=days)) is Reason.EXPIRING


@pytest.mark.parametrize(
    "row",
    [
        model_row("openrouter/auto", details={"architecture": {"tokenizer": "Router"}}),
        model_row("~acme/one-latest"),
        model_row(details={"alias_target": {"slug": "acme/two", "name": "Two"}}),
    ],
)
def test_what_passes_calls_on_is_a_router(row: ModelRow) -> None:
    assert reason_of(row) is Reason.ROUTER


def test_a_router_of_unknown_price_is_a_router_and_allowed_its_price_is_unknown() -> None:
    row = model_row("~acme/one", price_prompt=None)

    assert reason_of(row) is Reason.ROUTER
    assert reason_of(replace(row, access="allow")) is Reason.PRICE_UNKNOWN


@pytest.mark.parametrize(
    ("slug", "reason"),
    [
        ("acme/one", None),
        ("acme/one:free", None),
        ("acme/one:thinking", None),
        ("acme/one:batch", Reason.VARIANT),
    ],
)
def test_variants_are_evaluated_if_the_setting_names_them(slug: str, reason: Reason | None) -> None:
    assert reason_of(model_row(slug)) is reason


@pytest.mark.parametrize(
    ("architecture", "reason"),
    [
        ({"output_modalities": ["text", "image"]}, None),
        ({"output_modalities": ["image", "audio"]}, Reason.NO_TEXT),
        ({"output_modalities": ["image"], "modality": "text->text"}, Reason.NO_TEXT),
        ({"modality": "text+image->text"}, None),
        ({"modality": "text->image"}, Reason.NO_TEXT),
        ({"modality": "multimodal"}, None),
        ({"output_modalities": [], "modality": None}, None),
        (None, None),
        ({}, None),
    ],
)
def test_a_model_has_to_write_text(architecture: object, reason: Reason | None) -> None:
    assert reason_of(model_row(details={"architecture": architecture})) is reason


def test_a_context_of_unknown_size_passes() -> None:
    assert reason_of(model_row(context_length=None)) is None
    assert reason_of(model_row(context_length=4000)) is None


def test_what_is_too_expensive_says_how_much_and_the_limit() -> None:
    dear = model_row(price_prompt=Decimal("3.001"), price_completion=Decimal(110))

    assert judge(dear, POLICY, NOW).detail == (
        "about 1.21 USD a match, limit 0.50 (ARENA_MATCH_BUDGET)"
    )


def test_a_match_may_cost_its_budget_and_not_a_trifle_more() -> None:
    row = model_row()
    exact = judge(row, POLICY, NOW).estimate
    assert exact is not None

    assert reason_of(row, replace(POLICY, match_budget=exact)) is None
    tighter = judge(row, replace(POLICY, match_budget=exact - Decimal("0.0001")), NOW)
    assert tighter.detail == "about 0.0054 USD a match, limit 0.0053 (ARENA_MATCH_BUDGET)"


def test_the_guess_of_what_a_match_takes_can_be_replaced() -> None:
    def measured(row: ModelRow) -> TokenUse:
        return TokenUse(100, 100_000, 0)

    assert judge(model_row(), replace(POLICY, guess=measured), NOW).estimate == 1


@pytest.mark.parametrize(
    ("gateway", "detail"),
    [
        ("openrouter", "set OPENROUTER_API_KEY"),
        ("together", "gateway together is not declared in models.yaml"),
        (None, "it can't be called: no gateway"),
    ],
)
def test_a_model_without_key_says_what_lacks(gateway: str | None, detail: str) -> None:
    verdict = judge(model_row(gateway=gateway), WITHOUT_KEY, NOW)

    assert (verdict.reason, verdict.detail) == (Reason.NO_KEY, detail)


def test_free_models_need_no_budget_others_do() -> None:
    poor = replace(POLICY, budget=Decimal(0))

    assert reason_of(model_row(price_prompt=Decimal(0), price_completion=Decimal(0)), poor) is None
    assert judge(model_row(), poor, NOW).detail == "set ARENA_BUDGET"


def test_a_budget_has_to_hold_a_match() -> None:
    holding, lacking = (
        judge(model_row(), replace(POLICY, budget=Decimal(budget)), NOW)
        for budget in ("0.0054", "0.0053")
    )

    assert holding.eligible
    assert (lacking.reason, lacking.detail) == (
        Reason.NO_BUDGET,
        "a match may cost more than the 0.0053 USD there are (ARENA_BUDGET)",
    )


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (TestStatus.UNTESTED, None),
        (TestStatus.TESTING, Reason.TESTED),
        (TestStatus.RANKED, Reason.TESTED),
        (TestStatus.RETIRED, Reason.RETIRED),
    ],
)
def test_a_model_that_is_or_was_placed_is_tested(status: TestStatus, reason: Reason | None) -> None:
    assert reason_of(model_row(test_status=status)) is reason


def test_a_retired_model_says_since_when_and_why() -> None:
    row = model_row(retired_at=NOW - timedelta(days=1), retired_reason="too old")

    assert judge(row, POLICY, NOW).detail == "since 2026-02-28: too old"


def test_names_from_outside_can_not_break_the_line() -> None:
    row = model_row(details={"alias_target": {"slug": "evil\n\x1b[31m" + "x" * 500}})
    detail = judge(row, POLICY, NOW).detail

    assert detail is not None
    assert detail.isprintable()
    assert len(detail) < 100


@pytest.mark.parametrize(
    ("taken", "reason", "detail"),
    [
        ("0", None, None),
        ("4.9946", None, None),
        ("4.995", Reason.NO_BUDGET, "0.005 of 5.00 USD are left; raise ARENA_BUDGET"),
        ("5", Reason.NO_BUDGET, "it is used up; raise ARENA_BUDGET"),
        ("7", Reason.NO_BUDGET, "it is used up; raise ARENA_BUDGET"),
    ],
)
def test_what_is_left_of_the_budget_counts_not_its_size(
    taken: str, reason: Reason | None, detail: str | None
) -> None:
    verdict = judge(model_row(), replace(POLICY, taken=Decimal(taken)), NOW)

    assert (verdict.reason, verdict.detail) == (reason, detail)


def test_a_model_called_elsewhere_has_the_prices_and_needs_the_key_of_that_gateway() -> None:
    local = GatewayRow(
        "local", "http://localhost/v1", price_prompt=Decimal(1), price_completion=Decimal(0)
    )
    policy = replace(
        POLICY, missing_keys={"openrouter": None, "local": "LOCAL_KEY"}, gateways={"local": local}
    )

    verdict = judge(model_row(), policy, NOW, gateway="local")

    assert (verdict.reason, verdict.detail) == (Reason.NO_KEY, "set LOCAL_KEY")
    assert verdict.estimate == Decimal("0.034")
    assert judge(model_row(), policy, NOW).estimate == Decimal("0.0054")


def test_a_model_without_a_price_has_that_of_its_gateway() -> None:
    bare = model_row(price_prompt=None, price_completion=None)
    home = GatewayRow(
        "openrouter", "http://localhost/v1", price_prompt=Decimal(0), price_completion=Decimal(0)
    )

    assert reason_of(bare) is Reason.PRICE_UNKNOWN
    assert (
        reason_of(bare, replace(POLICY, gateways={"openrouter": home}, budget=Decimal(0))) is None
    )
