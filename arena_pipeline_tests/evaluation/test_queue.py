"""Who is put into the queue, once, and why others are not."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import insert, update

from arena_pipeline.errors import NotFound
from arena_pipeline.evaluation.grounds import NoGround
from arena_pipeline.evaluation.placement import next_placements
from arena_pipeline.evaluation.queue import enqueue, enqueue_again
from arena_pipeline.leaderboard.ladders import ensure_ladder
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline.store.tables import (
    CompetitorKind,
    Evaluation,
    EvaluationState,
    Kind,
    Model,
    ModelSource,
)
from arena_pipeline_tests.agents import NOON, add_agents
from arena_pipeline_tests.evaluation.arenas import count, evaluation, set_agent, set_evaluation


def add_model(store: Store, slug: str, **values: Any) -> int:
    """Put a model into the registry; without `values` it is free, and can be called with a key."""
    row = {
        "slug": slug,
        "source": ModelSource.OPENROUTER.value,
        "display_name": slug,
        "vendor": "acme",
        "gateway": "openrouter",
        "price_prompt": Decimal(0),
        "price_completion": Decimal(0),
        "discovered_at": NOON,
        **values,
    }
    with store.write() as connection:
        return int(connection.execute(insert(Model).values(row).returning(Model.id)).scalar_one())


@pytest.fixture
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment has a key for the gateway."""
    monkeypatch.setenv("OPENROUTER_API_KEY", "k")


def test_every_agent_that_may_play_is_enqueued_once(store: Store, arena_settings: Settings) -> None:
    add_agents(store, "greedy", "random")

    first, again = enqueue(store, arena_settings), enqueue(store, arena_settings)

    assert (first.enqueued, again.enqueued) == (("greedy", "random"), ())
    assert (first.open, again.open) == (2, 2)
    assert evaluation(store, "greedy").state == EvaluationState.QUEUED
    assert evaluation(store, "greedy").planned == arena_settings.placement_matches


@pytest.mark.usefixtures("key")
def test_those_who_may_not_play_are_counted_by_reason_and_named(
    store: Store, arena_settings: Settings
) -> None:
    add_agents(store, "greedy", "random", "flood", "no_such_policy")
    add_agents(store, "gpt", kind="llm")
    add_model(store, "known")
    add_model(store, "gone", removed_at=NOON)
    set_agent(store, "flood", active=False)

    report = enqueue(store, arena_settings)

    assert report.enqueued == ("greedy", "random")
    assert report.waiting == {
        "no prompt": 1,
        "not active (arena models activate, or ARENA_ACTIVATE_UNDER)": 1,
        "inactive": 1,
        "no bot with its policy": 1,
        "removed": 1,
    }
    assert ("gpt", "no prompt") in report.rows
    assert ("gone", "removed: not in the catalog since 2026-11-01") in report.rows


def test_models_nobody_plays_with_wait_for_the_first_reason_of_the_registry(
    store: Store, arena_settings: Settings
) -> None:
    add_model(store, "acme/free")
    add_model(store, "acme/dear", price_prompt=Decimal(30), price_completion=Decimal(60))
    add_model(store, "acme/cheap", price_prompt=Decimal("0.1"), price_completion=Decimal("0.2"))
    add_model(store, "acme/unknown", price_prompt=None)

    report = enqueue(store, arena_settings)

    assert report.waiting == {
        "no key (set OPENROUTER_API_KEY)": 2,
        "too expensive": 1,
        "price unknown": 1,
    }
    assert dict(report.rows)["acme/dear"] == (
        "too expensive: about 1.62 USD a match, limit 0.50 (ARENA_MATCH_BUDGET)"
    )


@pytest.mark.usefixtures("key")
def test_an_agent_waits_for_its_model_before_it_waits_for_a_player(
    store: Store, arena_settings: Settings
) -> None:
    model_id = add_model(store, "acme/one", price_prompt=Decimal(1), price_completion=Decimal(1))
    add_agents(store, "gpt", kind="llm")
    set_agent(store, "gpt", model_id=model_id, model_version=1, is_default=True)
    waiting = enqueue(store, arena_settings).waiting
    assert waiting == {"no budget (set ARENA_BUDGET)": 1}

    rich = arena_settings.model_copy(update={"budget": Decimal(5)})
    assert enqueue(store, rich).waiting == {"no prompt": 1}

    set_agent(store, "gpt", settings={"gateway": "together"})
    assert enqueue(store, rich).waiting == {
        "no key (gateway together is not declared in models.yaml)": 1
    }


def test_that_its_model_is_tested_keeps_no_agent_from_playing(
    store: Store, arena_settings: Settings
) -> None:
    add_agents(store, "greedy", "random", "flood")
    set_agent(store, "greedy", model_id=add_model(store, "acme/one"), is_default=True)
    enqueue(store, arena_settings)

    ready = next_placements(store, arena_settings, limit=9).ready

    assert [one.agent for one in ready] == ["greedy", "random", "flood"]


def test_a_bot_with_a_model_costs_nothing_but_its_model_must_be_there(
    store: Store, arena_settings: Settings
) -> None:
    add_agents(store, "greedy", "random", "flood")
    dear = add_model(store, "acme/dear", price_prompt=Decimal(900), price_completion=Decimal(900))
    gone = add_model(store, "acme/gone", removed_at=NOON, price_prompt=None)
    set_agent(store, "greedy", model_id=dear)
    set_agent(store, "flood", model_id=gone)

    report = enqueue(store, arena_settings)

    assert report.enqueued == ("greedy", "random")
    assert report.waiting == {"removed": 1}


def test_an_agent_made_for_an_earlier_model_behind_the_slug_can_not_play(
    store: Store, arena_settings: Settings
) -> None:
    add_agents(store, "greedy", "random", "flood", "careful_random")
    model_id = add_model(store, "acme/one", version=2)
    set_agent(store, "greedy", model_id=model_id, model_version=1, active=False)
    set_agent(store, "random", model_id=model_id, model_version=2)

    report = enqueue(store, arena_settings)

    assert report.enqueued == ("random", "flood", "careful_random")
    assert report.waiting == {"its model was replaced": 1}


def test_a_kind_that_is_switched_off_waits(store: Store, arena_settings: Settings) -> None:
    add_agents(store, "greedy", "random")
    with store.write() as connection:
        connection.execute(update(Kind).values(enabled=False))

    assert enqueue(store, arena_settings).waiting == {"kind switched off": 2}


def test_a_bot_alone_waits_for_somebody_to_play_against(
    store: Store, arena_settings: Settings
) -> None:
    add_agents(store, "greedy")
    assert enqueue(store, arena_settings).waiting == {"nobody to play against": 1}

    add_agents(store, "random")
    assert enqueue(store, arena_settings).enqueued == ("greedy", "random")


def test_whoever_is_ranked_or_being_placed_neither_waits_nor_is_enqueued(
    store: Store, arena_settings: Settings
) -> None:
    add_agents(store, "greedy", "random")
    enqueue(store, arena_settings)
    set_evaluation(store, "greedy", state=EvaluationState.RANKED)
    later = datetime.now(UTC) + timedelta(hours=1)
    set_evaluation(store, "random", state=EvaluationState.RUNNING, lease_until=later)

    report = enqueue(store, arena_settings)

    assert (report.enqueued, report.waiting) == ((), {})
    assert (report.open, report.ranked) == (1, 1)


def test_a_failed_placement_waits_for_a_person_who_gives_it_another_attempt(
    store: Store, arena_settings: Settings
) -> None:
    agents = add_agents(store, "greedy", "random")
    enqueue(store, arena_settings)
    set_evaluation(store, "greedy", state=EvaluationState.FAILED)
    assert enqueue(store, arena_settings).waiting == {"last placement failed": 1}

    assert enqueue_again(store, arena_settings, agents["greedy"].agent_id or 0, "snake")
    assert not enqueue_again(store, arena_settings, agents["greedy"].agent_id or 0, "snake")

    assert evaluation(store, "greedy").attempt == 2
    assert count(store, Evaluation) == 3


def test_what_is_next_are_the_longest_waiting_up_to_the_limit(
    store: Store, arena_settings: Settings
) -> None:
    add_agents(store, "greedy", "random", "flood")
    enqueue(store, arena_settings)
    set_evaluation(store, "flood", queued_at=NOON)

    ready = next_placements(store, arena_settings, limit=2).ready

    assert [one.agent for one in ready] == ["flood", "greedy"]
    assert len({one.run_key for one in ready}) == 2


def test_what_is_next_enqueues_whoever_is_new(store: Store, arena_settings: Settings) -> None:
    add_agents(store, "greedy", "random")

    assert len(next_placements(store, arena_settings, limit=9).ready) == 2
    assert len(next_placements(store, arena_settings, limit=9).ready) == 2
    assert count(store, Evaluation) == 2


def test_an_agent_switched_off_in_the_queue_is_not_started(
    store: Store, arena_settings: Settings
) -> None:
    add_agents(store, "greedy", "random", "flood")
    enqueue(store, arena_settings)
    set_agent(store, "flood", active=False)

    found = next_placements(store, arena_settings, limit=9)

    assert [one.agent for one in found.ready] == ["greedy", "random"]
    assert found.waiting == {"inactive": 1}


def test_nobody_to_place_is_explained_with_counts(store: Store, arena_settings: Settings) -> None:
    assert next_placements(store, arena_settings, limit=9).explain() == "Nobody to place."
    add_agents(store, "greedy", "random")
    add_agents(store, "gpt", kind="llm")
    add_model(store, "known")
    add_model(store, "other")
    add_model(store, "gone", removed_at=NOON)
    next_placements(store, arena_settings, limit=9)
    set_evaluation(store, "greedy", state=EvaluationState.RANKED)
    set_evaluation(store, "random", state=EvaluationState.RANKED)

    assert next_placements(store, arena_settings, limit=9).explain() == (
        "Nobody to place. 2 agents ranked; 4 wait: 2 no key (set OPENROUTER_API_KEY), "
        "1 no prompt, 1 removed"
    )


def test_a_ladder_nobody_can_play_for_says_why(store: Store, arena_settings: Settings) -> None:
    ensure_ladder(store, "names", "snake", competitor=CompetitorKind.NAME)

    with pytest.raises(NoGround, match="ranks names"):
        enqueue(store, arena_settings, "names")
    with pytest.raises(NotFound, match="there are"):
        enqueue(store, arena_settings, "no such ladder")
