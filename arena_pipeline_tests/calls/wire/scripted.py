"""A gateway that does what a test says, over a real socket: each request takes the next action."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

USAGE = {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120, "cost": 0.0000415844}


@dataclass
class Asked:
    """A request that came: its path, headers (small letters) and JSON."""

    path: str
    headers: dict[str, str]
    body: Any


Action = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class ScriptedGateway:
    """Serves while it is entered. The last action is repeated."""

    actions: list[Action]
    asked: list[Asked] = field(default_factory=list)
    under_way: int = 0
    most_under_way: int = 0
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    _server: asyncio.Server | None = None

    @property
    def base_url(self) -> str:
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/v1"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while asked := await _request(reader):
                action = self.actions[min(len(self.asked), len(self.actions) - 1)]
                self.asked.append(asked)
                self.begun.set()
                self.under_way += 1
                self.most_under_way = max(self.most_under_way, self.under_way)
                try:
                    await action(reader, writer)
                    await writer.drain()
                finally:
                    self.under_way -= 1
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


async def _request(reader: asyncio.StreamReader) -> Asked | None:
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    first, *lines = head.split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in lines if ": " in line)
    plain = dict(line.split(": ", 1) for line in lines if ": " in line)
    headers["authorization"] = {k.lower(): v for k, v in plain.items()}.get("authorization", "")
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Asked(first.split()[1], headers, json.loads(body or b"null"))


def raw(
    body: bytes | str,
    status: int = 200,
    kind: str = "application/json",
    **headers: str,
) -> Action:
    """Answer with these bytes. Underscores in names of headers stand for dashes."""
    content = body.encode() if isinstance(body, str) else body
    lines = [f"HTTP/1.1 {status} X", f"Content-Type: {kind}", f"Content-Length: {len(content)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    whole = "\r\n".join(lines).encode() + b"\r\n\r\n" + content

    async def act(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(whole)

    return act


def answer(value: Any, status: int = 200, **headers: str) -> Action:
    """Answer with this value as JSON."""
    return raw(json.dumps(value), status, **headers)


def completion(
    content: Any = "UP", finish: str = "stop", usage: Mapping[str, Any] | None = USAGE, **more: Any
) -> dict[str, Any]:
    """A chat completion; `more` goes into its message."""
    message = {"role": "assistant", "content": content, **more}
    made = {
        "id": "gen-1",
        "model": "acme/one",
        "provider": "Acme North",
        "choices": [{"index": 0, "message": message, "finish_reason": finish}],
    }
    return made if usage is None else {**made, "usage": dict(usage)}


async def drop(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Close the connection without a word."""
    writer.transport.abort()
    raise ConnectionResetError


async def stall(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Say nothing until the other side gives up."""
    await reader.read()


async def half(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Promise more than comes, then close."""
    writer.write(
        b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n{"id"'
    )
    await writer.drain()
    writer.close()
    raise ConnectionResetError


async def trickle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Begin at once, then send a byte now and then, for ever."""
    writer.write(
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 90000\r\n\r\n"
    )
    while True:
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.02)
