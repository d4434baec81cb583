"""What people decide about models: done, remembered with its reason, and reported by name."""

import getpass
from typing import Any

import pytest

from arena_pipeline_tests.cli.conftest import Arena
from arena_pipeline_tests.cli.registry.conftest import FREE, HOSTILE, Later, row


def model(arena: Arena, slug: str) -> dict[str, Any]:
    document: dict[str, Any] = arena("models", slug, "--json").document
    return document


@pytest.mark.parametrize(
    ("act", "flag", "value"),
    [
        ("allow", "access", "allow"),
        ("deny", "access", "deny"),
        ("activate", "is_active", True),
        ("deactivate", "is_active", False),
    ],
)
def test_an_act_sets_a_flag_that_says_who_and_why(
    synced: Arena, act: str, flag: str, value: object
) -> None:
    ran = synced("models", act, "a/one", "--reason", "because", "--json")

    assert ran.code == 0
    assert ran.document == {"done": ["a/one"], "unchanged": [], "failed": []}
    found = model(synced, "a/one")
    assert found[flag] == value
    assert (found[f"{flag}_set_by"], found[f"{flag}_reason"]) == ("person", "because")


def test_a_retired_model_is_retired(synced: Arena) -> None:
    assert synced("models", "retire", "a/one").out == "a/one is retired now\n"

    assert model(synced, "a/one")["test_status"] == "retired"


def test_the_same_again_changes_nothing_and_says_so(synced: Arena) -> None:
    synced("models", "deny", "a/one")

    ran = synced("models", "deny", "a/one")

    assert (ran.code, ran.out) == (0, "a/one was denied already\n")


def test_a_name_that_is_no_good_fails_and_the_others_are_done(synced: Arena) -> None:
    ran = synced("models", "deny", "a/on", "b/two:free")

    assert (ran.code, ran.out) == (1, "b/two:free is denied now\n")
    assert ran.err == "a/on: No model goes by 'a/on'; did you mean 'a/one'?\n"
    assert model(synced, "b/two:free")["access"] == "deny"


def test_with_json_what_failed_is_in_the_document(synced: Arena) -> None:
    ran = synced("models", "deny", HOSTILE + "?", "a/one", "--json")

    assert (ran.code, ran.err) == (1, "")
    assert ran.document["done"] == ["a/one"]
    assert [one["name"] for one in ran.document["failed"]] == [HOSTILE + "?"]


def test_what_was_decided_survives_the_next_catalog(synced: Arena, later: Later) -> None:
    synced("models", "deny", "a/one", "--reason", "because")

    later(2, row("a/one", "0.000002"), FREE)

    found = model(synced, "a/one")
    assert (found["access"], found["access_set_by"]) == ("deny", "person")


def test_after_a_reset_the_models_file_decides_again(synced: Arena, models_file: Any) -> None:
    models_file.write_text("models: {deny: ['a/*']}")
    synced("models", "allow", "a/one")
    assert model(synced, "a/one")["access"] == "allow"

    ran = synced("models", "reset", "a/one")

    assert ran.code == 0
    found = model(synced, "a/one")
    assert (found["access"], found["access_set_by"]) == ("deny", "yaml")


def test_nothing_is_reset_while_the_models_file_that_decides_then_is_no_good(
    synced: Arena, models_file: Any
) -> None:
    synced("models", "deny", "a/one")
    models_file.write_text("models: [")

    ran = synced("models", "reset", "a/one")

    assert ran.code == 1
    assert "The models file can't be used" in ran.err
    assert model(synced, "a/one")["access"] == "deny"


def test_who_did_what_and_why_is_in_the_audit(synced: Arena) -> None:
    synced("models", "deny", "a/one", "--reason", HOSTILE)
    synced("models", "retire", "b/two:free")

    retired, denied = synced("audit", "--json").document["audit"]
    shown = synced("audit").out

    assert (denied["action"], denied["subject"]) == ("deny", "a/one")
    assert denied["actor"] == getpass.getuser()
    assert retired["action"] == "retire"
    assert "access auto -> deny" in shown
    assert "[red]Two[/]" in shown
    assert "\x1b" not in shown


def test_the_audit_is_asked_about_one_model_and_a_time(synced: Arena) -> None:
    synced("models", "deny", "a/one", "b/two:free")

    about = synced("audit", "--subject", "a/one", "--json").document["audit"]

    assert [one["subject"] for one in about] == ["a/one"]
    assert len(synced("audit", "--since", "1h", "--json").document["audit"]) == 2
    assert synced("audit", "--since", "2999-01-01").out == "Nothing was decided by command.\n"


def test_an_activated_model_is_enrolled_at_once(
    synced: Arena, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENROUTER_API_KEY", "k")

    ran = synced("models", "activate", "b/two:free")

    assert (ran.code, ran.err) == (0, "Enrolled with a default agent: b/two:free\n")
