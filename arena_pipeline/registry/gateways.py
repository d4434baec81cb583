"""Where calls to models are sent: the gateways that the models file declares, and the one built in.

A gateway's key is never here: `key_variable` names the environment variable that holds it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, insert, select, update

from arena_pipeline.store import Store
from arena_pipeline.store.tables import Gateway

OPENROUTER = "openrouter"
"""The gateway whose catalog the arena reads, and the only one it knows without being told."""

PRACTICE = "practice"
"""The gateway to practise with, which plays for play money; others of the sort begin with it."""


@dataclass(frozen=True, slots=True)
class GatewayRow:
    """One gateway. Limits are None where there is none of ours; `daily_cap` is USD a day (UTC).

    Prices are USD per million tokens, of models called there that have none of their own; None:
    unknown. What a model costs at a gateway is told by `registry.tariffs`.

    One that is not `declared` was in the models file once and is not to be used. `updated_at` is
    None for the one built in, until the models file has been applied.
    """

    name: str
    base_url: str
    key_variable: str | None = None
    requests_per_minute: int | None = None
    concurrency: int | None = None
    daily_cap: Decimal | None = None
    price_prompt: Decimal | None = None
    price_completion: Decimal | None = None
    declared: bool = True
    updated_at: datetime | None = None

    @property
    def terms(self) -> dict[str, Any]:
        """What a declaration decides, by column."""
        return {name: getattr(self, name) for name in _TERMS}


_FIELDS = tuple(field.name for field in fields(GatewayRow))
_TERMS = _FIELDS[1:-1]

BUILT_IN = GatewayRow(OPENROUTER, "https://openrouter.ai/api/v1", "OPENROUTER_API_KEY")


def gateways(store: Store) -> tuple[GatewayRow, ...]:
    """Every gateway by name, those no longer declared too."""
    with store.read() as connection:
        return gateway_rows(connection)


def gateway_rows(connection: Connection) -> tuple[GatewayRow, ...]:
    """The same within a transaction."""
    stored = _stored(connection)
    if not (OPENROUTER in stored and stored[OPENROUTER].declared):
        stored[OPENROUTER] = BUILT_IN
    return tuple(stored[name] for name in sorted(stored))


def write_gateways(
    connection: Connection, declared: Iterable[GatewayRow], at: datetime
) -> tuple[str, ...]:
    """Make these, and the one built in, the gateways there are; names those that changed.

    Others stay as they were, marked as no longer declared. Safe to repeat; call it within
    `registry_write`.
    """
    wanted = {gateway.name: gateway for gateway in (BUILT_IN, *declared)}
    stored = _stored(connection)
    changes: dict[str, Mapping[str, Any]] = {
        name: gateway.terms
        for name, gateway in wanted.items()
        if name not in stored or stored[name].terms != gateway.terms
    }
    gone = {name for name, row in stored.items() if row.declared and name not in wanted}
    changes |= {name: {"declared": False} for name in gone}
    for name, terms in changes.items():
        values = {**terms, "updated_at": at}
        if name in stored:
            connection.execute(update(Gateway).where(Gateway.name == name).values(**values))
        else:
            connection.execute(insert(Gateway).values(name=name, **values))
    return tuple(sorted(changes))


def is_practice(gateway: str) -> bool:
    """Whether a gateway is one to practise with: its models play on ladders of their own."""
    return gateway == PRACTICE or gateway.startswith(f"{PRACTICE}-")


def _stored(connection: Connection) -> dict[str, GatewayRow]:
    columns = (getattr(Gateway, name) for name in _FIELDS)
    return {row.name: GatewayRow(*row) for row in connection.execute(select(*columns))}
