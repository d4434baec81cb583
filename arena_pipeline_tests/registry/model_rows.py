"""Rows of models for tests of pure decisions, without a store."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from arena_pipeline.registry.models import ModelRow
from arena_pipeline.registry.policy.eligibility import Policy

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)

POLICY = Policy(
    wanted_variants=frozenset({"free", "thinking"}),
    min_context=4000,
    expiring_days=7,
    match_budget=Decimal("0.50"),
    budget=Decimal(5),
    missing_keys={"openrouter": None},
)
"""By which `model_row()` is eligible."""


def model_row(slug: str = "acme/one", **values: Any) -> ModelRow:
    """A cheap model of the catalog, listed now; `values` replace fields."""
    plain = ModelRow(
        id=1,
        slug=slug,
        source="openrouter",
        display_name="Acme: One",
        vendor="acme",
        client_name=slug,
        gateway="openrouter",
        version=1,
        is_active=False,
        is_active_set_by=None,
        is_active_reason=None,
        access="auto",
        access_set_by=None,
        access_reason=None,
        context_length=128_000,
        max_completion_tokens=8192,
        price_prompt=Decimal("0.1"),
        price_completion=Decimal("0.2"),
        listed_prompt=Decimal("0.1"),
        listed_completion=Decimal("0.2"),
        override_set_by=None,
        details={},
        upstream_created_at=NOW,
        discovered_at=NOW,
        last_seen_at=NOW,
        removed_at=None,
        retired_at=None,
        retired_reason=None,
        retired_set_by=None,
    )
    return replace(plain, **values)
