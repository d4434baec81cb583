"""Trying a gateway: one tiny call that belongs to no match, paid for like any other.

What belongs here: which model is asked, for what money, and what a good answer puts right.
"""

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from sqlalchemy import or_

from arena_pipeline.calls.asking import Callee, Message
from arena_pipeline.calls.kinds import RefusalKind
from arena_pipeline.calls.limits import reset
from arena_pipeline.calls.plan import CallRefused, Refused
from arena_pipeline.calls.spending.outside import charge_outside, correct_outside
from arena_pipeline.calls.wire.request import Request
from arena_pipeline.calls.wire.sending import Sent, send
from arena_pipeline.catalog.tariff import Tariff
from arena_pipeline.errors import ArenaError, NotFound
from arena_pipeline.registry.gateways import OPENROUTER, GatewayRow
from arena_pipeline.registry.models import ModelRow, model_rows, resolve
from arena_pipeline.registry.tariffs import tariff_at
from arena_pipeline.settings import Settings, key_is_set, secret_values, value_of
from arena_pipeline.store import Store
from arena_pipeline.store.tables import Model

REPLY_TOKENS = 16
"""Tokens the answer may have; fewer are refused here and there."""

_QUESTION = (Message("user", "Answer with one word: ready"),)


class NotTried(ArenaError):
    """A gateway can't be tried: what is missing."""


@dataclass(frozen=True, slots=True)
class Trial:
    """A call that would try a gateway. `most` is what it costs at most, in USD."""

    gateway: GatewayRow
    callee: Callee
    request: Request
    most: Decimal


def trial_of(store: Store, gateway: GatewayRow, model: str | None = None) -> Trial:
    """The call that tries a gateway at the least cost: to its cheapest model, or to the one named
    (any name of the registry, or what the gateway itself calls it).

    Raises NotTried, saying what is missing: the key, a model, a price.
    """
    if gateway.key_variable and not key_is_set(gateway.key_variable):
        raise NotTried(f"{gateway.key_variable}, the key of gateway {gateway.name}, is not set")
    found = _named(store, gateway, model) if model else _at_home(store, gateway)
    trials = [trial for callee in found if (trial := _trial(gateway, callee)) is not None]
    if trials:
        return min(trials, key=lambda trial: (trial.most, trial.callee.client_name))
    if model:
        raise NotTried(
            f"Nobody knows what {model} costs at gateway {gateway.name}; give the gateway prices "
            "in models.yaml"
        )
    raise NotTried(
        f"No model of known price is called at gateway {gateway.name}; name one with --model"
    )


def try_gateway(store: Store, settings: Settings, trial: Trial) -> Sent:
    """Make the call, within what is left of the budget over all and of the gateway's day. After an
    answer the gateway's circuits are closed. Sent once, never repeated.

    It is charged in full before it is sent and corrected after, so that a process that dies between
    has charged too much, never too little. Raises CallRefused if there is no money for it.
    """
    name, now = trial.gateway.name, datetime.now(UTC)
    refused = charge_outside(store, settings, name, trial.most, now)
    if refused is not None:
        raise CallRefused(refused)
    sent = asyncio.run(_send(trial, settings))
    if sent.cost is not None:
        correct_outside(store, name, trial.most, sent.cost, now)
    if sent.reply.failure is None:
        reset(store, name)
    return sent


async def _send(trial: Trial, settings: Settings) -> Sent:
    from arena_pipeline.calls.wire.gateway_client import GatewayClient

    variable = trial.gateway.key_variable
    key = value_of(variable) if variable else None
    if variable and key is None:
        raise CallRefused(Refused(RefusalKind.NO_KEY, f"{variable} is not set"))
    secrets = secret_values(settings) | ({key} if key else set())
    client = GatewayClient(trial.gateway)
    try:
        timeout_s = settings.call_timeout_s
        return await send(client, key, trial.request, trial.callee.tariff, timeout_s, secrets)
    finally:
        await client.close()


def _trial(gateway: GatewayRow, callee: Callee) -> Trial | None:
    request = Request.of(callee, _QUESTION, REPLY_TOKENS)
    return None if request.most is None else Trial(gateway, callee, request, request.most)


def _at_home(store: Store, gateway: GatewayRow) -> Iterator[Callee]:
    """The models that are called at this gateway and listed now."""
    home = Model.gateway == gateway.name
    if gateway.name == OPENROUTER:
        home = or_(home, Model.gateway.is_(None))
    with store.read() as connection:
        rows = model_rows(connection, home, Model.removed_at.is_(None), Model.retired_at.is_(None))
    return _callees(gateway, rows)


def _named(store: Store, gateway: GatewayRow, name: str) -> Iterator[Callee]:
    with store.read() as connection:
        try:
            slug = resolve(connection, name, suggest=False)
        except NotFound:
            prices = (gateway.price_prompt, gateway.price_completion)
            return iter([Callee(gateway.name, name, Tariff.of(*prices, {}))])
        return _callees(gateway, model_rows(connection, Model.slug == slug))


def _callees(gateway: GatewayRow, rows: Iterable[ModelRow]) -> Iterator[Callee]:
    for row in rows:
        yield Callee(gateway.name, row.client_name or row.slug, tariff_at(gateway, row))
