"""One HTTP attempt from request to reply, and what the ledger keeps of it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from arena_pipeline.calls.kinds import ErrorKind
from arena_pipeline.calls.plan import CallOutcome
from arena_pipeline.calls.wire.cleaning import cleaned
from arena_pipeline.calls.wire.exchange import Exchange
from arena_pipeline.calls.wire.payload import write_payload
from arena_pipeline.calls.wire.reading import read_exchange
from arena_pipeline.calls.wire.reply import Reply, Usage
from arena_pipeline.calls.wire.request import Request
from arena_pipeline.catalog.tariff import Tariff

if TYPE_CHECKING:
    from arena_pipeline.calls.wire.gateway_client import GatewayClient


@dataclass(frozen=True, slots=True)
class Sent:
    """An attempt that was made: what came, and what of it goes into the ledger."""

    reply: Reply
    outcome: CallOutcome

    @property
    def was_sent(self) -> bool:
        """Whether anything of it may have reached the gateway."""
        return self.outcome.sent_at is not None

    @property
    def cost(self) -> Decimal | None:
        """USD: the bill, else the estimate, else 0 if it was surely not served; None: unknown."""
        outcome = self.outcome
        known = outcome.cost_estimated if outcome.cost_billed is None else outcome.cost_billed
        kind = outcome.error_kind
        if known is None and kind and not (kind.may_be_billed and self.was_sent):
            return Decimal(0)
        return known


async def send(
    client: "GatewayClient",
    key: str | None,
    request: Request,
    tariff: Tariff,
    timeout_s: float,
    secrets: Collection[str],
) -> Sent:
    """Send a request once and read what comes. Only cancelling it raises."""
    exchange = await client.post(request.path, request.body, key, timeout_s)
    reply = cleaned(read_exchange(exchange, request.api, request.asked), secrets)
    return Sent(reply, _outcome(exchange, reply, request, tariff, secrets))


def broken_off(sent_at: datetime, ended_at: datetime) -> CallOutcome:
    """What the ledger keeps of an attempt that was broken off by us."""
    told = "broken off by the arena while it was under way"
    return CallOutcome(ended_at, sent_at=sent_at, error_kind=ErrorKind.CANCELLED, error=told)


def _outcome(
    exchange: Exchange,
    reply: Reply,
    request: Request,
    tariff: Tariff,
    secrets: Collection[str],
) -> CallOutcome:
    usage, failure = reply.usage, reply.failure
    return CallOutcome(
        ended_at=exchange.ended_at,
        sent_at=exchange.sent_at,
        first_byte_ms=exchange.first_byte_ms,
        duration_ms=exchange.duration_ms,
        http_status=exchange.status,
        error_kind=failure.kind if failure else None,
        error=failure.message if failure else None,
        request_id=reply.request_id,
        host=reply.host,
        prompt_tokens=usage.prompt_tokens,
        cached_tokens=usage.cached_tokens,
        completion_tokens=usage.completion_tokens,
        reasoning_tokens=usage.reasoning_tokens,
        cost_billed=usage.cost,
        cost_estimated=_estimate(usage, tariff, exchange.ended_at),
        finish_reason=reply.finish_reason,
        payload=write_payload(request.api, request.body, exchange, reply, secrets),
        retry_at=failure.retry_at if failure else None,
    )


def _estimate(usage: Usage, tariff: Tariff, at: datetime) -> Decimal | None:
    """What these tokens cost by the prices that hold at `at`, to 1e-12 USD."""
    if usage.prompt_tokens is None or usage.completion_tokens is None:
        return None
    cached = usage.cached_tokens or 0
    cost = tariff.cost(usage.prompt_tokens, usage.completion_tokens, cached_tokens=cached, at=at)
    return None if cost is None else round(cost, 12)
