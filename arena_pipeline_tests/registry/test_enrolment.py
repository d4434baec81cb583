from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select

from arena_pipeline.errors import NotFound
from arena_pipeline.leaderboard.ladders import DEFAULT_LADDER
from arena_pipeline.registry.acts.models import activate, deactivate, reset
from arena_pipeline.registry.agents import AgentRow, agent, agents
from arena_pipeline.registry.declared.entries import ModelsFile
from arena_pipeline.registry.declared.models_file import parse_models_file
from arena_pipeline.registry.declared.overrides import sync_overrides
from arena_pipeline.registry.enrolment import (
    NO_PROMPT,
    NOT_ACTIVE,
    SWITCHED_OFF,
    Enrolment,
    default_agent,
    enrol,
    mark_placed,
)
from arena_pipeline.registry.models import TestStatus, model
from arena_pipeline.registry.prompts import register_prompts
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store, open_store
from arena_pipeline.store.tables import Agent, Evaluation, Ladder, Model
from arena_pipeline_tests.agents import add_agents
from arena_pipeline_tests.catalog.rows import MAY, row
from arena_pipeline_tests.registry.days import FIRST_DAY, Days, count, everything
from arena_pipeline_tests.registry.prompts.prompt_files import content, put
from arena_pipeline_tests.registry.stored import stored

FREE = row("acme/free", prompt="0", completion="0")
CHEAP = row("acme/cheap")
DEAR = row("acme/dear", prompt="0.0001", completion="0.001")

Enrol = Callable[..., Enrolment]


@pytest.fixture
def known(days: Days, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A store with three models, a key for their gateway, and a prompt."""
    monkeypatch.setenv("OPENROUTER_API_KEY", "k")
    days.next(FREE, CHEAP, DEAR)
    put(tmp_path / "prompts", "plain.md", content())
    register_prompts(days.store, [tmp_path / "prompts"])
    return days.store


@pytest.fixture
def enrolled(known: Store, arena_settings: Settings) -> Enrol:
    """Enrols with these settings."""

    def with_settings(**values: Any) -> Enrolment:
        return enrol(known, arena_settings.model_copy(update=values), FIRST_DAY)

    return with_settings


def defaults(store: Store) -> list[AgentRow]:
    return [one for one in agents(store) if one.is_default]


def test_an_active_model_that_may_be_evaluated_gets_its_default_agent(
    known: Store, enrolled: Enrol
) -> None:
    activate(known, ["acme/free", "acme/cheap", "acme/dear"], actor="me")

    report = enrolled(budget=Decimal(5))

    assert report.enrolled == ("acme/cheap", "acme/free")
    one = agent(known, "acme/free")
    assert (one.kind, one.model, one.model_version) == ("llm", "acme/free", 1)
    assert (one.prompt, one.settings, one.source) == ("plain@1", {}, "enrolment")
    assert (one.is_default, one.active, one.version) == (True, True, 1)
    assert report.waiting == {"too expensive": 1}


def test_without_a_budget_only_free_models_are_enrolled(known: Store, enrolled: Enrol) -> None:
    activate(known, ["acme/free", "acme/cheap"], actor="me")

    report = enrolled()

    assert report.enrolled == ("acme/free",)
    assert report.waiting == {"no budget (set ARENA_BUDGET)": 1, "too expensive": 1}


def test_enrolling_again_changes_nothing(known: Store, enrolled: Enrol) -> None:
    activate(known, ["acme/free"], actor="me")
    enrolled()
    before = everything(known, Agent, Model)

    assert enrolled().enrolled == ()
    assert everything(known, Agent, Model) == before


def test_who_is_not_active_or_switched_off_waits(known: Store, enrolled: Enrol) -> None:
    deactivate(known, ["acme/cheap"], actor="me")

    report = enrolled(budget=Decimal(5))

    assert report.enrolled == ()
    assert report.waiting == {NOT_ACTIVE: 1, SWITCHED_OFF: 1, "too expensive": 1}


def test_without_a_prompt_everybody_waits(
    days: Days, arena_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENROUTER_API_KEY", "k")
    days.next(FREE)
    activate(days.store, ["acme/free"], actor="me")

    assert enrol(days.store, arena_settings, FIRST_DAY).waiting == {NO_PROMPT: 1}
    assert default_agent(days.store, "acme/free") is None


def test_the_policy_makes_cheap_models_active_and_enrols_them(
    known: Store, enrolled: Enrol
) -> None:
    report = enrolled(budget=Decimal(5), activate_under=Decimal("0.10"))

    assert report.activated == report.enrolled == ("acme/cheap", "acme/free")
    by, why = stored(known, "acme/cheap", "is_active_set_by", "is_active_reason")
    assert by == "policy"
    assert "at most 0.1 (ARENA_ACTIVATE_UNDER)" in why


def test_the_policy_overrides_neither_a_person_nor_the_models_file(
    known: Store, enrolled: Enrol
) -> None:
    deactivate(known, ["acme/free"], actor="me")
    sync_overrides(known, parse_models_file("models: {active: [acme/cheap]}", "f"))

    report = enrolled(budget=Decimal(5), activate_under=Decimal(1))

    assert (report.activated, report.enrolled) == ((), ("acme/cheap",))
    assert stored(known, "acme/cheap", "is_active_set_by") == ("yaml",)
    reset(known, ["acme/free"], actor="me")
    assert enrolled(activate_under=Decimal(1)).activated == ("acme/free",)


def test_what_the_policy_made_active_rests_again_when_the_limit_falls(
    known: Store, enrolled: Enrol
) -> None:
    enrolled(budget=Decimal(5), activate_under=Decimal("0.10"))
    with known.write() as connection:
        placed = model(known, "acme/cheap").id
        assert not mark_placed(connection, placed)

    report = enrolled(budget=Decimal(5), activate_under=Decimal(0))

    assert report.rested == ("acme/cheap",)
    assert stored(known, "acme/cheap", "is_active", "is_active_set_by") == (False, None)
    assert enrolled(budget=Decimal(5)).rested == ("acme/free",)


def test_what_was_placed_stays_active_whatever_the_limit(known: Store, enrolled: Enrol) -> None:
    enrolled(activate_under=Decimal("0.10"))
    with known.write() as connection:
        ladder = select(Ladder.id).where(Ladder.name == DEFAULT_LADDER).scalar_subquery()
        own = agent(known, "acme/free").id
        connection.execute(
            insert(Evaluation).values(
                agent_id=own, ladder_id=ladder, state="ranked", planned=1, queued_at=FIRST_DAY
            )
        )

    assert enrolled().rested == ()
    assert model(known, "acme/free").test_status == TestStatus.RANKED


def test_a_placement_that_succeeds_makes_its_model_active_unless_a_person_said_no(
    known: Store,
) -> None:
    deactivate(known, ["acme/cheap"], actor="me")
    with known.write() as connection:
        assert mark_placed(connection, model(known, "acme/free").id)
        assert not mark_placed(connection, model(known, "acme/free").id)
        assert not mark_placed(connection, model(known, "acme/cheap").id)

    assert stored(known, "acme/free", "is_active", "is_active_set_by") == (True, "policy")
    assert stored(known, "acme/cheap", "is_active") == (False,)


def test_a_taken_alias_is_left_to_whom_it_belongs(known: Store, enrolled: Enrol) -> None:
    add_agents(known, "acme/free")
    activate(known, ["acme/free"], actor="me")

    assert enrolled().enrolled == ("acme/free+default",)


def test_another_model_behind_the_slug_gets_the_next_version(
    days: Days, known: Store, enrolled: Enrol
) -> None:
    activate(known, ["acme/free"], actor="me")
    enrolled()

    days.next({**FREE, "created": MAY + 1}, CHEAP, DEAR)

    assert enrolled().enrolled == ()
    (successor,) = defaults(known)
    assert (successor.alias, successor.prompt) == ("acme/free@2", "plain@1")
    assert (successor.model_version, successor.active) == (2, True)
    assert not agent(known, "acme/free").active


def test_a_new_prompt_version_makes_nobody_another_agent(
    known: Store, enrolled: Enrol, tmp_path: Path
) -> None:
    activate(known, ["acme/free", "acme/cheap"], actor="me")
    enrolled()
    put(tmp_path / "prompts", "plain.md", content("plain", "Better. {position}"))
    register_prompts(known, [tmp_path / "prompts"])

    assert enrolled(budget=Decimal(5)).enrolled == ("acme/cheap",)
    assert agent(known, "acme/free").prompt == "plain@1"
    assert agent(known, "acme/cheap").prompt == "plain@2"


def test_a_person_gets_the_default_agent_of_any_model(known: Store) -> None:
    one = default_agent(known, "acme/dear")

    assert one is not None
    assert one == default_agent(known, "acme/dear")
    assert (one.alias, one.is_default) == ("acme/dear", True)
    with pytest.raises(NotFound):
        default_agent(known, "acme/non")


def test_many_at_once_enrol_everybody_once(
    known: Store, store_url: str, arena_settings: Settings
) -> None:
    activate(known, ["acme/free", "acme/cheap"], actor="me")
    wanted = arena_settings.model_copy(update={"budget": Decimal(5)})

    def one(_: int) -> int:
        own = open_store(store_url)
        try:
            return len(enrol(own, wanted, FIRST_DAY).enrolled)
        finally:
            own.close()

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(one, range(4))) == [0, 0, 0, 2]
    assert count(known, Agent, Agent.is_default) == 2


def test_the_models_file_may_be_silent() -> None:
    assert ModelsFile().models.retire.failing is None
