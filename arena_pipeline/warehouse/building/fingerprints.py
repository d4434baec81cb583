"""What the store holds of each month, told cheaply: a month has to be read anew if this is another.

Matches that are over change by their revision only; within an epoch a ladder's ledger only grows,
and the newest link of a month's chain stands for those before it. First and last moments tell a
store from another in its place (one that was begun anew, or restored and played on), whose numbers
may be the same.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Text,
    and_,
    cast,
    func,
    literal_column,
    select,
    union_all,
)

from arena_pipeline.store import Store
from arena_pipeline.store.arrow import ArrowView, Statement
from arena_pipeline.store.tables import LadderMatch, LlmCall, Match
from arena_pipeline.warehouse.building.months import (
    IS_OVER,
    LAST_MONTH,
    OVER,
    Epochs,
    checked,
    following,
    moment,
    within,
)
from arena_pipeline.warehouse.columns import literal
from arena_pipeline.warehouse.tables import UNKNOWN_MONTH

Fingerprints = Mapping[str, Mapping[str, str]]
"""By table and month: a text that is another one as soon as rows of that month are."""

_MATCH = Match.__table__
_PLACE = LadderMatch.__table__
_CALL = LlmCall.__table__

_REMAINDER = 1_000_000_007
"""Amounts are summed up modulo this: a sum of large ones would be no 64-bit integer."""

_MOST_MONTHS = 400
"""Statements that SQLite takes together as one: 500 at most."""


def fingerprints(store: Store, view: ArrowView, epochs: Epochs) -> Fingerprints:
    """Of each table that lies by month, what each month is known by. Raises WarehouseError where
    the store names what is no month.
    """
    matches = _grouped(view, _matches(store, view))
    ledger = _grouped(view, *(_ledger(store, view, *one) for one in epochs.items()))
    return {
        "matches": matches,
        "participants": matches,
        "ladder_matches": ledger,
        "rating_events": ledger,
        "llm_calls": _grouped(view, _calls(store)),
    }


def _matches(store: Store, view: ArrowView) -> Statement:
    counted = _by_month(
        store,
        view,
        _MATCH.c.ended_at,
        IS_OVER,
        func.count().label("matches"),
        func.sum(_MATCH.c.id).label("ids"),
        func.sum(_MATCH.c.revision).label("revisions"),
        *_span(store, _MATCH.c.ended_at),
    ).subquery("counted")
    c = counted.c
    return select(c.month, *_said(c.matches, c.ids, c.revisions, c.first, c.last))


def _ledger(store: Store, view: ArrowView, ladder: int, epoch: int) -> Statement:
    counted = _by_month(
        store,
        view,
        _PLACE.c.ended_at,
        and_(_PLACE.c.ladder_id == ladder, _PLACE.c.epoch == epoch),
        func.count().label("places"),
        func.sum(_PLACE.c.match_id).label("ids"),
        func.max(_PLACE.c.match_id).label("newest"),
        *_span(store, _PLACE.c.ended_at),
    ).subquery("counted")
    link = _PLACE.alias("link")
    c = counted.c
    newest = and_(link.c.ladder_id == ladder, link.c.epoch == epoch, link.c.match_id == c.newest)
    values = _said(
        literal_column(str(ladder)), literal_column(str(epoch)),
        c.places, c.ids, c.newest, c.first, c.last, link.c.sequence, link.c.digest,
    )  # fmt: skip
    return select(c.month, *values).select_from(counted.join(link, newest))


def _calls(store: Store) -> Statement:
    month = _month(store, _MATCH.c.ended_at)
    values = _said(
        func.count(),
        func.sum(_CALL.c.id),
        *(
            func.sum(literal_column(f"llm_calls.{name} % {_REMAINDER}"))
            for name in ("cost_billed", "cost_estimated", "cost_counted")
        ),
        # A call given up for lost may be settled when its match is long over.
        func.count(_CALL.c.settled_at),
        func.count(_CALL.c.error_kind),
        *_span(store, _CALL.c.started_at),
    )
    return select(month, *values).select_from(OVER["llm_calls"]).where(IS_OVER).group_by(month)


def _by_month(
    store: Store,
    view: ArrowView,
    ended_at: ColumnElement[Any],
    condition: ColumnElement[bool],
    *values: ColumnElement[Any],
) -> Statement:
    """`values` over the rows of each month. `ended_at` must have an index that holds all of it.

    SQLite runs along the index four times as fast if it is asked for month after month: it would
    sort for a grouping.
    """
    months = _months(view, ended_at, condition, store) if store.is_sqlite else []
    if not 0 < len(months) <= _MOST_MONTHS:
        month = _month(store, ended_at)
        return select(month, *values).where(condition).group_by(month)
    each = [
        select(_constant(month).label("month"), *values).where(
            condition, within(store, ended_at, month)
        )
        for month in months
    ]
    return union_all(*each)


def _months(
    view: ArrowView, ended_at: ColumnElement[Any], condition: ColumnElement[bool], store: Store
) -> list[str]:
    """The months in which something ended, found by leaping along the index of SQLite."""
    months: list[str] = []
    beyond = condition
    while len(months) <= _MOST_MONTHS and (not months or months[-1] < LAST_MONTH):
        first = select(func.min(ended_at).label("first")).where(beyond)
        ((found,),) = (row.values() for row in view.stream(first).read_all().to_pylist())
        if found is None:
            break
        months.append(checked(str(found)[:7]))
        beyond = and_(condition, ended_at >= moment(store, following(months[-1])))
    unknown = select(func.count().label("rows")).where(condition, ended_at.is_(None))
    (row,) = view.stream(unknown).read_all().to_pylist()
    return [*months, UNKNOWN_MONTH] if row["rows"] else months


def _month(store: Store, column: ColumnElement[Any]) -> ColumnElement[str]:
    if store.is_sqlite:
        return func.substr(column, 1, 7, type_=Text).label("month")
    return func.to_char(func.timezone("UTC", column), "YYYY-MM", type_=Text).label("month")


def _span(store: Store, at: ColumnElement[Any]) -> list[ColumnElement[Any]]:
    """The first and the last of these moments, in UTC."""
    known = {"first": func.min(at), "last": func.max(at)}
    return [
        (one if store.is_sqlite else func.timezone("UTC", one)).label(name)
        for name, one in known.items()
    ]


def _constant(text: str) -> ColumnElement[str]:
    return literal_column(literal(text), Text)


def _said(*values: ColumnElement[Any]) -> list[ColumnElement[str]]:
    return [cast(value, Text).label(f"v{number}") for number, value in enumerate(values)]


def _grouped(view: ArrowView, *statements: Statement) -> Mapping[str, str]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for statement in statements:
        for row in view.stream(statement).read_all().to_pylist():
            month = row.pop("month")
            found[UNKNOWN_MONTH if month in (None, UNKNOWN_MONTH) else checked(month)].append(
                ",".join("" if value is None else str(value) for value in row.values())
            )
    return {month: "; ".join(sorted(lines)) for month, lines in sorted(found.items())}
