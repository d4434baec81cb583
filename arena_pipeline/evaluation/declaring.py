"""Agents as the models file declares them, with all that can be checked of their settings; then the
models that may play are enrolled.

What belongs here: bringing the checks of bots and calls to the registry, which knows neither.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from arena_pipeline.calls.parameters import BadParameters, CallParameters
from arena_pipeline.evaluation.setup import take_prompts
from arena_pipeline.leaderboard.ladders import ensure_practice
from arena_pipeline.players import bots
from arena_pipeline.registry.declared.agents import AgentsReport, sync_agents
from arena_pipeline.registry.declared.entries import ModelsFile
from arena_pipeline.registry.enrolment import Enrolment, enrol
from arena_pipeline.registry.prompts import PromptsReport
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store


@dataclass(frozen=True, slots=True)
class Declared:
    """What came of prompts, declared agents and models to be enrolled."""

    prompts: PromptsReport
    agents: AgentsReport
    enrolment: Enrolment


def declare_agents(store: Store, settings: Settings, models_file: ModelsFile) -> Declared:
    """Register prompts, make the agents what the models file declares, and enrol models. To be
    called after `sync_overrides`. Safe to repeat and beside others, each step for itself.
    """
    ensure_practice(store)
    prompts = take_prompts(store, settings)
    agents = sync_agents(
        store,
        models_file,
        policies=bots.versions(),
        refusal=bots.refusal,
        call_refusal=call_refusal,
    )
    return Declared(prompts, agents, enrol(store, settings))


def call_refusal(settings: Mapping[str, Any]) -> str | None:
    """Why no model can be called with these settings of an agent; None if one can."""
    try:
        CallParameters.of(settings)
    except BadParameters as error:
        return str(error)
    return None
