"""One delivery of a notice: an HTTP POST that is over in time, whatever the other side does.

What belongs here: the request. When it is made, and what becomes of a failure, is in `delivering`.

Made with the standard library's connection, whose socket can be shut: a receiver that sends its
headers letter by letter would hold any time-out that starts anew with each piece. No proxy, no
`.netrc` and no redirect has a say in where a notice goes.
"""

import json
import socket
import ssl
import threading
from base64 import b64encode
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Any
from urllib.parse import SplitResult, quote, unquote, urlsplit

from arena_pipeline.errors import ArenaError
from arena_pipeline.escaping import plain_line
from arena_pipeline.settings import Settings

_SAFE = "/%:=&?~#+!$,;'@()*[]"
_LONGEST_REASON = 100
_ABOUT_THE_BODY = frozenset({400, 413, 415, 422})
_LONGEST_PAUSE_S = 3600.0


class BadNoticeAddress(ArenaError):
    """Notices can't be sent to the address that is set, or none is set."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one delivery. `status` is None where nobody answered; `error` is None where
    the notice arrived. `pause_s`: how long the receiver asks to be left alone.
    """

    status: int | None
    error: str | None
    pause_s: float = 0.0

    @property
    def arrived(self) -> bool:
        """Whether the receiver took it."""
        return self.error is None

    @property
    def is_refused(self) -> bool:
        """Whether the receiver can't take this very notice; others may be welcome."""
        return self.status in _ABOUT_THE_BODY


def need_address(settings: Settings) -> str:
    """Where notices go, for sending to only: it is a secret. Raises BadNoticeAddress."""
    url = None if settings.notify_url is None else settings.notify_url.get_secret_value()
    if url is None:
        raise BadNoticeAddress(
            "No address for notices is set; set ARENA_NOTIFY_URL to one that takes a JSON POST"
        )
    _parts(url)
    return url


def post(url: str, document: Mapping[str, Any], key: str, timeout_s: float) -> Outcome:
    """Send `document` as JSON to `url`, within `timeout_s` seconds in all. Never raises for what
    the network or the receiver does.

    Arrived is what was answered with 2xx; the answer's body is not read. `key` goes along as
    `Idempotency-Key`, for receivers that drop what they have already. Raises BadNoticeAddress.
    """
    delivery = _Delivery(_parts(url), timeout_s)
    body = json.dumps(document, default=str).encode("ascii")
    worker = threading.Thread(
        target=delivery.run, args=(body, quote(key, safe=":")), name="notice", daemon=True
    )
    worker.start()
    worker.join(timeout_s)
    return delivery.end()


def _parts(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise BadNoticeAddress("ARENA_NOTIFY_URL is no http or https address")
    return parts


class _Delivery:
    """The request in a thread of its own, and how its socket is shut when time is up."""

    def __init__(self, address: SplitResult, timeout_s: float) -> None:
        self.address, self.timeout_s = address, timeout_s
        host = address.hostname or ""
        self.connection: HTTPConnection = (
            HTTPSConnection(host, address.port, timeout=timeout_s, context=_trusting())
            if address.scheme == "https"
            else HTTPConnection(host, address.port, timeout=timeout_s)
        )
        self.outcome: Outcome | None = None

    def run(self, body: bytes, key: str) -> None:
        """Ask and listen."""
        path = quote(self.address.path or "/", safe=_SAFE)
        query = f"?{quote(self.address.query, safe=_SAFE)}" if self.address.query else ""
        try:
            self.connection.request("POST", path + query, body, self._headers(key))
            with closing(self.connection.getresponse()) as response:
                self.outcome = _judged(response)
        except TimeoutError:
            self.outcome = Outcome(None, self._too_slow())
        except (OSError, HTTPException, ValueError) as error:
            self.outcome = Outcome(None, f"the receiver can't be reached: {_words(error)}")
        finally:
            self.connection.close()

    def end(self) -> Outcome:
        """What came out. A request that still goes on is cut off."""
        if self.outcome is not None:
            return self.outcome
        if isinstance(held := self.connection.sock, socket.socket):
            try:
                held.shutdown(socket.SHUT_RDWR)
            except OSError:
                held.close()
        return Outcome(None, self._too_slow())

    def _too_slow(self) -> str:
        return f"no answer within {self.timeout_s:g} s (ARENA_NOTIFY_TIMEOUT_S)"

    def _headers(self, key: str) -> dict[str, str]:
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "arena-pipeline",
            "Idempotency-Key": key,
            "Connection": "close",
        }
        if self.address.username is not None:
            pair = f"{unquote(self.address.username)}:{unquote(self.address.password or '')}"
            headers["Authorization"] = f"Basic {b64encode(pair.encode()).decode('ascii')}"
        return headers


def _judged(response: HTTPResponse) -> Outcome:
    status = response.status
    if 200 <= status < 300:
        return Outcome(status, None)
    said = plain_line(response.reason)[:_LONGEST_REASON]
    answer = f"the answer was {status} {said}".strip()
    if 300 <= status < 400:
        answer += ": redirects are not followed, ARENA_NOTIFY_URL has to be where they lead"
    return Outcome(status, answer, _asked_pause(response))


def _asked_pause(response: HTTPResponse) -> float:
    asked = response.headers.get("Retry-After", "")
    usable = asked.isascii() and asked.isdigit() and len(asked) < 6
    return min(float(asked), _LONGEST_PAUSE_S) if usable else 0.0


def _words(error: BaseException) -> str:
    said = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return plain_line(str(said))[:_LONGEST_REASON]


def _trusting() -> ssl.SSLContext:
    """Certificates of the system, and those that come with `requests` where it has none."""
    from requests.utils import DEFAULT_CA_BUNDLE_PATH

    context = ssl.create_default_context()
    context.load_verify_locations(DEFAULT_CA_BUNDLE_PATH)
    return context
