"""The caller: asks a language model one question until there is an answer, or says why not now.

What belongs here: the order of things. `calls.turnstile` lets calls out, `calls.wire` sends them
and reads what comes, `calls.retrying` decides whether to try again.
"""

import asyncio
import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import TYPE_CHECKING, Self

from arena_pipeline.calls.asking import Answer, Asks, Callee, Question
from arena_pipeline.calls.kinds import ErrorKind, RefusalKind, ReplyProblem
from arena_pipeline.calls.parameters import BadParameters
from arena_pipeline.calls.plan import CallPlan, CallRefused, CallSite, Refused, Reserved
from arena_pipeline.calls.retrying import Attempt, next_try
from arena_pipeline.calls.tally import Tally
from arena_pipeline.calls.turnstile import LEAST_TIME_S, Turnstile, seconds_left
from arena_pipeline.calls.wire.payload import read_payload
from arena_pipeline.calls.wire.reply import Reply
from arena_pipeline.calls.wire.request import Request
from arena_pipeline.calls.wire.sending import Sent, broken_off, send
from arena_pipeline.catalog.tariff import Tariff
from arena_pipeline.registry.gateways import GatewayRow
from arena_pipeline.settings import Settings, secret_values, value_of

if TYPE_CHECKING:
    from arena_pipeline.calls.clerk import Clerk
    from arena_pipeline.calls.wire.gateway_client import GatewayClient

_TO_BLAME = {
    ErrorKind.MODERATION: ReplyProblem.REFUSAL,
    ErrorKind.CONTEXT_LENGTH: ReplyProblem.CUT_OFF,
}
"""Failures that are the model's own: it takes no such text, or has no room for the prompt."""


class Caller(Asks):
    """Asks language models, for any number of matches at once within one event loop.

    Each HTTP attempt is reserved with the clerk before and settled after, whatever happens.
    `gateways` are those there are, by name. Use it as `async with`.
    """

    def __init__(
        self, clerk: "Clerk", gateways: Mapping[str, GatewayRow], settings: Settings
    ) -> None:
        self._clerk = clerk
        self._gateways = gateways
        self._settings = settings
        self._clients: dict[str, GatewayClient] = {}
        self._turnstile = Turnstile(clerk, settings)
        self._secrets = secret_values(settings)
        self._jitter = random.Random()

    async def ask(self, callee: Callee, question: Question) -> Answer:
        """The answer to a question; one that is on record already is not asked for again.

        An answer with a `problem` is the model's own doing. Raises CallRefused when the match has
        to wait: no money, no place, no key, a gateway that fails. Cancelled, it breaks the call off
        and has that written down.
        """
        recorded = await self._recorded(question)
        if recorded is not None:
            return recorded
        gateway, key = self._gateway(callee.gateway)
        try:
            request = Request.of(callee, question.messages)
        except BadParameters as error:
            raise CallRefused(Refused(RefusalKind.FAILING, str(error))) from error
        if request.most is None:
            raise CallRefused(
                Refused(
                    RefusalKind.NO_PRICE,
                    f"nobody knows what {callee.client_name} costs at {gateway.name}; give it "
                    "prices in models.yaml",
                )
            )
        plan = CallPlan(
            question.site, gateway.name, callee.client_name, request.most, callee.is_free
        )
        tally, failed = Tally(), list[Attempt]()
        while True:
            errand = _Errand(gateway, key, plan, request, callee.tariff, question.deadline)
            reserved, sent = await self._attempt(errand)
            tally.add(sent)
            failure = sent.reply.failure
            if failure is None or failure.kind in _TO_BLAME:
                return await self._answer(question.site, sent, tally, reserved)
            failed.append(Attempt(failure.kind, failure.message, sent.was_sent, failure.retry_at))
            await self._pause(failed, question.deadline)

    async def close(self) -> None:
        """Close all connections."""
        clients, self._clients = self._clients, {}
        for client in clients.values():
            await client.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def _recorded(self, question: Question) -> Answer | None:
        """The answer that the ledger has, of this process or of one that died."""
        found = await self._clerk.answered(question.site)
        if found is None or (found.payload is None and found.error_kind is None):
            return None
        if found.error_kind is not None:
            reply = Reply(problem=_TO_BLAME[found.error_kind])
        else:
            read = read_payload(found.payload or "", datetime.now(UTC))
            if read is None:
                return None
            reply = read
        return Answer(
            text=reply.text,
            problem=reply.problem,
            reasoning=reply.reasoning,
            prompt_tokens=found.prompt_tokens,
            completion_tokens=found.completion_tokens,
            cost=found.cost,
            host=found.host,
            attempts=found.attempts,
        )

    def _gateway(self, name: str) -> tuple[GatewayRow, str | None]:
        """The gateway and its key, which is read anew each time. Raises CallRefused."""
        gateway = self._gateways.get(name)
        if gateway is None or not gateway.declared:
            detail = f"gateway {name} is not declared in models.yaml"
            raise CallRefused(Refused(RefusalKind.STOPPED, detail))
        if gateway.key_variable is None:
            return gateway, None
        key = value_of(gateway.key_variable)
        if key is None:
            detail = f"{gateway.key_variable}, the key of gateway {name}, is not set"
            raise CallRefused(Refused(RefusalKind.NO_KEY, detail))
        return gateway, key

    async def _attempt(self, errand: "_Errand") -> tuple[Reserved, Sent]:
        """One HTTP attempt: reserved, sent when its time has come, settled."""
        async with self._turnstile.place(errand.gateway, errand.deadline):
            reserved = await self._turnstile.reserve(errand.plan, errand.deadline)
            left = await self._turnstile.wait_for_turn(reserved, errand.deadline)
            sent_at = datetime.now(UTC)
            try:
                sent = await send(
                    self._client(errand.gateway),
                    errand.key,
                    errand.request,
                    errand.tariff,
                    min(left, self._settings.call_timeout_s),
                    self._secrets if errand.key is None else self._secrets | {errand.key},
                )
            except BaseException:
                outcome = broken_off(sent_at, datetime.now(UTC))
                await asyncio.shield(self._clerk.settle(reserved, outcome))
                raise
            await asyncio.shield(self._clerk.settle(reserved, sent.outcome))
            return reserved, sent

    async def _pause(self, failed: list[Attempt], deadline: datetime) -> None:
        """Wait before the next attempt. Raises CallRefused if there is none within this turn."""
        now = datetime.now(UTC)
        decision = next_try(
            failed,
            now,
            attempts=self._settings.call_attempts,
            longest_wait_s=self._settings.retry_wait_s,
            rest_s=self._settings.circuit_open_s,
            jitter=self._jitter,
        )
        if isinstance(decision, Refused):
            raise CallRefused(decision)
        if seconds_left(deadline) - seconds_left(decision) < LEAST_TIME_S:
            detail = f"{failed[-1].message} ({len(failed)} attempts, no time for more)"
            raise CallRefused(Refused(RefusalKind.FAILING, detail, decision))
        await asyncio.sleep((decision - now).total_seconds())

    async def _answer(self, site: CallSite, sent: Sent, tally: Tally, reserved: Reserved) -> Answer:
        reply = sent.reply
        problem = reply.problem
        if reply.failure is not None:
            problem = _TO_BLAME[reply.failure.kind]
        elif reserved.attempt > tally.attempts:
            # There were others before: a process that died, a match that waited, a first question.
            found = await self._clerk.answered(site)
            if found is not None:
                tally = Tally(
                    found.attempts, found.prompt_tokens, found.completion_tokens, found.cost
                )
        return Answer(
            text=reply.text,
            problem=problem,
            reasoning=reply.reasoning,
            prompt_tokens=tally.prompt_tokens,
            completion_tokens=tally.completion_tokens,
            cost=tally.cost,
            host=reply.host,
            attempts=tally.attempts,
        )

    def _client(self, gateway: GatewayRow) -> "GatewayClient":
        client = self._clients.get(gateway.name)
        if client is None:
            from arena_pipeline.calls.wire.gateway_client import GatewayClient

            client = self._clients[gateway.name] = GatewayClient(gateway)
        return client


@dataclass(frozen=True, slots=True)
class _Errand:
    """What is to be sent, to whom, for what money, until when."""

    gateway: GatewayRow
    key: str | None
    plan: CallPlan
    request: Request
    tariff: Tariff
    deadline: datetime
