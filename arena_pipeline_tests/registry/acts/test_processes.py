import json
import signal
import subprocess
import sys
from typing import Any

import pytest

from arena_pipeline.registry.acts.audit import audit
from arena_pipeline.registry.agents import agents
from arena_pipeline.registry.models import models
from arena_pipeline.store import Store
from arena_pipeline_tests.catalog.rows import row
from arena_pipeline_tests.registry.acts.act_process import ROUNDS
from arena_pipeline_tests.registry.days import Days

MANY = tuple(f"acme/m{number}" for number in range(400))


class Person:
    """A real process about to act."""

    def __init__(self, url: str, actor: str, act: str, *names: str, statements: int = 0) -> None:
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "arena_pipeline_tests.registry.acts.act_process"),
                *(url, actor, str(statements), act, *names),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def wait_until_ready(self) -> None:
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "ready\n", self.process.communicate()

    def run(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write("go\n")
        self.process.stdin.flush()

    def outcome(self) -> Any:
        out, err = self.process.communicate(timeout=120)
        assert self.process.returncode == 0, err
        return json.loads(out)


def at_once(*people: Person) -> list[Any]:
    """Let them act together; what each says it did."""
    for person in people:
        person.wait_until_ready()
    for person in people:
        person.run()
    return [person.outcome() for person in people]


@pytest.fixture
def known(days: Days) -> Store:
    """A store that knows many models."""
    days.next(*(row(slug) for slug in MANY))
    return days.store


def test_of_different_acts_at_once_none_is_lost(known: Store, store_url: str) -> None:
    reports = at_once(
        Person(store_url, "ada", "deny", *MANY), Person(store_url, "bob", "retire", *MANY)
    )

    assert [len(report["done"]) for report in reports] == [len(MANY)] * 2
    for one in models(known):
        assert (one.access, one.access_reason) == ("deny", "ada says")
        assert (one.retired_set_by, one.retired_reason) == ("person", "bob says")
    assert len(audit(known)) == 2 * len(MANY)


def test_every_change_of_mind_is_in_the_audit(known: Store, store_url: str) -> None:
    """What an entry says was so before is what the entry before it left."""
    slug = MANY[0]

    at_once(*(Person(store_url, name, "toggle", slug) for name in ("ada", "bob")))

    entries = audit(known, subject=slug)[::-1]
    assert len(entries) == 2 * 2 * ROUNDS
    held: dict[str, Any] = {"access": "auto", "access_set_by": None, "access_reason": None}
    for entry in entries:
        assert entry.before is not None
        assert entry.after is not None
        assert entry.before.items() <= held.items()
        held |= entry.after
    (one,) = (one for one in models(known) if one.slug == slug)
    assert {name: getattr(one, name) for name in held} == held


def test_the_same_agent_added_twice_at_once_is_one(known: Store, store_url: str) -> None:
    names = [f"bot{number:02}" for number in range(30)]

    outcomes = at_once(*(Person(store_url, who, "add", *names) for who in ("ada", "bob")))

    assert outcomes == [names, names]
    assert [one.alias for one in agents(known)] == names
    assert len(audit(known)) == len(names)


@pytest.mark.parametrize("statements", [1, 45, 90, 150])
def test_an_act_killed_anywhere_has_done_nothing(
    known: Store, store_url: str, statements: int
) -> None:
    names = MANY[:40]
    person = Person(store_url, "ada", "deny", *names, statements=statements)
    person.wait_until_ready()
    person.run()
    person.process.communicate(timeout=120)
    assert person.process.returncode == -signal.SIGKILL

    assert {one.access for one in models(known)} == {"auto"}
    assert audit(known) == ()

    (report,) = at_once(Person(store_url, "ada", "deny", *names))
    assert report["done"] == list(names)
    assert len(audit(known)) == len(names)
