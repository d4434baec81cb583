"""Fixtures of the tests of notices: a receiver on a real socket, and an arena that tells it."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import SecretStr
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from arena_pipeline.operations.notices.outbox import News, Notice, notices, write_down
from arena_pipeline.settings import Settings
from arena_pipeline.store import Store
from arena_pipeline.store.tables import NoticeKind

PATH = "/services/T0/abcdefghijklmnopqrstuvwx"
"""Where the receiver listens: as with real ones the path is what keeps strangers out."""


@dataclass
class Receiver:
    """Takes notices down. `answers` are the next statuses, 204 when they are used up; `meanwhile`
    is called before each answer.
    """

    url: str
    answers: list[int] = field(default_factory=list)
    meanwhile: Callable[[], None] = lambda: None
    taken: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, request: Request) -> Response:
        """One notice comes in."""
        with self._lock:
            self.taken.append(request.get_json())
            self.headers.append(dict(request.headers))
            status = self.answers.pop(0) if self.answers else 204
        self.meanwhile()
        return Response(status=status)

    @property
    def keys(self) -> list[str]:
        """What it was told, in order."""
        return [one["key"] for one in self.taken]


@pytest.fixture
def receiver(httpserver: HTTPServer) -> Receiver:
    """A receiver that listens."""
    made = Receiver(httpserver.url_for(PATH))
    httpserver.expect_request(PATH, method="POST").respond_with_handler(made.take)
    return made


@pytest.fixture
def telling(arena_settings: Settings, receiver: Receiver) -> Settings:
    """The settings of an arena that tells the receiver."""
    return at(arena_settings, receiver.url)


def at(settings: Settings, url: str, **others: object) -> Settings:
    """Settings with this address for notices."""
    return settings.model_copy(update={"notify_url": SecretStr(url), **others})


def tell_of(store: Store, *numbers: int, **news: Any) -> None:
    """Write one notice for each number."""
    now = datetime.now(UTC)
    values: dict[str, Any] = {"kind": NoticeKind.RUN_FAILED, "happened_at": now, "title": "Failed."}
    write_down(store, [News(key=f"incident:{number}", **(values | news)) for number in numbers])


def by_key(store: Store) -> dict[str, Notice]:
    """All notices."""
    return {one.key: one for one in notices(store)}
