import math
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from arena_pipeline.errors import ArenaError, NotFound
from arena_pipeline.registry.acts.agents import add_agent, disable_agents, enable_agents
from arena_pipeline.registry.acts.audit import ActRefused, audit
from arena_pipeline.registry.acts.models import ActReport
from arena_pipeline.registry.agents import agent, agents
from arena_pipeline.registry.declared.agents import AgentsReport, sync_agents
from arena_pipeline.registry.declared.models_file import parse_models_file
from arena_pipeline.registry.models import AmbiguousName
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Agent, AuditEntry, Kind
from arena_pipeline_tests.agents import add_agents
from arena_pipeline_tests.catalog.rows import MAY, row
from arena_pipeline_tests.registry.days import Days, everything

POLICIES = {"random": "1", "search": "2"}
BOT = "bots: [{alias: bot, policy: random}]"
DEEP = "bots: [{alias: bot, policy: search}]"


@pytest.fixture
def known(days: Days) -> Store:
    """A store that knows two models under one more name."""
    days.next(
        row("acme/one", name="Acme: One", canonical_slug="acme/twins"),
        row("acme/two", canonical_slug="acme/twins"),
    )
    return days.store


def declare(store: Store, text: str) -> AgentsReport:
    return sync_agents(store, parse_models_file(text, "f"), policies=POLICIES)


def active(store: Store) -> list[str]:
    return [row.alias for row in agents(store, active=True)]


def test_a_person_adds_an_agent_that_plays_with_a_model(known: Store) -> None:
    added = add_agent(
        known, "low", model="Acme: One", title="Low", settings={"effort": "low"}, actor="ada"
    )

    assert added == agent(known, "low")
    assert (added.kind, added.model, added.model_version) == ("llm", "acme/one", 1)
    assert (added.title, added.settings, added.source) == ("Low", {"effort": "low"}, "person")
    assert (added.active, added.version, added.is_default) == (True, 1, False)


def test_a_person_adds_a_bot_with_the_version_of_its_policy(known: Store) -> None:
    added = add_agent(
        known, "deep", policy="search", settings={"depth": 4}, policies=POLICIES, actor="ada"
    )

    assert (added.kind, added.model, added.model_version) == ("bot", None, None)
    assert added.settings == {"policy": "search", "policy_version": "2", "depth": 4}


def test_a_bot_may_not_be_called_like_a_model_s_slug(known: Store) -> None:
    before = everything(known, Agent, AuditEntry)

    with pytest.raises(ActRefused, match="could be a model's slug"):
        add_agent(known, "acme/three", policy="random", policies=POLICIES, actor="ada")

    assert everything(known, Agent, AuditEntry) == before
    added = add_agent(known, "acme/three", model="acme/one", actor="ada")
    assert (added.alias, added.model) == ("acme/three", "acme/one")


def test_who_added_an_agent_is_written_down(known: Store) -> None:
    add_agent(known, "low", model="acme/one", actor="ada", reason="curious")

    (entry,) = audit(known)

    assert (entry.action, entry.subject, entry.actor, entry.reason) == (
        "add",
        "low",
        "ada",
        "curious",
    )
    assert entry.before is None
    assert entry.after == {"kind": "llm", "model": "acme/one", "settings": {}, "title": None}


def test_the_same_agent_asked_for_again_is_the_same(known: Store) -> None:
    settings = {"effort": "low", "x": 1.0}
    add_agent(known, "low", model="acme/one", title="Low", settings=settings, actor="ada")
    before = everything(known, Agent, Kind, AuditEntry)

    again = add_agent(known, "low", model="Acme: One", settings=settings, actor="bob")

    assert again.alias == "low"
    assert everything(known, Agent, Kind, AuditEntry) == before


def test_another_title_makes_no_other_agent(known: Store) -> None:
    add_agent(known, "low", model="acme/one", title="Low", actor="ada")

    assert add_agent(known, "low", model="acme/one", title="Lower", actor="ada").title == "Lower"
    assert [entry.action for entry in audit(known)] == ["title", "add"]


def test_an_alias_that_is_taken_names_who_has_it(known: Store) -> None:
    declare(known, BOT)
    add_agent(known, "mine", model="acme/one", actor="ada")
    before = everything(known, Agent, AuditEntry)

    for alias, holder in (("bot", "models.yaml declares"), ("mine", "added with other settings")):
        with pytest.raises(ActRefused, match=f"alias '{alias}' is taken by {alias}, .*{holder}"):
            add_agent(known, alias, model="acme/two", actor="ada")
    assert everything(known, Agent, AuditEntry) == before


def test_the_name_of_a_family_is_taken_too(known: Store) -> None:
    add_agents(known, "old@2")

    with pytest.raises(ActRefused, match="taken by old@2"):
        add_agent(known, "old", policy="random", actor="ada")


def test_the_models_file_cant_take_over_an_agent_of_a_person(known: Store) -> None:
    before = add_agent(known, "bot", policy="random", policies=POLICIES, actor="ada")

    ((alias, _),) = declare(known, BOT).rejected

    assert alias == "bot"
    assert agent(known, "bot") == before


@pytest.mark.parametrize("alias", ["", "a b", "a@2", "../a", "x" * 101, "-a", "a\n"])
def test_an_alias_that_no_agent_can_have_is_refused(known: Store, alias: str) -> None:
    with pytest.raises(ActRefused, match="is no alias"):
        add_agent(known, alias, policy="random", actor="ada")


def nested(levels: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("settings", "fault"),
    [
        ({"x": math.nan}, "the number nan"),
        ({"x": "a\0b"}, "the text"),
        ({"x": [1 << 20_000]}, "a number of 20001 bits"),
        ({"x": {1, 2}}, "no JSON"),
        ({1: "x"}, "no JSON"),
        ({"x": nested(2000)}, "no JSON"),
    ],
)
@pytest.mark.parametrize("who", [{"model": "acme/one"}, {"policy": "random"}])
def test_settings_that_cant_be_kept_are_refused(
    known: Store, who: dict[str, str], settings: dict[str, Any], fault: str
) -> None:
    with pytest.raises(ActRefused, match=f"x can't be added: .*{fault}"):
        add_agent(known, "x", **who, settings=settings, actor="ada")  # type: ignore[arg-type]

    assert agents(known) == ()


@pytest.mark.parametrize("who", [{}, {"model": "acme/one", "policy": "random"}])
def test_an_agent_plays_with_a_model_or_by_a_policy(known: Store, who: dict[str, str]) -> None:
    with pytest.raises(ActRefused, match="either a model or a policy"):
        add_agent(known, "x", **who, actor="ada")  # type: ignore[arg-type]


def too_deep(policy: str, settings: Mapping[str, Any]) -> str | None:
    return "9 is too deep" if settings.get("depth") == 9 else None


@pytest.mark.parametrize(
    ("who", "error", "fault"),
    [
        ({"policy": "serch"}, ActRefused, "did you mean 'search'"),
        ({"policy": "search", "settings": {"depth": 9}}, ActRefused, "9 is too deep"),
        ({"policy": "search", "settings": {"policy": "x"}}, ActRefused, "can't be one of"),
        ({"model": "acme/on"}, NotFound, "did you mean 'acme/one'"),
        ({"model": "acme/twins"}, AmbiguousName, "acme/one, acme/two"),
        ({"model": "acme/one", "title": "\n"}, ActRefused, "A title has 1 to 200"),
    ],
)
def test_what_nobody_can_play_is_refused_and_nothing_is_left_behind(
    known: Store, who: dict[str, Any], error: type[ArenaError], fault: str
) -> None:
    with pytest.raises(error, match=fault):
        add_agent(known, "x", **who, policies=POLICIES, refusal=too_deep, actor="ada")

    assert (agents(known), audit(known)) == ((), ())


def test_a_disabled_agent_stays_off_whatever_the_models_file_says(known: Store) -> None:
    declare(known, BOT)

    assert disable_agents(known, ["bot"], actor="ada", reason="boring").done == ("bot",)
    declare(known, BOT)

    assert (agent(known, "bot").active, agent(known, "bot").active_set_by) == (False, "person")
    (entry,) = audit(known)
    assert (entry.action, entry.reason) == ("disable", "boring")
    assert entry.before == {"active": True, "active_set_by": None}


def test_other_settings_in_the_models_file_dont_bring_a_disabled_agent_back(known: Store) -> None:
    declare(known, BOT)
    disable_agents(known, ["bot"], actor="ada")

    declare(known, DEEP)
    assert active(known) == []

    assert enable_agents(known, ["bot"], actor="ada").done == ("bot@2",)
    declare(known, DEEP)
    assert active(known) == ["bot@2"]


def test_an_enabled_agent_stays_on_whatever_the_models_file_says(known: Store) -> None:
    declare(known, "bots: [{alias: bot, policy: random, active: false}]")

    enable_agents(known, ["bot"], actor="ada")
    declare(known, "bots: [{alias: bot, policy: random, active: false}]")

    assert active(known) == ["bot"]


@pytest.mark.parametrize("switch", [disable_agents, enable_agents])
def test_switching_again_changes_nothing_unless_for_another_reason(
    known: Store, switch: Callable[..., ActReport]
) -> None:
    declare(known, BOT)
    switch(known, ["bot"], actor="ada", reason="why")
    before = everything(known, Agent, AuditEntry)

    for reason in ("why", None):
        assert switch(known, ["bot"], actor="bob", reason=reason).unchanged == ("bot",)
    assert everything(known, Agent, AuditEntry) == before

    assert switch(known, ["bot"], actor="bob", reason="because").done == ("bot",)
    assert [entry.reason for entry in audit(known)] == ["because", "why"]


def test_an_agent_of_a_replaced_model_asked_for_again_is_its_successor(
    known: Store, days: Days
) -> None:
    add_agent(known, "low", model="acme/one", actor="ada")
    days.next(row("acme/one", created=MAY + 86_400), row("acme/two"))

    assert add_agent(known, "low", model="acme/one", actor="ada").alias == "low@2"


@pytest.mark.parametrize("switch", [disable_agents, enable_agents])
def test_switching_needs_a_name(known: Store, switch: Callable[..., ActReport]) -> None:
    with pytest.raises(ActRefused, match="Name the agents"):
        switch(known, [], actor="ada")
