"""Fetching the catalog over HTTP, believing nothing: one deadline for everything, a size limit,
bounded retries.

What belongs here: bytes and headers. What the bytes mean is in `catalog.snapshot`.
"""

import re
import threading
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn
from urllib.parse import SplitResult, urljoin, urlsplit

import requests
from urllib3.exceptions import HTTPError

from arena_pipeline.catalog.errors import CatalogError, CatalogUnreachable, CatalogUnreadable

CONNECT_TIMEOUT_S = 10.0
FIRST_PAUSE_S = 0.5
"""Pause before the first retry; each next is twice as long, or as long as the server asks for."""
MOST_REDIRECTS = 5
_PIECE = 64 * 1024
_TAG = re.compile(r"[!-~]{1,200}")
_GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_HEADERS = {
    "Accept": "application/json",
    "Accept-Encoding": "gzip",
    "User-Agent": "arena-pipeline",
}


@dataclass(frozen=True, slots=True)
class Fetched:
    """A body that came whole, decompressed, and the tag to ask with next time."""

    body: bytes
    etag: str | None


@dataclass(frozen=True, slots=True)
class NotModified:
    """The server says nothing changed since the tag we asked with."""


class _WorthRetrying(Exception):
    """An attempt that failed in a way that may pass by itself; `error` is what to raise if it does
    not.
    """

    def __init__(self, error: CatalogError, pause_s: float = 0.0) -> None:
        super().__init__(str(error))
        self.error, self.pause_s = error, pause_s


def fetch(
    url: str,
    *,
    timeout_s: float,
    max_bytes: int,
    retries: int,
    etag: str | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> Fetched | NotModified:
    """Get the catalog at `url` within `timeout_s` seconds in all, retries and pauses included.

    Tried again up to `retries` times after connection errors, status 429 and 5xx. Raises
    CatalogUnreachable if nobody answered, CatalogUnreadable if the answer is no whole body of at
    most `max_bytes` (after decompression).
    """
    _checked(url)
    attempt = _Attempt(url, etag, time.monotonic() + timeout_s, timeout_s, max_bytes)
    for pause_s in (FIRST_PAUSE_S * 2**number for number in range(retries)):
        try:
            return attempt.run()
        except _WorthRetrying as failure:
            if attempt.remaining() <= max(pause_s, failure.pause_s):
                raise failure.error from failure
            sleep(max(pause_s, failure.pause_s))
    try:
        return attempt.run()
    except _WorthRetrying as failure:
        raise failure.error from failure


class _Attempt:
    """One try under the deadline all tries share."""

    def __init__(
        self, url: str, etag: str | None, deadline: float, timeout_s: float, max_bytes: int
    ) -> None:
        self.url, self.etag, self.deadline, self.max_bytes = url, etag, deadline, max_bytes
        self.timeout_s = timeout_s
        self.answered = False

    def remaining(self) -> float:
        return self.deadline - time.monotonic()

    def run(self) -> Fetched | NotModified:
        """Try in a thread of its own: a name server or headers that trickle can't be hurried, only
        left behind.
        """
        outcome: list[Fetched | NotModified | BaseException] = []

        def work() -> None:
            try:
                outcome.append(self._get())
            except BaseException as error:  # noqa: BLE001 - raised again in the caller's thread
                outcome.append(error)

        worker = threading.Thread(target=work, name="catalog-fetch", daemon=True)
        worker.start()
        worker.join(max(0.0, self.remaining()))
        if not outcome:
            self._too_slow()
        if isinstance(outcome[0], BaseException):
            raise outcome[0]
        return outcome[0]

    def _get(self) -> Fetched | NotModified:
        try:
            with requests.Session() as session:
                return self._follow(session)
        except (requests.Timeout, TimeoutError) as error:
            if self.remaining() <= 0:
                self._too_slow()
            raise _WorthRetrying(self._broken("timed out")) from error
        except (requests.exceptions.InvalidURL, requests.exceptions.InvalidHeader) as error:
            raise CatalogUnreachable(f"{shown(self.url)} can't be asked: {error}") from error
        except (requests.RequestException, HTTPError, OSError) as error:
            raise _WorthRetrying(self._broken(_cause(error))) from error

    def _follow(self, session: requests.Session) -> Fetched | NotModified:
        url = self.url
        for _ in range(MOST_REDIRECTS + 1):
            with self._ask(session, url) as response:
                self.answered = True
                if response.status_code not in _REDIRECTS:
                    return self._read(response)
                url = _redirected(url, response.headers.get("Location"))
        raise CatalogUnreadable(f"{shown(self.url)} redirects in circles")

    def _ask(self, session: requests.Session, url: str) -> requests.Response:
        left = max(0.001, self.remaining())
        return session.get(
            url,
            headers=_HEADERS | ({"If-None-Match": self.etag} if self.etag else {}),
            timeout=(min(CONNECT_TIMEOUT_S, left), left),
            allow_redirects=False,
            stream=True,
        )

    def _read(self, response: requests.Response) -> Fetched | NotModified:
        status = response.status_code
        if status == requests.codes.not_modified and self.etag:
            return NotModified()
        if status != requests.codes.ok:
            error = CatalogUnreadable(
                f"{shown(self.url)} answered {status} {response.reason}; nothing was changed"
            )
            if status == requests.codes.too_many_requests or status >= 500:
                raise _WorthRetrying(error, _retry_after(response))
            raise error
        return Fetched(self._body(response), _tag(response))

    def _body(self, response: requests.Response) -> bytes:
        encoding = response.headers.get("Content-Encoding", "identity").lower()
        if encoding not in ("identity", "gzip", "deflate"):
            raise CatalogUnreadable(
                f"{shown(self.url)} sent {encoding!r} although gzip was asked for"
            )
        inflate = None if encoding == "identity" else zlib.decompressobj(_GZIP_OR_ZLIB)
        body, received = bytearray(), 0
        while piece := response.raw.read1(_PIECE, decode_content=False):
            received += len(piece)
            try:
                room = self.max_bytes + 1 - len(body)
                body += inflate.decompress(piece, max(1, room)) if inflate else piece
            except zlib.error as error:
                raise CatalogUnreadable(
                    f"{shown(self.url)} sent broken {encoding}: {error}"
                ) from error
            if len(body) > self.max_bytes:
                raise CatalogUnreadable(
                    f"{shown(self.url)} sent more than {self.max_bytes / 1e6:g} MB; "
                    "nothing was changed. If that is right, raise ARENA_CATALOG_MAX_MB"
                )
            if self.remaining() <= 0:
                self._too_slow()
        promised = response.headers.get("Content-Length", "")
        if (promised.isdigit() and received < int(promised)) or (inflate and not inflate.eof):
            raise _WorthRetrying(self._broken(f"broke off after {received} bytes"))
        return bytes(body)

    def _too_slow(self) -> NoReturn:
        raise self._broken(f"took longer than {self.timeout_s:g} s (ARENA_CATALOG_TIMEOUT_S)")

    def _broken(self, what: str) -> CatalogError:
        if self.answered:
            return CatalogUnreadable(f"The answer of {shown(self.url)} {what}; nothing was changed")
        return CatalogUnreachable(f"{shown(self.url)} can't be reached: {what}")


def shown(url: str) -> str:
    """An address fit for showing: without user, password and query."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def _checked(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise CatalogError("ARENA_CATALOG_URL is no http or https address")
    return parts


def _redirected(url: str, location: str | None) -> str:
    """Where a redirect leads, if that is the same server or its https side."""
    target = urljoin(url, location or "")
    old = _checked(url)
    try:
        new = _checked(target)
    except CatalogError as error:
        raise CatalogUnreadable(f"{shown(url)} redirects to no http address") from error
    upgraded = (
        old.scheme == "http" and new.scheme == "https" and (old.port, new.port) == (None, None)
    )
    same = (new.scheme, new.port) == (old.scheme, old.port) or upgraded
    if not location or new.hostname != old.hostname or not same:
        raise CatalogUnreadable(
            f"{shown(url)} redirects to {new.hostname}, which is not followed; "
            "if the catalog has moved, set ARENA_CATALOG_URL"
        )
    return target


def _tag(response: requests.Response) -> str | None:
    """The server's mark of this version, if it is one that can be sent back."""
    tag = response.headers.get("ETag", "")
    return tag if _TAG.fullmatch(tag) else None


def _retry_after(response: requests.Response) -> float:
    seconds = response.headers.get("Retry-After", "")
    return float(seconds) if seconds.isascii() and seconds.isdigit() and len(seconds) < 6 else 0.0


def _cause(error: BaseException) -> str:
    """The innermost reason, in the operating system's words where there are any."""
    while (inner := error.__cause__ or error.__context__) is not None:
        error = inner
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
