"""Sending: one request to one gateway with the client library of the OpenAI API, no retries.

The library builds and sends the request; the answer is taken raw, since what its models make of an
odd answer is not what came.
"""

import asyncio
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from arena_pipeline.calls.kinds import ErrorKind
from arena_pipeline.calls.wire.exchange import Broken, Exchange
from arena_pipeline.masking import mask_error
from arena_pipeline.registry.gateways import OPENROUTER, GatewayRow

if TYPE_CHECKING:
    import httpx2

CONNECT_S = 10.0
_ONLY = (
    "content-type", "retry-after", "x-generation-id", "x-request-id", "request-id", "cf-ray",
    "x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset",
)  # fmt: skip
"""Headers that are looked at; what else there is may say whose account it is."""

_NO_KEY = "none"


class GatewayClient:
    """The client of one gateway, for any number of calls at once within one event loop.

    Addresses that it is sent on to are not followed: the key is for this gateway only. Close it.
    """

    def __init__(self, gateway: GatewayRow) -> None:
        from httpx2 import AsyncClient, Timeout
        from openai import AsyncOpenAI

        from arena_pipeline.calls.wire.pools import Pools

        self.gateway = gateway
        # Only connecting has a limit of its own here: `send` has one for everything.
        timeout = Timeout(None, connect=CONNECT_S)
        self._client: AsyncOpenAI = AsyncOpenAI(
            api_key=_NO_KEY,
            base_url=gateway.base_url,
            max_retries=0,
            timeout=timeout,
            http_client=AsyncClient(
                transport=Pools(gateway.base_url),
                timeout=timeout,
                follow_redirects=False,
                trust_env=False,
            ),
        )
        # The environment's are for OpenAI itself, and no business of another gateway.
        self._client.organization = self._client.project = None
        self._headers = {"Accept-Encoding": "gzip, deflate"}
        if gateway.name == OPENROUTER:
            self._headers["X-Title"] = "arena-pipeline"

    async def post(
        self, path: str, body: Mapping[str, Any], key: str | None, timeout_s: float
    ) -> Exchange:
        """Send `body` as JSON to `path` below the gateway's address and take what comes.

        `key` None: no key is sent. Never raises for what network or gateway do; cancelled, it
        breaks the call off.
        """
        import httpx2
        from openai import APIConnectionError, APIStatusError, Omit

        headers = {**self._headers, "Authorization": f"Bearer {key}" if key else Omit()}
        sent_at, began = datetime.now(UTC), time.perf_counter()
        try:
            async with asyncio.timeout(timeout_s):
                response = await self._client.post(
                    path, body=body, cast_to=httpx2.Response, options={"headers": headers}
                )
        except APIStatusError as error:
            return _answered(error.response, sent_at, began)
        except TimeoutError:
            told = f"no whole answer within {timeout_s:.0f} s"
            return _broken(ErrorKind.TIMEOUT, told, sent_at, began)
        except APIConnectionError as error:
            return _unreached(error.__cause__ or error, sent_at, began)
        except Exception as error:  # noqa: BLE001  # the library's own ways to fail are not listed
            return _odd(error, sent_at, began)
        return _answered(response, sent_at, began)

    async def close(self) -> None:
        """Close all connections."""
        await self._client.close()


def _answered(response: "httpx2.Response", sent_at: datetime, began: float) -> Exchange:
    from arena_pipeline.calls.wire.pools import FIRST_BYTE

    first = response.extensions.get(FIRST_BYTE)
    headers = response.headers
    return Exchange(
        ended_at=datetime.now(UTC),
        sent_at=sent_at,
        first_byte_ms=(first - began) * 1000 if isinstance(first, float) else None,
        duration_ms=(time.perf_counter() - began) * 1000,
        status=response.status_code,
        headers={name: headers[name] for name in _ONLY if name in headers},
        body=response.content,
    )


def _unreached(error: BaseException, sent_at: datetime, began: float) -> Exchange:
    """A connection that could not be made, or broke: `sent_at` tells the two apart."""
    import httpx2

    if isinstance(error, httpx2.ConnectTimeout):
        told = f"no connection within {CONNECT_S:.0f} s"
        return _broken(ErrorKind.CONNECTION, told, None, began)
    unsent = httpx2.ConnectError | httpx2.PoolTimeout | httpx2.ProxyError
    if isinstance(error, unsent | httpx2.UnsupportedProtocol | httpx2.LocalProtocolError):
        return _broken(ErrorKind.CONNECTION, f"no connection: {_cause(error)}", None, began)
    kind = ErrorKind.TIMEOUT if isinstance(error, httpx2.TimeoutException) else ErrorKind.CONNECTION
    return _broken(kind, f"the connection broke: {_cause(error)}", sent_at, began)


def _odd(error: Exception, sent_at: datetime, began: float) -> Exchange:
    from arena_pipeline.calls.wire.pools import MOST_BYTES, BadEncoding, TooLarge

    if isinstance(error, TooLarge):
        told = f"more than {MOST_BYTES / 1e6:g} MB, of which the rest was left"
    elif isinstance(error, BadEncoding):
        told = str(error)
    else:
        told = f"{type(error).__name__}: {_cause(error)}"
    return _broken(ErrorKind.MALFORMED, told, sent_at, began)


def _broken(kind: ErrorKind, told: str, sent_at: datetime | None, began: float) -> Exchange:
    return Exchange(
        ended_at=datetime.now(UTC),
        sent_at=sent_at,
        duration_ms=(time.perf_counter() - began) * 1000,
        broken=Broken(kind, told),
    )


def _cause(error: BaseException) -> str:
    """The innermost reason in the system's words."""
    found = error
    while (inner := found.__cause__ or found.__context__) is not None and inner is not found:
        found = inner
    told = getattr(found, "strerror", None) or str(found) or type(found).__name__
    return mask_error(" ".join(told.split()))[:300]
