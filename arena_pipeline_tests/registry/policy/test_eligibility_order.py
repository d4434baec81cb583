"""Of several reasons that keep a model out the first is shown, whatever the catalog says."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena_pipeline.registry.models import ModelRow, TestStatus
from arena_pipeline.registry.policy.eligibility import OVERRULED, Policy, Reason, judge
from arena_pipeline_tests.registry.model_rows import NOW, POLICY, model_row

Case = tuple[ModelRow, Policy]


def with_row(**values: Any) -> Callable[[Case], Case]:
    return lambda case: (replace(case[0], **values), case[1])


def with_policy(**values: Any) -> Callable[[Case], Case]:
    return lambda case: (case[0], replace(case[1], **values))


def with_details(**values: Any) -> Callable[[Case], Case]:
    return lambda case: (replace(case[0], details=case[0].details | values), case[1])


SPOILED: dict[Reason, Callable[[Case], Case]] = {
    Reason.DENIED: with_row(access="deny", access_set_by="person"),
    Reason.REMOVED: with_row(removed_at=NOW),
    Reason.EXPIRING: with_details(expiration_date="2026-03-05"),
    Reason.ROUTER: with_details(alias_target={"slug": "acme/two"}),
    Reason.VARIANT: with_row(slug="acme/one:batch"),
    Reason.NO_TEXT: with_details(architecture={"output_modalities": ["image"]}),
    Reason.CONTEXT: with_row(context_length=3999),
    Reason.PRICE_UNKNOWN: with_row(price_completion=None),
    Reason.TOO_EXPENSIVE: with_policy(match_budget=Decimal("0.001")),
    Reason.NO_KEY: with_policy(missing_keys={"openrouter": "OPENROUTER_API_KEY"}),
    Reason.NO_BUDGET: with_policy(budget=Decimal(0)),
    Reason.TESTED: with_row(test_status=TestStatus.RANKED),
    Reason.RETIRED: with_row(retired_at=NOW),
}
"""What makes each reason, and no other, apply to a model that was eligible."""


def spoil(reasons: set[Reason]) -> Case:
    case: Case = (model_row(), POLICY)
    for reason in reasons:
        case = SPOILED[reason](case)
    return case


def test_reasons_are_shown_in_this_order() -> None:
    assert [str(reason) for reason in Reason] == [
        "denied", "removed", "expiring", "router", "variant not wanted", "no text output",
        "context too small", "price unknown", "too expensive", "no key", "no budget",
        "already tested", "retired",
    ]  # fmt: skip


@pytest.mark.parametrize("reason", Reason)
def test_each_reason_alone_keeps_a_model_out(reason: Reason) -> None:
    verdict = judge(*spoil({reason}), NOW)

    assert not verdict.eligible
    assert verdict.reason is reason
    assert verdict.detail


@given(st.sets(st.sampled_from(Reason)))
def test_of_several_reasons_the_first_is_shown(reasons: set[Reason]) -> None:
    first = next((reason for reason in Reason if reason in reasons), None)

    assert judge(*spoil(reasons), NOW).reason is first


@given(st.sets(st.sampled_from(Reason)))
def test_what_somebody_allows_is_kept_out_by_facts_alone(reasons: set[Reason]) -> None:
    row, policy = spoil(reasons - {Reason.DENIED})
    facts = reasons - OVERRULED - {Reason.DENIED}
    first = next((reason for reason in Reason if reason in facts), None)

    assert judge(replace(row, access="allow"), policy, NOW).reason is first
    assert {Reason.REMOVED, Reason.NO_TEXT, Reason.PRICE_UNKNOWN, Reason.NO_KEY}.isdisjoint(
        OVERRULED
    )


@given(st.sets(st.sampled_from(Reason)), st.sets(st.sampled_from(Reason)))
def test_only_those_asked_for_are_looked_for(reasons: set[Reason], among: set[Reason]) -> None:
    # A price that is unknown can't be found too high.
    found = reasons & among - ({Reason.TOO_EXPENSIVE} if Reason.PRICE_UNKNOWN in reasons else set())
    first = next((reason for reason in Reason if reason in found), None)

    assert judge(*spoil(reasons), NOW, among).reason is first


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
known_fields = st.sampled_from(
    ["architecture", "pricing", "expiration_date", "alias_target", "reasoning",
     "supported_parameters", "overrides", "output_modalities", "modality", "min_prompt_tokens",
     "utc_start", "utc_end", "request", "prompt"]
)  # fmt: skip
weird_details = st.recursive(
    st.dictionaries(known_fields, json_values, max_size=5),
    lambda inner: st.dictionaries(known_fields, inner | st.lists(inner, max_size=2), max_size=4),
    max_leaves=5,
)


@given(weird_details)
def test_whatever_the_catalog_says_there_is_a_verdict_whatever_the_order_of_its_fields(
    details: dict[str, Any],
) -> None:
    turned = dict(reversed(details.items()))

    assert judge(model_row(details=details), POLICY, NOW) == judge(
        model_row(details=turned), POLICY, NOW
    )
