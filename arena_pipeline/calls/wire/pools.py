"""Connections for many calls at once: a transport of httpx that reads each answer whole.

What belongs here: sockets, sizes, times. Imports httpx2 with its module, so import it where calls
are made.

The library's pool looks at all its connections whenever a request begins or ends: with a thousand
under way that would be most of the work. So there are several pools of some dozens each.
"""

import ssl
import time
import urllib.request
import zlib
from collections.abc import AsyncIterator
from functools import cache

import httpx2

MOST_BYTES = 4_000_000
"""The largest answer that is read, unpacked; one of a hundred thousand tokens has half a MB."""

_PER_POOL = 32
_KEPT_S = 20.0
"""Seconds a connection is kept that is not used: servers close theirs after about that time."""
_GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS

_SENT = frozenset(
    {
        "host", "connection", "content-type", "content-length", "transfer-encoding", "accept",
        "accept-encoding", "authorization", "user-agent", "x-title",
    }
)  # fmt: skip
"""Headers that go out. What else the library adds tells of this machine, or comes from variables of
the environment that are meant for another service.
"""

FIRST_BYTE = "arena.first_byte"
"""Where a response's extensions hold when its head came, by `time.perf_counter`."""


class TooLarge(Exception):
    """An answer has more bytes than are read; the rest of it was left."""


class BadEncoding(Exception):
    """An answer is packed otherwise than it was asked for, or what is packed is broken."""


class _Pool:
    def __init__(self, transport: httpx2.AsyncHTTPTransport) -> None:
        self.transport, self.under_way = transport, 0


class Pools(httpx2.AsyncBaseTransport):
    """As many pools of connections to one address as are needed; proxies of the system are used.

    A response is handed on when it has come whole. Raises the library's errors, TooLarge and
    BadEncoding.
    """

    def __init__(self, base_url: str) -> None:
        self._url = httpx2.URL(base_url)
        self._proxy = _proxy_for(self._url)
        self._pools: list[_Pool] = []

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request and read the answer."""
        for name in set(request.headers) - _SENT:
            del request.headers[name]
        pool = self._roomy()
        pool.under_way += 1
        try:
            response = await pool.transport.handle_async_request(request)
            began = time.perf_counter()
            try:
                body = await _whole(response)
            finally:
                await response.aclose()
        finally:
            pool.under_way -= 1
        headers = [
            pair
            for pair in response.headers.raw
            if pair[0].lower() not in (b"content-encoding", b"content-length", b"transfer-encoding")
        ]
        return httpx2.Response(
            response.status_code, headers=headers, content=body, extensions={FIRST_BYTE: began}
        )

    async def aclose(self) -> None:
        """Close all connections."""
        pools, self._pools = self._pools, []
        for pool in pools:
            await pool.transport.aclose()

    def _roomy(self) -> _Pool:
        """The first pool with room, so that connections are used again and the last pools empty."""
        for pool in self._pools:
            if pool.under_way < _PER_POOL:
                return pool
        self._pools.append(_Pool(self._transport()))
        return self._pools[-1]

    def _transport(self) -> httpx2.AsyncHTTPTransport:
        limits = httpx2.Limits(max_connections=None, keepalive_expiry=_KEPT_S)
        return httpx2.AsyncHTTPTransport(verify=_trust(), limits=limits, proxy=self._proxy)


async def _whole(response: httpx2.Response) -> bytes:
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("identity", "", "gzip", "deflate"):
        raise BadEncoding(f"it came packed as {encoding[:40]!r}, which was not asked for")
    stream = response.stream
    assert isinstance(stream, httpx2.AsyncByteStream)
    if encoding in ("gzip", "deflate"):
        return await _unpacked(aiter(stream))
    body = bytearray()
    async for piece in stream:
        body += piece
        if len(body) > MOST_BYTES:
            raise TooLarge
    return bytes(body)


async def _unpacked(pieces: AsyncIterator[bytes]) -> bytes:
    inflate = zlib.decompressobj(_GZIP_OR_ZLIB)
    body = bytearray()
    async for piece in pieces:
        try:
            body += inflate.decompress(piece, MOST_BYTES + 1 - len(body))
        except zlib.error as error:
            raise BadEncoding(f"what it packed is broken: {error}") from error
        if len(body) > MOST_BYTES:
            raise TooLarge
    if not inflate.eof:
        raise BadEncoding("what it packed breaks off")
    return bytes(body)


@cache
def _trust() -> ssl.SSLContext:
    """Whom to believe over https, read once: it takes time and memory."""
    return httpx2.create_ssl_context()


def _proxy_for(url: httpx2.URL) -> str | None:
    """The proxy that the system names for this address, by HTTPS_PROXY, NO_PROXY and the like."""
    if urllib.request.proxy_bypass(url.host):
        return None
    proxies = urllib.request.getproxies()
    return proxies.get(url.scheme) or proxies.get("all")
