"""Another model behind a known slug: its agents get new versions, and the old ones keep theirs."""

from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from arena_pipeline.evaluation.queue import enqueue
from arena_pipeline.matches.recorder import Recorder
from arena_pipeline.registry.agents import AgentRow, agent, agents
from arena_pipeline.registry.declared.agents import sync_agents
from arena_pipeline.registry.declared.models_file import parse_models_file
from arena_pipeline.registry.models import model
from arena_pipeline.registry.syncing.versions import version_agents
from arena_pipeline.registry.transaction import registry_write
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Agent, Evaluation, Prompt, RatingEvent, Standing
from arena_pipeline_tests.agents import NOON, add_agents, finished_match
from arena_pipeline_tests.catalog.rows import MAY, row
from arena_pipeline_tests.registry.days import Days, everything

DECLARED = """
agents:
  - {alias: low, model: acme/one, title: Low, settings: {effort: low, temperature: 0.5}}
  - {alias: high, model: acme/one, settings: {effort: high}}
  - {alias: other, model: acme/two}
bots: [{alias: rand, policy: random}]
"""
OTHERS = [row(f"acme/{name}") for name in ("two", "three", "four", "five")]


def repointed(days: Days, times: int = 1) -> Sequence[str]:
    """The next day another model stands behind acme/one; aliases of the agents made for it."""
    return days.next(row("acme/one", created=MAY + times), *OTHERS).agents_versioned


@pytest.fixture
def arena(days: Days) -> Days:
    """A store with models, and the agents of a models file."""
    days.next(row("acme/one"), *OTHERS)
    declare(days.store)
    return days


def declare(store: Store, text: str = DECLARED) -> Any:
    return sync_agents(store, parse_models_file(text, "f"))


def change(store: Store, alias: str, **values: Any) -> None:
    with store.write() as connection:
        connection.execute(update(Agent).where(Agent.alias == alias).values(**values))


def carried(found: AgentRow) -> tuple[Any, ...]:
    return (
        found.kind, found.title, found.model, found.settings, found.agent_class, found.source,
        found.active, found.active_set_by, found.is_default,
    )  # fmt: skip


def test_every_agent_of_the_model_gets_a_new_version_and_no_other_agent_does(arena: Days) -> None:
    before = {found.alias: found for found in agents(arena.store)}

    assert sorted(repointed(arena)) == ["high@2", "low@2"]

    after = {found.alias: found for found in agents(arena.store)}
    for family in ("low", "high"):
        old, new = after[family], after[f"{family}@2"]
        assert carried(new) == carried(before[family])
        assert (new.version, new.model_version, new.active) == (2, 2, True)
        assert (old.version, old.model_version, old.active) == (1, 1, False)
        assert old.config_digest == before[family].config_digest != new.config_digest
    assert (after["other"], after["rand"]) == (before["other"], before["rand"])


def test_the_models_file_finds_the_new_versions_in_place(arena: Days) -> None:
    repointed(arena)
    before = everything(arena.store, Agent)

    report = declare(arena.store)

    assert report.unchanged == ("high@2", "low@2", "other", "rand")
    assert everything(arena.store, Agent) == before


def test_each_time_the_slug_is_repointed_makes_one_more_version(arena: Days) -> None:
    repointed(arena)

    assert sorted(repointed(arena, times=2)) == ["high@3", "low@3"]
    assert [found.alias for found in agents(arena.store, active=True)] == [
        "high@3",
        "low@3",
        "other",
        "rand",
    ]


def test_a_slug_repointed_while_away_has_its_agents_versioned_too(arena: Days) -> None:
    arena.next(*OTHERS)

    assert sorted(repointed(arena)) == ["high@2", "low@2"]


def test_a_model_that_comes_back_as_itself_keeps_its_agents(arena: Days) -> None:
    arena.next(*OTHERS)

    assert repointed(arena, times=0) == ()


def test_who_was_switched_off_by_a_person_stays_so(arena: Days) -> None:
    change(arena.store, "low", active=False, active_set_by="person")

    assert sorted(repointed(arena)) == ["high@2", "low@2"]
    declare(arena.store)

    new = agent(arena.store, "low@2")
    assert (new.active, new.active_set_by) == (False, "person")
    assert [found.alias for found in agents(arena.store, active=True)] == [
        "high@2",
        "other",
        "rand",
    ]


def test_the_version_in_force_gets_the_successor_not_an_older_one(arena: Days) -> None:
    declare(arena.store, DECLARED.replace("effort: low", "effort: least"))

    assert sorted(repointed(arena)) == ["high@2", "low@3"]
    assert agent(arena.store, "low@3").settings["effort"] == "least"


def test_an_older_version_that_is_in_force_again_gets_the_successor(arena: Days) -> None:
    declare(arena.store, DECLARED.replace("effort: low", "effort: least"))
    declare(arena.store)
    repointed(arena)

    assert declare(arena.store).unchanged == ("high@2", "low@3", "other", "rand")
    assert agent(arena.store, "low@3").settings["effort"] == "low"


def test_who_plays_with_another_model_by_now_is_left_alone(arena: Days) -> None:
    declare(arena.store, DECLARED.replace("low, model: acme/one", "low, model: acme/two"))

    assert repointed(arena) == ("high@2",)
    assert agent(arena.store, "low@2").active


def test_the_default_agent_of_the_model_is_the_new_version(arena: Days) -> None:
    change(arena.store, "high", is_default=True)
    repointed(arena)

    assert [found.alias for found in agents(arena.store) if found.is_default] == ["high@2"]


def test_an_alias_that_somebody_else_has_is_not_taken(arena: Days) -> None:
    add_agents(arena.store, "low@2")

    assert sorted(repointed(arena)) == ["high@2", "low@3"]


def test_a_prompt_is_part_of_the_new_version(arena: Days) -> None:
    with arena.store.write() as connection:
        values = {
            "name": "p", "version": 1, "game": "snake", "digest": "d", "text": "t",
            "created_at": NOON,
        }  # fmt: skip
        prompt = connection.execute(insert(Prompt).values(values).returning(Prompt.id)).scalar_one()
    change(arena.store, "low", prompt_id=prompt, agent_class="small")
    repointed(arena)

    with arena.store.read() as connection:
        chosen = select(Agent.prompt_id, Agent.agent_class).where(Agent.alias == "low@2")
        assert tuple(connection.execute(chosen).one()) == (prompt, "small")


def test_versioning_again_without_another_model_changes_nothing(arena: Days) -> None:
    change(arena.store, "low", active=False)
    repointed(arena)
    before = everything(arena.store, Agent)

    with registry_write(arena.store) as connection:
        assert version_agents(connection, [model(arena.store, "acme/one").id]) == []

    assert everything(arena.store, Agent) == before


def test_old_ratings_stay_with_the_old_agent_and_the_new_one_is_placed_again(
    days: Days, arena_settings: Settings, recorder: Recorder
) -> None:
    days.next(row("acme/one"), *OTHERS)
    entrants = list(add_agents(days.store, "random", "greedy").values())
    change(
        days.store, "greedy",
        model_id=model(days.store, "acme/one").id, model_version=1, is_default=True,
    )  # fmt: skip
    recorder.record([finished_match(days.store, entrants, seed=seed) for seed in range(3)])
    ratings = everything(days.store, Standing, RatingEvent)
    assert ratings[0]

    assert repointed(days) == ("greedy@2",)
    enqueued = enqueue(days.store, arena_settings).enqueued

    assert everything(days.store, Standing, RatingEvent) == ratings
    assert sorted(enqueued) == ["greedy@2", "random"]
    new = agent(days.store, "greedy@2")
    with days.store.read() as connection:
        placed = list(connection.scalars(select(Evaluation.agent_id)))
    assert new.id in placed
    assert agent(days.store, "greedy").id not in placed
