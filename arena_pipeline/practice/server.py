"""The practice server as an ASGI application: catalog, completions, what was billed, and a control
for whoever sits at this machine.
"""

import asyncio
import ipaddress
import itertools
import json
import time
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from arena_pipeline.practice.catalog import catalog_document
from arena_pipeline.practice.deciding import Dice, conversation_of, move, share
from arena_pipeline.practice.ledger import Ledger, Served, key_label
from arena_pipeline.practice.line_up import (
    BadLineUp,
    Fault,
    PracticeModel,
    check_names,
    read_model,
    usual_faults,
)
from arena_pipeline.practice.replies import (
    PAGE,
    Completion,
    as_bytes,
    chat_document,
    complete,
    error_document,
    prompt_tokens,
    response_document,
)

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import Receive, Scope, Send

Document = Callable[..., dict[str, Any]]

STALL_S = 600.0
"""How long a stalled call is kept waiting."""

RETRY_AFTER_S = 1
"""What a 429 asks for."""

_BROKEN_OFF = 1000
"""Bytes promised beyond those that are sent when the connection is to break."""


class PracticeGateway:
    """The models that are served, their terms, and the ledger of one server."""

    def __init__(
        self,
        models: Iterable[PracticeModel],
        *,
        fault_rate: float = 0.0,
        latency_s: float = 0.0,
        seed: int = 0,
    ) -> None:
        """`fault_rate` and `latency_s` are those of models that do not name their own. Raises
        BadLineUp for two models of one name.
        """
        listed = tuple(models)
        check_names(listed)
        self.models = {model.slug: model for model in listed}
        self.ledger = Ledger()
        self._faults, self._latency_s = usual_faults(fault_rate), latency_s
        self._dice = Dice(seed)
        self._run = f"{time.time_ns():x}"
        self._numbers = itertools.count(1)

    def change(self, slug: str, terms: Mapping[str, Any]) -> list[PracticeModel]:
        """Change a model's terms, of all models for `*`; one that is not there yet appears. Raises
        BadLineUp, and then nothing is changed.
        """
        if slug == "*":
            changed = [model.changed(terms) for model in self.models.values()]
        elif slug in self.models:
            changed = [self.models[slug].changed(terms)]
        else:
            changed = [read_model({**terms, "slug": slug})]
        self.models.update({model.slug: model for model in changed})
        return changed

    def draw(self, model: PracticeModel, asked: "_Asked") -> tuple[Fault | None, float, Completion]:
        """How one call goes: what goes wrong, how long it takes, what the model says."""
        chance = self._dice.for_call(model.slug, asked.conversation)
        fault = _drawn(self._faults if model.faults is None else model.faults, share(chance))
        mean = self._latency_s if model.latency_s is None else model.latency_s
        latency_s = mean * (1 + model.jitter * (2 * share(chance) - 1))
        made = complete(
            model,
            id=f"gen-{self._run}-{next(self._numbers)}",
            created=int(time.time()),
            prompt=prompt_tokens(sum(len(text) for _, text in asked.conversation)),
            most=asked.most,
            word=move(model, asked.conversation, chance),
            fault=fault,
            chance=chance,
        )
        return fault, latency_s, made


class _Asked:
    """What of a request matters here. Raises ValueError for one that is none."""

    def __init__(self, body: bytes) -> None:
        request = json.loads(body)
        if not isinstance(request, dict) or not isinstance(request.get("model"), str):
            raise ValueError("a request is an object that names its model")
        if request.get("stream"):
            raise ValueError("the practice server does not stream")
        self.model: str = request["model"]
        self.conversation = conversation_of(request.get("messages", request.get("input")))
        if not self.conversation:
            raise ValueError("messages are missing")
        limits = ("max_tokens", "max_completion_tokens", "max_output_tokens")
        most = next((request[name] for name in limits if request.get(name) is not None), None)
        if most is not None and (type(most) is not int or most < 1):
            raise ValueError("max_tokens has to be a number above 0")
        self.most: int | None = most


class _Completions:
    """An endpoint that a model answers."""

    def __init__(self, gateway: PracticeGateway, document: Document) -> None:
        self._gateway, self._document = gateway, document

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        from starlette.requests import Request

        request = Request(scope, receive)
        try:
            asked = _Asked(await request.body())
        except ValueError as error:
            await _error(400, str(error))(scope, receive, send)
            return
        model = self._gateway.models.get(asked.model)
        if model is None:
            refused = _error(404, f"No endpoints found for {asked.model[:100]}.")
            await refused(scope, receive, send)
            return
        authorization = request.headers.get("authorization")
        key, ledger = key_label(authorization), self._gateway.ledger
        ledger.began(key, model.slug)
        try:
            fault, latency_s, made = self._gateway.draw(model, asked)
            if fault is not None:
                ledger.failed(key, model.slug, fault.value)
            await asyncio.sleep(STALL_S if fault is Fault.STALL else latency_s)
            if fault is None or fault.is_served:
                ledger.bill(_served(made, key, fault))
            if fault is Fault.DROPPED or fault is Fault.STALL:
                await self._break_off(send, made)
                return
            await self._reply(fault, made, authorization)(scope, receive, send)
        finally:
            ledger.ended()

    def _reply(self, fault: Fault | None, made: Completion, key: str | None) -> "Response":
        from starlette.responses import HTMLResponse

        match fault:
            case Fault.RATE_LIMIT:
                wait = {"Retry-After": str(RETRY_AFTER_S)}
                raw = f"{made.model} is temporarily rate-limited upstream."
                return _error(429, "Provider returned error", wait, raw=raw)
            case Fault.SERVER:
                return _error(500, "Internal Server Error")
            case Fault.AUTH:
                return _error(401, f"No auth credentials found for {key}")
            case Fault.PAYMENT:
                return _error(402, "This request requires more credits, or fewer max_tokens.")
            case Fault.HTML:
                return HTMLResponse(PAGE)
            case Fault.ERROR_IN_200:
                host = {"provider_name": made.host}
                return _json(error_document(502, "Upstream error", **host), 200)
        body = self._document(made, with_usage=fault is not Fault.NO_USAGE)
        return _json(body, 200, {"X-Generation-Id": made.id})

    async def _break_off(self, send: "Send", made: Completion) -> None:
        """Promise more than is sent: the server then has to close the connection."""
        body = as_bytes(self._document(made, with_usage=True))
        half = body[: len(body) // 2]
        length = str(len(half) + _BROKEN_OFF).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", length)]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": half, "more_body": True})


def application(gateway: PracticeGateway) -> "Starlette":
    """The routes of one practice gateway."""
    from starlette.applications import Starlette
    from starlette.routing import Route

    async def models(request: "Request") -> "Response":
        return _json(catalog_document(gateway.models.values()), 200)

    async def account(request: "Request") -> "Response":
        key = key_label(request.headers.get("authorization"))
        told = {"label": key, "limit": None, "limit_remaining": None, "is_free_tier": False}
        return _json({"data": {**told, "usage": float(gateway.ledger.spent(key))}}, 200)

    async def ledger(request: "Request") -> "Response":
        return _json(gateway.ledger.document(with_calls="calls" in request.query_params), 200)

    async def control(request: "Request") -> "Response":
        if not _is_here(request):
            return _error(403, "Only this machine changes the models of a practice server")
        try:
            terms = json.loads(await request.body() or b"{}")
            if not isinstance(terms, dict):
                raise BadLineUp("The terms of a model are an object")
            changed = gateway.change(request.path_params["slug"], terms)
        except (ValueError, BadLineUp) as error:
            return _error(400, str(error))
        return _json({"data": [json.loads(model.model_dump_json()) for model in changed]}, 200)

    chat, responses = (_Completions(gateway, to) for to in (chat_document, response_document))
    return Starlette(
        routes=[
            Route("/api/v1/models", models),
            Route("/api/v1/key", account),
            Route("/api/v1/chat/completions", chat, methods=["POST"]),
            Route("/api/v1/responses", responses, methods=["POST"]),
            Route("/practice/ledger", ledger),
            Route("/practice/models/{slug:path}", control, methods=["POST"]),
        ]
    )


def _drawn(faults: Mapping[Fault, float], drawn: float) -> Fault | None:
    """The fault that a number in [0, 1) falls on."""
    for fault, chance in faults.items():
        if drawn < chance:
            return fault
        drawn -= chance
    return None


def _served(made: Completion, key: str, fault: Fault | None) -> Served:
    return Served(
        made.id, key, made.model, made.prompt_tokens, made.completion_tokens, made.cost,
        None if fault is None else fault.value,
    )  # fmt: skip


def _is_here(request: "Request") -> bool:
    try:
        return request.client is not None and ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False


def _json(
    body: dict[str, Any], status: int, headers: Mapping[str, str] | None = None
) -> "Response":
    from starlette.responses import Response

    return Response(as_bytes(body), status, headers, media_type="application/json")


def _error(
    status: int, message: str, headers: Mapping[str, str] | None = None, **metadata: Any
) -> "Response":
    return _json(error_document(status, message, **metadata), status, headers)
