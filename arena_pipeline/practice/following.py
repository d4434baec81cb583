"""Following a practice arena from outside: once it is calm a new model appears in the catalog, and
what becomes of it is told.
"""

import socket
import threading
from collections.abc import Callable, Sequence
from typing import Self

from sqlalchemy.exc import DBAPIError

from arena_pipeline.errors import StoreError
from arena_pipeline.practice.line_up import NEWCOMER
from arena_pipeline.practice.server import PracticeGateway
from arena_pipeline.practice.standing import (
    Finished,
    Standing,
    finished,
    model_slugs,
    placements,
    standings,
)
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline.store.opening import open_ready_store
from arena_pipeline.store.tables import OPEN_STATES, EvaluationState

LOOK_S = 1.0
"""Seconds between two looks into the store."""

Tell = Callable[[str], None]
Show = Callable[[Sequence[Standing]], None]


class Follower:
    """A thread that looks into the store of a practice arena while the block lasts.

    `after_s`: seconds until the new model appears, once the UI listens and the first models have
    their places. `tell` gets sentences, `show` the ladder once the new model has its place; both
    are called from the thread.
    """

    def __init__(
        self, settings: Settings, gateway: PracticeGateway, after_s: float, tell: Tell, show: Show
    ) -> None:
        self._settings, self._gateway, self._after_s = settings, gateway, after_s
        self._tell, self._show = tell, show
        self._story = _Story(NEWCOMER.slug)
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="practice-follower", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()

    def _follow(self) -> None:
        while not self._end.wait(LOOK_S):
            try:
                store = open_ready_store(self._settings)
            except StoreError:
                continue  # it is not made yet
            try:
                self._follow_in(store)
            except DBAPIError as error:
                self._tell(f"The store can't be read for now: {type(error.orig).__name__}")
            finally:
                store.close()

    def _follow_in(self, store: Store) -> None:
        while not (_listens(self._settings) and _is_calm(placements(store))):
            if self._end.wait(LOOK_S):
                return
        if NEWCOMER.slug not in self._gateway.models:
            if self._end.wait(self._after_s):
                return
            self._gateway.change(NEWCOMER.slug, NEWCOMER.model_dump())
            self._tell(f"{NEWCOMER.slug} has appeared in the catalog; the next sync will find it")
        while not self._end.wait(LOOK_S):
            for sentence in self._story.goes_on(store):
                self._tell(sentence)
            if self._story.is_placed_now():
                self._show(standings(store))


class _Story:
    """What was told of one model already."""

    def __init__(self, slug: str) -> None:
        self._slug = slug
        self._known = False
        self._state: tuple[str, str | None] | None = None
        self._told: set[str] | None = None
        self._shown = False

    def goes_on(self, store: Store) -> list[str]:
        """What is new, as sentences."""
        sentences: list[str] = []
        if not self._known and self._slug in model_slugs(store):
            self._known = True
            sentences.append(f"{self._slug} is in the registry")
        played = [one for one in finished(store) if self._slug in _names(one)]
        if self._told is None:
            self._told = set()
        sentences += [sentence_of(one) for one in played if one.uuid not in self._told]
        self._told.update(one.uuid for one in played)
        state = placements(store).get(self._slug)
        if state is not None and state != self._state:
            self._state = state
            why = f": {state[1]}" if state[1] else ""
            sentences.append(f"{self._slug}: placement {state[0]}{why}")
        return sentences

    def is_placed_now(self) -> bool:
        """Whether it has its place, for the first time that this is asked."""
        if self._shown or self._state is None or self._state[0] != EvaluationState.RANKED:
            return False
        self._shown = True
        return True


def sentence_of(match: Finished) -> str:
    """A match in one line: who, scores, faults, cost."""
    seats = " : ".join(
        f"{name} {score:g}" + (f" ({faults} faulty turns)" if faults else "")
        for name, score, faults in match.seats
    )
    cost = "" if match.cost is None else f", {match.cost:.6f} USD of play money"
    return f"Match {match.uuid[:8]}: {seats}{cost}"


def _names(match: Finished) -> set[str]:
    """Names without the version of an agent."""
    return {name.partition("@")[0] for name, *_ in match.seats}


def _listens(settings: Settings) -> bool:
    """Whether the UI is there."""
    try:
        with socket.create_connection((settings.host, settings.port), timeout=LOOK_S):
            return True
    except OSError:
        return False


def _is_calm(states: dict[str, tuple[str, str | None]]) -> bool:
    """Whether somebody has a place and nobody is still being placed."""
    found = {state for state, _ in states.values()}
    return EvaluationState.RANKED in found and not found & set(OPEN_STATES)
