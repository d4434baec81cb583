"""Getting a call out: a place among those under way, money and a time from the clerk, and waiting.

What belongs here: waiting that is worth it within a turn. What does not pass in time is refused.
"""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from arena_pipeline.calls.kinds import RefusalKind
from arena_pipeline.calls.plan import CallPlan, CallRefused, Refused, Reserved
from arena_pipeline.registry.gateways import GatewayRow
from arena_pipeline.settings import Settings

if TYPE_CHECKING:
    from arena_pipeline.calls.clerk import Clerk

LEAST_TIME_S = 0.5
"""Seconds a call needs to be worth sending."""

_POLL_S = (0.05, 0.4)
"""Between these, at random, lies what is added to a wait, so that not all come back at once."""

_SAT_OUT = frozenset({RefusalKind.BUDGET, RefusalKind.RATE, RefusalKind.CONCURRENCY})
"""Refusals that pass by themselves when other calls end, or with a little time."""


class Turnstile:
    """Lets the calls of one process out, within one event loop."""

    def __init__(self, clerk: "Clerk", settings: Settings) -> None:
        self._clerk = clerk
        self._settings = settings
        self._places: dict[str, asyncio.Semaphore] = {}
        self._jitter = random.Random()

    @asynccontextmanager
    async def place(self, gateway: GatewayRow, deadline: datetime) -> AsyncIterator[None]:
        """A place among the calls that this process may have under way at a gateway. Raises
        CallRefused if none gets free in time.
        """
        if gateway.concurrency is None:
            yield
            return
        places = self._places.get(gateway.name)
        if places is None:
            places = self._places[gateway.name] = asyncio.Semaphore(gateway.concurrency)
        try:
            async with asyncio.timeout(seconds_left(deadline) - LEAST_TIME_S):
                await places.acquire()
        except TimeoutError as error:
            detail = f"gateway {gateway.name} takes {gateway.concurrency} calls at once"
            soon = datetime.now(UTC) + timedelta(seconds=self._settings.retry_wait_s)
            raise CallRefused(Refused(RefusalKind.CONCURRENCY, detail, soon)) from error
        try:
            yield
        finally:
            places.release()

    async def reserve(self, plan: CallPlan, deadline: datetime) -> Reserved:
        """Money and a time for one call; waits for them if that is short. Raises CallRefused."""
        patient_until = datetime.now(UTC) + timedelta(seconds=self._settings.retry_wait_s)
        while True:
            answer = await self._clerk.reserve(plan)
            if isinstance(answer, Reserved):
                return answer
            now = datetime.now(UTC)
            pause = timedelta(seconds=self._jitter.uniform(*_POLL_S))
            at = (answer.until or now) + pause
            is_polled = answer.until is not None or answer.kind is RefusalKind.CONCURRENCY
            latest = patient_until if answer.kind is RefusalKind.RATE else deadline
            if not (answer.kind in _SAT_OUT and is_polled and at < latest):
                raise CallRefused(answer)
            await asyncio.sleep((at - now).total_seconds())

    async def wait_for_turn(self, reserved: Reserved, deadline: datetime) -> float:
        """Wait until a reserved call may be sent; gives the seconds that are left for it then. A
        call that will not be sent is given back. Raises CallRefused if its time comes too late.
        """
        try:
            if seconds_left(deadline) - seconds_left(reserved.send_at) < LEAST_TIME_S:
                detail = f"gateway {reserved.plan.gateway} has no place for it in the turn's time"
                raise CallRefused(Refused(RefusalKind.RATE, detail, reserved.send_at))
            if (pause := seconds_left(reserved.send_at)) > 0:
                await asyncio.sleep(pause)
            return seconds_left(deadline)
        except BaseException:
            await asyncio.shield(self._clerk.release(reserved))
            raise


def seconds_left(until: datetime) -> float:
    """Seconds until then; negative if it is past."""
    return (until - datetime.now(UTC)).total_seconds()
