from datetime import UTC, datetime, timedelta

import pytest

from arena_pipeline.registry.acts.agents import add_agent
from arena_pipeline.registry.acts.audit import (
    ActRefused,
    AuditRow,
    By,
    SubjectKind,
    audit,
    write_audit,
)
from arena_pipeline.registry.acts.models import allow, deny, retire
from arena_pipeline.store import Store
from arena_pipeline_tests.catalog.rows import row
from arena_pipeline_tests.registry.days import Days


@pytest.fixture
def known(days: Days) -> Store:
    """A store that knows two models."""
    days.next(row("acme/one"), row("acme/two"))
    return days.store


def told(entries: tuple[AuditRow, ...]) -> list[tuple[str, str]]:
    return [(entry.action, entry.subject) for entry in entries]


def test_what_was_done_is_read_newest_first(known: Store) -> None:
    deny(known, ["acme/one"], actor="ada")
    allow(known, ["acme/two", "acme/one"], actor="ada")

    assert told(audit(known)) == [
        ("allow", "acme/one"),
        ("allow", "acme/two"),
        ("deny", "acme/one"),
    ]
    assert told(audit(known, limit=1)) == [("allow", "acme/one")]


def test_an_entry_says_who_when_why_and_what_was_so_before(known: Store) -> None:
    began = datetime.now(UTC)
    deny(known, ["acme/one"], actor="ada", reason="cheats")

    (entry,) = audit(known)

    assert (entry.actor, entry.reason, entry.subject_kind) == ("ada", "cheats", SubjectKind.MODEL)
    assert began <= entry.at <= datetime.now(UTC)
    assert entry.before == {"access": "auto", "access_set_by": None, "access_reason": None}
    assert entry.after == {"access": "deny", "access_set_by": "person", "access_reason": "cheats"}


def test_a_moment_is_written_as_text(known: Store) -> None:
    retire(known, ["acme/one"], actor="ada")

    (entry,) = audit(known)

    assert entry.after is not None
    assert datetime.fromisoformat(entry.after["retired_at"]) <= datetime.now(UTC)


def test_entries_are_found_by_subject_and_since_a_moment(known: Store) -> None:
    deny(known, ["acme/one", "acme/two"], actor="ada")
    add_agent(known, "mine", policy="random", actor="ada")

    assert told(audit(known, subject="acme/two")) == [("deny", "acme/two")]
    assert told(audit(known, subject="mine")) == [("add", "mine")]
    assert audit(known, subject="acme/nobody") == ()
    newest = audit(known)[0]
    assert audit(known, since=newest.at)[0] == newest
    assert audit(known, since=newest.at + timedelta(microseconds=1)) == ()


def test_an_act_that_fails_leaves_no_entry(known: Store) -> None:
    with known.write() as connection:
        write_audit(connection, By("ada"), "deny", SubjectKind.MODEL, "acme/one")
        connection.rollback()

    assert audit(known) == ()


def test_words_are_kept_on_one_line_without_control_characters(known: Store) -> None:
    deny(known, ["acme/one"], actor="a\x1b[31mda\n", reason=" no\r\n\u202e\ud800\0more ")

    (entry,) = audit(known)

    assert entry.actor == "a [31mda"
    assert entry.reason == "no \ufffd more"


@pytest.mark.parametrize(
    ("actor", "reason", "fault"),
    [("ada", "x" * 501, "501 characters"), (" \n", None, "needs the name of whoever")],
)
def test_words_that_are_no_good_are_refused_and_nothing_is_changed(
    known: Store, actor: str, reason: str | None, fault: str
) -> None:
    with pytest.raises(ActRefused, match=fault):
        deny(known, ["acme/one"], actor=actor, reason=reason)

    assert audit(known) == ()
