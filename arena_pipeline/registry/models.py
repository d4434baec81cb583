"""Asking the registry for models: lists with filters, one by any name it was ever known under.

What belongs here: reading. Models change through `registry.syncing.sync` (catalog),
`registry.declared.overrides` (models file) and `registry.acts.models` (people). Where a value comes
from is told by `registry.origins`.
"""

from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    SQLColumnExpression,
    and_,
    case,
    not_,
    or_,
    select,
)

from arena_pipeline.errors import ArenaError, NotFound
from arena_pipeline.registry.gateways import PRACTICE
from arena_pipeline.registry.names import nearest
from arena_pipeline.store import Store
from arena_pipeline.store.tables import (
    OPEN_STATES,
    Agent,
    AliasOrigin,
    Evaluation,
    EvaluationState,
    Ladder,
    Model,
    ModelAlias,
)


class AmbiguousName(ArenaError):
    """A name that several models answer to."""


class TestStatus(StrEnum):
    """How far the arena knows a model: what its default agent's evaluation on the main ladder of a
    game says.
    """

    __test__ = False  # a name pytest would take for a test class

    UNTESTED = "untested"
    TESTING = "testing"
    RANKED = "ranked"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class ModelRow:
    """One model of the registry. Prices are USD per million tokens, None where unknown.

    `price_prompt` and `price_completion` are the prices that count: those of `override_set_by` if
    somebody overrides them, else the listed ones.
    """

    id: int
    slug: str
    source: str
    display_name: str
    vendor: str
    client_name: str | None
    gateway: str | None
    version: int
    is_active: bool
    is_active_set_by: str | None
    is_active_reason: str | None
    access: str
    access_set_by: str | None
    access_reason: str | None
    context_length: int | None
    max_completion_tokens: int | None
    price_prompt: Decimal | None
    price_completion: Decimal | None
    listed_prompt: Decimal | None
    listed_completion: Decimal | None
    override_set_by: str | None
    details: dict[str, Any]
    upstream_created_at: datetime | None
    discovered_at: datetime
    last_seen_at: datetime | None
    removed_at: datetime | None
    retired_at: datetime | None
    retired_reason: str | None
    retired_set_by: str | None
    test_status: TestStatus = TestStatus.UNTESTED

    @property
    def is_free(self) -> bool:
        """Whether prompt and completion are known to cost nothing."""
        return self.price_prompt == 0 and self.price_completion == 0

    def costs_at_most(self, price: Decimal) -> bool:
        """Whether both prices are known and neither is above `price`."""
        known = (self.price_prompt, self.price_completion)
        return all(p is not None and p <= price for p in known)


_FIELDS = tuple(field.name for field in fields(ModelRow) if field.name != "test_status")
_PRICES: dict[str, SQLColumnExpression[Any]] = {
    "price_prompt": case(
        (Model.override_set_by.is_(None), Model.price_prompt), else_=Model.override_prompt
    ),
    "price_completion": case(
        (Model.override_set_by.is_(None), Model.price_completion), else_=Model.override_completion
    ),
    "listed_prompt": Model.price_prompt,
    "listed_completion": Model.price_completion,
}
_COLUMNS = tuple(
    _PRICES[name].label(name) if name in _PRICES else getattr(Model, name) for name in _FIELDS
)
_UNRESOLVED = Model.id.in_(
    select(ModelAlias.model_id).where(
        ModelAlias.origin == AliasOrigin.IMPORT, ModelAlias.rule == "unresolved"
    )
)


def models(
    store: Store,
    *,
    status: TestStatus | str | None = None,
    vendor: str | None = None,
    free: bool | None = None,
    max_price: Decimal | None = None,
    removed: bool | None = None,
    active: bool | None = None,
    unresolved: bool | None = None,
) -> tuple[ModelRow, ...]:
    """Models by slug that fit every filter given.

    `max_price` (USD per million tokens) holds for prompt and completion; models of unknown price
    never fit it. Unresolved are those that an import made for a name nobody could tell the
    model of. Raises NotFound for a vendor nobody has heard of and a status there is not.
    """
    where: list[ColumnElement[bool]] = []
    if active is not None:
        where.append(Model.is_active == active)
    if removed is not None:
        where.append(Model.removed_at.is_not(None) if removed else Model.removed_at.is_(None))
    if unresolved is not None:
        where.append(_UNRESOLVED if unresolved else not_(_UNRESOLVED))
    with store.read() as connection:
        if vendor is not None:
            where.append(Model.vendor == _known_vendor(connection, vendor))
        rows = model_rows(connection, *where)
    wanted = _known_status(status) if status is not None else None
    return tuple(
        row
        for row in rows
        if (wanted is None or row.test_status == wanted)
        and (free is None or row.is_free == free)
        and (max_price is None or row.costs_at_most(max_price))
    )


def model(store: Store, name: str) -> ModelRow:
    """The model of that slug, else of that alias.

    Raises NotFound naming the nearest names, AmbiguousName if several models were known by that
    alias.
    """
    with store.read() as connection:
        slug = resolve(connection, name)
        return model_rows(connection, Model.slug == slug)[0]


def aliases(store: Store, slug: str) -> tuple[tuple[str, str], ...]:
    """Every other name of a model with its origin, oldest first."""
    statement = (
        select(ModelAlias.alias, ModelAlias.origin)
        .join(Model, Model.id == ModelAlias.model_id)
        .where(Model.slug == slug)
        .order_by(ModelAlias.first_seen_at, ModelAlias.alias)
    )
    with store.read() as connection:
        return tuple((alias, origin) for alias, origin in connection.execute(statement))


def resolve(connection: Connection, name: str, *, suggest: bool = True) -> str:
    """The slug of the model that goes by `name`. Raises AmbiguousName or NotFound, which names the
    nearest ones if it is to `suggest` them: that takes a look at every name there is.
    """
    if connection.scalar(select(Model.id).where(Model.slug == name)) is not None:
        return name
    by_alias = (
        select(Model.slug)
        .join(ModelAlias, ModelAlias.model_id == Model.id)
        .where(ModelAlias.alias == name)
        .distinct()
        .order_by(Model.slug)
    )
    candidates = list(connection.scalars(by_alias))
    if len(candidates) == 1:
        return candidates[0]
    if candidates:
        raise AmbiguousName(
            f"{name!r} is a name of several models: {', '.join(candidates)}; use the slug"
        )
    if not suggest:
        raise NotFound(f"No model goes by {name!r}")
    known = [*connection.scalars(select(Model.slug)), *connection.scalars(select(ModelAlias.alias))]
    raise NotFound(f"No model goes by {name!r}{nearest(name, known)}")


def model_rows(connection: Connection, *where: ColumnElement[bool]) -> list[ModelRow]:
    """Models by slug for which everything in `where` holds, within a transaction."""
    return _rows(connection, select(*_COLUMNS).where(*where).order_by(Model.slug))


def _rows(connection: Connection, statement: Select[Any]) -> list[ModelRow]:
    evaluated = _test_status(connection)
    return [
        ModelRow(**dict(zip(_FIELDS, row, strict=True)), test_status=_status(row, evaluated))
        for row in connection.execute(statement)
    ]


def _status(row: Any, evaluated: dict[int, TestStatus]) -> TestStatus:
    return TestStatus.RETIRED if row.retired_at else evaluated.get(row.id, TestStatus.UNTESTED)


_MEANING = {
    EvaluationState.RANKED: TestStatus.RANKED,
    EvaluationState.RETIRED: TestStatus.RETIRED,
    **dict.fromkeys(OPEN_STATES, TestStatus.TESTING),
}


def _test_status(connection: Connection) -> dict[int, TestStatus]:
    """By model id, what its default agent's newest evaluation on a main ladder says; that of a
    practice model on the ladder for practice.
    """
    practised = and_(Ladder.name == PRACTICE, Model.gateway.startswith(PRACTICE))
    newest_last = (
        select(Agent.model_id, Evaluation.state)
        .join(Evaluation, Evaluation.agent_id == Agent.id)
        .join(Ladder, Ladder.id == Evaluation.ladder_id)
        .join(Model, Model.id == Agent.model_id)
        .where(Agent.is_default, or_(Ladder.is_default, practised))
        .order_by(Evaluation.id)
    )
    return {
        model_id: _MEANING.get(EvaluationState(state), TestStatus.UNTESTED)
        for model_id, state in connection.execute(newest_last)
        if model_id is not None
    }


def _known_status(status: str) -> TestStatus:
    if status not in [*TestStatus]:
        raise NotFound(
            f"No test status is called {status!r}{nearest(status, map(str, TestStatus))}"
        )
    return TestStatus(status)


def _known_vendor(connection: Connection, vendor: str) -> str:
    vendors = list(connection.scalars(select(Model.vendor).distinct()))
    if vendor not in vendors:
        raise NotFound(f"No model is made by {vendor!r}{nearest(vendor, vendors)}")
    return vendor
