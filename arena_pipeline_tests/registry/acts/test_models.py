from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from arena_pipeline.registry.acts.audit import ActRefused, audit
from arena_pipeline.registry.acts.models import (
    ActReport,
    activate,
    allow,
    deactivate,
    deny,
    reset,
    retire,
)
from arena_pipeline.registry.declared.models_file import parse_models_file
from arena_pipeline.registry.declared.overrides import sync_overrides
from arena_pipeline.registry.models import ModelRow, model
from arena_pipeline.store import Store
from arena_pipeline.store.tables import AuditEntry, Model
from arena_pipeline_tests.catalog.rows import row
from arena_pipeline_tests.registry.days import FIRST_DAY, Days, everything

Act = Callable[..., ActReport]

ACTS: tuple[Act, ...] = (allow, deny, activate, deactivate, retire, reset)
SETTING = (allow, deny, activate, deactivate, retire)


@pytest.fixture
def known(days: Days) -> Store:
    """A store that knows three models, two of them under one name."""
    days.next(
        row("acme/one", name="Acme: One"),
        row("acme/two", canonical_slug="acme/twins"),
        row("acme/two:free", canonical_slug="acme/twins"),
    )
    return days.store


def one(store: Store) -> ModelRow:
    return model(store, "acme/one")


def access(store: Store) -> tuple[str, str | None, str | None]:
    return one(store).access, one(store).access_set_by, one(store).access_reason


def plays(store: Store) -> tuple[bool, str | None, str | None]:
    return one(store).is_active, one(store).is_active_set_by, one(store).is_active_reason


def retirement(store: Store) -> tuple[bool, str | None, str | None]:
    return one(store).retired_at is not None, one(store).retired_set_by, one(store).retired_reason


def apply(store: Store, text: str) -> None:
    sync_overrides(store, parse_models_file(text, "models.yaml"))


def test_a_person_allows_and_denies_with_a_reason(known: Store) -> None:
    assert deny(known, ["acme/one"], actor="ada", reason="cheats").done == ("acme/one",)
    assert access(known) == ("deny", "person", "cheats")

    assert allow(known, ["acme/one"], actor="ada").done == ("acme/one",)
    assert access(known) == ("allow", "person", None)


def test_a_person_says_who_plays(known: Store) -> None:
    activate(known, ["acme/one"], actor="ada", reason="strong")
    assert plays(known) == (True, "person", "strong")

    deactivate(known, ["acme/one"], actor="ada")
    assert plays(known) == (False, "person", None)


def test_a_retired_model_is_retired_until_it_is_activated(known: Store) -> None:
    retire(known, ["acme/one"], actor="ada", reason="old")
    assert retirement(known) == (True, "person", "old")
    assert one(known).test_status == "retired"

    activate(known, ["acme/one"], actor="ada")
    assert retirement(known) == (False, None, None)


def test_whoever_is_retired_already_keeps_the_day(known: Store) -> None:
    with known.write() as connection:
        values = {"retired_at": FIRST_DAY, "retired_set_by": "policy", "retired_reason": "gone"}
        connection.execute(update(Model).values(**values))

    retire(known, ["acme/one"], actor="ada")

    assert one(known).retired_at == FIRST_DAY
    assert retirement(known) == (True, "person", None)


@pytest.mark.parametrize("act", SETTING)
def test_the_same_act_again_changes_nothing(known: Store, act: Act) -> None:
    act(known, ["acme/one"], actor="ada", reason="why")
    before = everything(known, Model, AuditEntry)

    for reason in ("why", None):
        report = act(known, ["acme/one"], actor="bob", reason=reason)
        assert report == ActReport(unchanged=("acme/one",))
    assert everything(known, Model, AuditEntry) == before


@pytest.mark.parametrize("act", SETTING)
def test_the_same_act_for_another_reason_is_remembered(known: Store, act: Act) -> None:
    act(known, ["acme/one"], actor="ada", reason="why")

    assert act(known, ["acme/one"], actor="bob", reason="because").done == ("acme/one",)

    assert [(entry.actor, entry.reason) for entry in audit(known)] == [
        ("bob", "because"),
        ("ada", "why"),
    ]


def test_reset_takes_back_what_a_person_set_and_nothing_else(known: Store) -> None:
    untouched = one(known)
    deny(known, ["acme/one"], actor="ada")
    activate(known, ["acme/one"], actor="ada")
    retire(known, ["acme/one"], actor="ada")

    assert reset(known, ["acme/one"], actor="ada").done == ("acme/one",)
    assert reset(known, ["acme/one"], actor="ada").unchanged == ("acme/one",)
    assert one(known) == untouched

    apply(known, "models: {deny: ['acme/*'], active: ['acme/*'], retire: {models: ['acme/one']}}")
    by_file = one(known)
    assert reset(known, ["acme/one"], actor="ada").unchanged == ("acme/one",)
    assert one(known) == by_file


def test_what_a_person_set_survives_models_file_and_catalog(known: Store, days: Days) -> None:
    allow(known, ["acme/one"], actor="ada", reason="mine")
    activate(known, ["acme/one"], actor="ada", reason="mine")
    file = "models: {deny: ['*'], retire: {models: ['*'], removed_days: 0}}"

    apply(known, file)
    days.next(row("acme/one", prompt="9", name="Another"), row("acme/two"), accept_drop=True)
    apply(known, file)
    days.next(row("acme/two"), row("acme/two:free"), accept_drop=True)
    apply(known, file)
    days.next(row("acme/one", name="Acme: One"), row("acme/two"), row("acme/two:free"))

    assert access(known) == ("allow", "person", "mine")
    assert plays(known) == (True, "person", "mine")
    assert retirement(known) == (False, None, None)


def test_a_retirement_by_a_person_survives_models_file_and_catalog(
    known: Store, days: Days
) -> None:
    retire(known, ["acme/one"], actor="ada", reason="mine")

    apply(known, "models: {allow: ['*'], active: ['*']}")
    days.next(row("acme/one"), row("acme/two"), accept_drop=True)
    apply(known, "")

    assert retirement(known) == (True, "person", "mine")


def test_after_a_reset_the_models_file_decides_again(known: Store) -> None:
    file = "models: {deny: ['*'], active: ['*'], retire: {models: ['acme/one']}}"
    allow(known, ["acme/one"], actor="ada")
    activate(known, ["acme/one"], actor="ada")
    apply(known, file)

    reset(known, ["acme/one"], actor="ada")
    apply(known, file)

    assert (access(known)[:2], plays(known)[:2]) == (("deny", "yaml"), (True, "yaml"))
    assert retirement(known)[:2] == (True, "yaml")


def test_a_name_that_is_no_good_is_reported_and_the_others_go_on(known: Store) -> None:
    report = deny(known, ["acme/on", "acme/twins", "acme/one"], actor="ada")

    assert report.done == ("acme/one",)
    (unknown, ambiguous) = report.failed
    assert unknown[0] == "acme/on"
    assert unknown[1].startswith("No model goes by 'acme/on'; did you mean 'acme/one'")
    assert ambiguous[0] == "acme/twins"
    assert "acme/two, acme/two:free" in ambiguous[1]
    assert report.to_json()["failed"][0] == {"name": unknown[0], "reason": unknown[1]}


def test_of_many_names_that_are_no_good_only_the_first_are_told_what_they_may_mean(
    known: Store,
) -> None:
    failed = deny(known, [f"acme/on{n}" for n in range(30)], actor="ada").failed

    assert len(failed) == 30
    assert ["did you mean" in reason for _, reason in failed] == [True] * 10 + [False] * 20


def test_a_model_named_twice_counts_once(known: Store) -> None:
    report = deny(known, ["Acme: One", "acme/one", "acme/one"], actor="ada")

    assert report == ActReport(done=("acme/one",))
    assert len(audit(known)) == 1


@pytest.mark.parametrize("act", ACTS)
def test_an_act_needs_a_name(known: Store, act: Act) -> None:
    with pytest.raises(ActRefused, match=f"Name the models to {act.__name__}"):
        act(known, [], actor="ada")


def test_names_from_anywhere_do_no_harm(known: Store) -> None:
    names = ["", "a\0b", "\ud800", "'; DROP TABLE models; --", "x" * 100_000]

    assert [name for name, _ in deny(known, names, actor="ada").failed] == names


STEPS = st.lists(
    st.tuples(st.sampled_from(ACTS), st.sampled_from([None, "a", "b"])), min_size=1, max_size=8
)


@given(steps=STEPS)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_was_done_before_an_act_holds_is_audited_and_can_be_reset(
    known: Store, steps: list[tuple[Act, str | None]]
) -> None:
    reset(known, ["acme/one"], actor="ada")
    untouched = one(known)
    for act, reason in steps:
        entries, before = len(audit(known)), one(known)

        report = act(known, ["acme/one"], actor="ada", reason=reason)

        assert (one(known) != before) == bool(report.done)
        assert len(audit(known)) == entries + len(report.done)
        assert act(known, ["acme/one"], actor="ada", reason=reason).done == ()
    reset(known, ["acme/one"], actor="ada")
    assert one(known) == untouched
