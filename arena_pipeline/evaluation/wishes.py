"""What a person wants evaluated, by the name of an agent or of a model."""

from dataclasses import dataclass

from sqlalchemy import select

from arena_pipeline.errors import ArenaError, NotFound
from arena_pipeline.evaluation.serving import home_ladders
from arena_pipeline.registry.acts.models import allow
from arena_pipeline.registry.enrolment import default_agent
from arena_pipeline.registry.models import resolve
from arena_pipeline.registry.policy.eligibility import OVERRULED
from arena_pipeline.registry.policy.verdicts import verdicts
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Agent, Model


class NoAgentFor(ArenaError):
    """A model that nobody can play with."""


@dataclass(frozen=True, slots=True)
class Wish:
    """Whom a person wants placed, and where. `allowed`: the model whose policy that overruled."""

    agent: str
    ladder: str
    allowed: str | None = None


def wished(
    store: Store, settings: Settings, name: str, *, actor: str, ladder: str | None = None
) -> Wish:
    """The agent of that alias, else the default agent of the model of that name, made if need be.

    What the policy leaves out by judgement is allowed from now on, with an entry in the audit; what
    is a fact (no key, no price, no budget) still holds. Without `ladder`: where it belongs. Raises
    NotFound, AmbiguousName, and NoAgentFor where there is no prompt to give it.
    """
    allowed = None
    with store.read() as connection:
        known = connection.scalar(select(Agent.id).where(Agent.alias == name))
    if known is not None:
        alias, slug = name, None
    else:
        agent = default_agent(store, name)
        if agent is None:
            raise NoAgentFor(
                f"There is no active prompt for {name!r} to play with (arena prompts lists them)"
            )
        alias, slug = agent.alias, agent.model
    if slug is not None:
        verdict = next((one for one in verdicts(store, settings) if one.model == slug), None)
        if verdict is not None and verdict.reason in OVERRULED:
            allow(store, [slug], actor=actor, reason=f"arena evaluate {name}")
            allowed = slug
    home = ladder or next(iter(home_ladders(store, settings, [alias])))
    return Wish(alias, home, allowed)


def agent_named(store: Store, name: str) -> str:
    """The agent of that alias, else the default agent of the model of that name; none is made.

    Raises NotFound.
    """
    with store.read() as connection:
        if connection.scalar(select(Agent.id).where(Agent.alias == name)) is not None:
            return name
        slug = resolve(connection, name)
        alias: str | None = connection.scalar(
            select(Agent.alias)
            .join(Model, Model.id == Agent.model_id)
            .where(Model.slug == slug, Agent.is_default)
        )
    if alias is None:
        raise NotFound(f"Nobody plays with {slug} yet, so there is nothing of it to cancel")
    return alias
