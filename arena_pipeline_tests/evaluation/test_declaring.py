"""Agents declared with everything that is checked, and models enrolled: with a real catalog that a
practice server lists.
"""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from arena_pipeline.evaluation.declaring import call_refusal, declare_agents
from arena_pipeline.practice.line_up import LINE_UP
from arena_pipeline.practice.server import PracticeGateway
from arena_pipeline.practice.serving import Address, served
from arena_pipeline.registry.agents import agents
from arena_pipeline.registry.declared.failing import failing_policy
from arena_pipeline.registry.declared.models_file import parse_models_file
from arena_pipeline.registry.declared.overrides import sync_overrides
from arena_pipeline.registry.models import models
from arena_pipeline.registry.syncing.refresh import sync_from_network_or_sample
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store


def told(store: Store, settings: Settings, text: str) -> Any:
    """What came of a models file that says this."""
    file = parse_models_file(text, "f")
    sync_overrides(store, file, catalog_gateway=settings.catalog_gateway)
    return declare_agents(store, settings, file)


def test_bots_and_agents_are_checked_and_the_good_ones_come_in(
    store: Store, arena_settings: Settings
) -> None:
    done = told(
        store,
        arena_settings,
        """
        bots: [{alias: deep, policy: search, settings: {depth: 900}}]
        agents:
          - {alias: hot, model: me/x, settings: {temperature: 9}}
          - {alias: good, model: me/x, settings: {temperature: 1, seed: 7}}
        models: {bootstrap: [{slug: me/x}]}
        """,
    )

    assert done.agents.added == ("good",)
    assert [alias for alias, _ in done.agents.rejected] == ["deep", "hot"]
    assert done.prompts.added


@pytest.mark.parametrize("settings", [{}, {"gateway": "g", "client_name": "x"}, {"memory": 3}])
def test_settings_the_arena_knows_are_no_reason_to_refuse(settings: dict[str, Any]) -> None:
    assert call_refusal(settings) is None


def test_the_models_of_a_practice_catalog_are_enrolled(
    store: Store, arena_settings: Settings
) -> None:
    with served(PracticeGateway(LINE_UP, fault_rate=0.0, latency_s=0.0, seed=1)) as at:
        settings = _practising(arena_settings, at)
        sync_from_network_or_sample(store, settings)
        done = told(store, settings, f"gateways: [{{name: practice, base_url: {at.base_url}}}]")

    assert {one.gateway for one in models(store)} == {"practice"}
    assert done.enrolment.enrolled == done.enrolment.activated != ()
    assert {one.prompt for one in agents(store, kind="llm")} == {"snake@1"}
    assert (
        told(
            store, settings, f"gateways: [{{name: practice, base_url: {at.base_url}}}]"
        ).enrolment.enrolled
        == ()
    )


def test_when_failing_models_are_retired_the_file_says(
    arena_settings: Settings, tmp_path: Path
) -> None:
    path = tmp_path / "models.yaml"
    settings = arena_settings.model_copy(update={"models_file": path})
    path.write_text("models: {retire: {failing: {calls: 5}}}")
    policy = failing_policy(settings)
    path.write_text("")

    assert policy is not None
    assert (policy.calls, policy.share, policy.days) == (5, 0.9, 7)
    assert failing_policy(settings) is None


def _practising(settings: Settings, at: Address) -> Settings:
    return settings.model_copy(
        update={
            "catalog_url": at.catalog_url,
            "catalog_gateway": "practice",
            "activate_under": Decimal(1),
            "budget": Decimal(5),
        }
    )
