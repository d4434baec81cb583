"""Sending over a real socket: whatever network and server do becomes an exchange."""

import asyncio
import gzip
import json
import zlib
from typing import Any

import pytest

from arena_pipeline.calls.kinds import ErrorKind
from arena_pipeline.calls.wire.exchange import Exchange
from arena_pipeline.calls.wire.gateway_client import GatewayClient
from arena_pipeline.calls.wire.pools import MOST_BYTES
from arena_pipeline.registry.gateways import GatewayRow
from arena_pipeline_tests.calls.wire.scripted import (
    Action,
    ScriptedGateway,
    answer,
    completion,
    drop,
    half,
    raw,
    stall,
    trickle,
)


def post(*actions: Action, timeout_s: float = 5, times: int = 1) -> list[Exchange]:
    async def go() -> list[Exchange]:
        async with ScriptedGateway(list(actions)) as gateway:
            client = GatewayClient(GatewayRow("gate", gateway.base_url))
            try:
                return await asyncio.gather(
                    *(
                        client.post("/chat/completions", {"n": i}, "k", timeout_s)
                        for i in range(times)
                    )
                )
            finally:
                await client.close()

    return asyncio.run(go())


def broken(*actions: Action, timeout_s: float = 5) -> ErrorKind:
    (exchange,) = post(*actions, timeout_s=timeout_s)
    assert exchange.broken is not None
    assert exchange.sent_at is not None
    return exchange.broken.kind


def test_an_answer_comes_with_status_headers_and_times() -> None:
    (exchange,) = post(answer(completion(), 429, Retry_After="3", Set_Cookie="account=1"))

    assert (exchange.status, exchange.headers["retry-after"]) == (429, "3")
    assert json.loads(exchange.body) == completion()
    assert "set-cookie" not in exchange.headers
    assert exchange.first_byte_ms is not None
    assert exchange.duration_ms is not None
    assert 0 < exchange.first_byte_ms <= exchange.duration_ms
    assert exchange.broken is None


def test_a_server_that_hangs_up_or_stops_half_way_is_a_broken_connection() -> None:
    assert broken(drop) is ErrorKind.CONNECTION
    assert broken(half) is ErrorKind.CONNECTION
    assert broken(raw(b"", 200, "x\r\nnonsense here")) is ErrorKind.CONNECTION


@pytest.mark.parametrize("action", [stall, trickle])
def test_a_server_that_stalls_or_trickles_runs_out_of_time(action: Action) -> None:
    assert broken(action, timeout_s=0.2) is ErrorKind.TIMEOUT


def test_nobody_there_means_that_nothing_was_sent() -> None:
    async def go() -> Exchange:
        async with ScriptedGateway([drop]) as gateway:
            address = gateway.base_url
        client = GatewayClient(GatewayRow("gate", address))
        try:
            return await client.post("/chat/completions", {}, None, 5)
        finally:
            await client.close()

    exchange = asyncio.run(go())
    assert exchange.broken is not None
    assert (exchange.broken.kind, exchange.sent_at) == (ErrorKind.CONNECTION, None)


def test_an_answer_without_end_is_not_read_to_its_end() -> None:
    assert broken(raw(b" " * (MOST_BYTES + 1))) is ErrorKind.MALFORMED


def test_a_packed_answer_is_unpacked_within_the_limit() -> None:
    body = json.dumps(completion()).encode()
    (good,) = post(raw(gzip.compress(body), Content_Encoding="gzip"))
    (other,) = post(raw(zlib.compress(body), Content_Encoding="deflate"))
    assert good.body == other.body == body

    bomb = gzip.compress(b" " * (20 * MOST_BYTES))
    assert broken(raw(bomb, Content_Encoding="gzip")) is ErrorKind.MALFORMED
    assert broken(raw(b"no gzip", Content_Encoding="gzip")) is ErrorKind.MALFORMED
    cut = gzip.compress(body)[:-9]
    assert broken(raw(cut, Content_Encoding="gzip")) is ErrorKind.MALFORMED
    assert broken(raw(body, Content_Encoding="br")) is ErrorKind.MALFORMED


def test_a_redirect_is_not_followed() -> None:
    async def go() -> tuple[Any, ...]:
        async with ScriptedGateway([answer(completion())]) as other:
            to = raw("", 307, Location=other.base_url + "/chat/completions")
            async with ScriptedGateway([to]) as gateway:
                client = GatewayClient(GatewayRow("gate", gateway.base_url))
                exchange = await client.post("/chat/completions", {}, "secret", 5)
                await client.close()
                return exchange.status, other.asked

    assert asyncio.run(go()) == (307, [])


def test_many_calls_are_under_way_at_once_and_connections_are_used_again() -> None:
    exchanges = post(answer(completion()), times=150)

    assert [one.status for one in exchanges] == [200] * 150
