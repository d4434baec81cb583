"""A process that acts on models when told to: `STORE_URL ACTOR STATEMENTS_TO_LIVE ACT SLUG...`.

It says "ready", waits for a line, and prints the report as JSON; if it has only so many statements
to live (0: as many as it takes), it is killed after the last of them, wherever that is. ACT is an
act on models, or "toggle": deny and allow, again and again. "add" adds agents of the names given
instead.
"""

import json
import os
import signal
import sys
from itertools import count
from typing import Any

from sqlalchemy import event

from arena_pipeline.registry.acts import models as acts
from arena_pipeline.registry.acts.agents import add_agent
from arena_pipeline.store import Store, open_store

ROUNDS = 20


def main(url: str, actor: str, statements_to_live: str, act: str, *names: str) -> None:
    """Act."""
    store = open_store(url)
    with store.read():  # what comes before the act is not what dies
        pass
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    if int(statements_to_live):
        _die_after(store, int(statements_to_live))
    sys.stdout.write(json.dumps(_outcome(store, actor, act, names)) + "\n")


def _die_after(store: Store, statements: int) -> None:
    numbers = count(1)

    @event.listens_for(store.engine, "after_cursor_execute")
    def die(*_: object) -> None:
        if next(numbers) == statements:
            os.kill(os.getpid(), signal.SIGKILL)


def _outcome(store: Store, actor: str, act: str, names: tuple[str, ...]) -> Any:
    if act == "add":
        return [add_agent(store, name, policy="random", actor=actor).alias for name in names]
    if act == "toggle":
        rounds = [
            step(store, names, actor=actor, reason=f"{actor} {number}").to_json()
            for number in range(ROUNDS)
            for step in (acts.deny, acts.allow)
        ]
        return {name: [report[name] for report in rounds] for name in rounds[0]}
    return getattr(acts, act)(store, names, actor=actor, reason=f"{actor} says").to_json()


if __name__ == "__main__":
    main(*sys.argv[1:])
