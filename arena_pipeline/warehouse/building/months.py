"""Reading one month of the store's rows: which rows these are, as statements.

What belongs here: months, and questions to the store as statements. Who asks them is
`building.reading`; whether a month has changed is told by `building.fingerprints`.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    Text,
    and_,
    cast,
    literal_column,
    select,
    union_all,
)

from arena_pipeline.store import Store
from arena_pipeline.store.arrow import ArrowView, Statement
from arena_pipeline.store.tables import (
    Ladder,
    LadderMatch,
    LlmCall,
    Match,
    MatchState,
    Participant,
    RatingEvent,
)
from arena_pipeline.warehouse.columns import is_text_document
from arena_pipeline.warehouse.errors import WarehouseError
from arena_pipeline.warehouse.tables import UNKNOWN_MONTH, WarehouseTable

Epochs = Mapping[int, int]
"""By ladder (ladders.id) the epoch in force."""

_MATCH = Match.__table__
_SEAT = Participant.__table__
_LADDER = Ladder.__table__
_PLACE = LadderMatch.__table__
_EVENT = RatingEvent.__table__
_CALL = LlmCall.__table__

IS_OVER = _MATCH.c.state.in_([MatchState.FINISHED.value, MatchState.VOID.value])
OVER: Mapping[str, FromClause] = MappingProxyType(
    {
        "matches": _MATCH,
        "participants": _MATCH.join(_SEAT, _SEAT.c.match_id == _MATCH.c.id),
        "llm_calls": _MATCH.join(_CALL, _CALL.c.match_id == _MATCH.c.id),
    }
)
"""Where the rows of a table are met together with their match."""

_OF_PLACE = and_(
    _EVENT.c.ladder_id == _PLACE.c.ladder_id,
    _EVENT.c.epoch == _PLACE.c.epoch,
    _EVENT.c.sequence == _PLACE.c.sequence,
)
_MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")
LAST_MONTH = "9999-12"


def ladders_in_force(view: ArrowView) -> Epochs:
    """Each ladder with the numbering of its matches that is in force."""
    found = view.stream(select(_LADDER.c.id, _LADDER.c.epoch)).read_all().to_pylist()
    return {row["id"]: row["epoch"] for row in found}


def rows_of(
    store: Store, table: WarehouseTable, month: str | None, epochs: Epochs
) -> Statement | None:
    """The statement that reads a table, or one month of it, in no order; None: it has no rows."""
    source = table.source
    assert source is not None
    statement: Select[*tuple[Any, ...]] = select(*(_read(source, name) for name in table.read))
    if month is None:
        return statement
    if source not in (_PLACE, _EVENT):
        over = and_(IS_OVER, within(store, _MATCH.c.ended_at, month))
        return statement.select_from(OVER[source.name]).where(over)
    # One statement for each ladder: databases plan these well, and a join with all ladders badly.
    origin = _PLACE if source is _PLACE else _PLACE.join(_EVENT, _OF_PLACE)
    each = [
        statement.select_from(origin).where(
            _PLACE.c.ladder_id == ladder,
            _PLACE.c.epoch == epoch,
            within(store, _PLACE.c.ended_at, month),
        )
        for ladder, epoch in epochs.items()
    ]
    return union_all(*each) if len(each) > 1 else each[0] if each else None


def _read(source: Any, name: str) -> ColumnElement[Any]:
    column = source.c[name]
    return cast(column, Text).label(name) if is_text_document(column) else column


def within(store: Store, column: ColumnElement[Any], month: str) -> ColumnElement[bool]:
    """That a moment lies in the month."""
    if month == UNKNOWN_MONTH:
        return column.is_(None)
    begin = column >= moment(store, month)
    return begin if month == LAST_MONTH else and_(begin, column < moment(store, following(month)))


def moment(store: Store, month: str) -> ColumnElement[Any]:
    """The beginning of a month as the store writes moments; `month` must be one."""
    zone = "" if store.is_sqlite else "+00"
    return literal_column(f"'{month}-01 00:00:00.000000{zone}'")


def following(month: str) -> str:
    """The month after it."""
    year, number = int(month[:4]), int(month[5:])
    return f"{year + number // 12:04}-{number % 12 + 1:02}"


def checked(month: str) -> str:
    """The month, if it is one. Raises WarehouseError."""
    if _MONTH.fullmatch(month) is None:
        raise WarehouseError(
            f"The store says that matches ended in {month!r}, which is no month; its times were "
            "written by something else than this program. arena doctor may say more"
        )
    return month
