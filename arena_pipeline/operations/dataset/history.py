"""The store's history for the dataset: every match that is over with its seats, by the time of its
end.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Row, Select, func, select

from arena_pipeline.operations.dataset.columns import (
    MATCHES,
    PARTICIPANTS,
    SOURCES,
    DatasetTable,
    Type,
    Value,
)
from arena_pipeline.operations.dataset.decisions import json_text
from arena_pipeline.store import Store
from arena_pipeline.store.tables import (
    Agent,
    GameConfig,
    Instance,
    Match,
    MatchState,
    Model,
    Participant,
)

_CHUNK = 1_000
_OVER = Match.state.in_([MatchState.FINISHED.value, MatchState.VOID.value])
_FROM_REPLAYS = "turns_missing"
_SEAT = "seat_"
"""Seats' columns are labelled so, since matches have columns of the same names."""


Month = tuple[int, int] | None
"""Year and month (1 to 12) of a match's end in UTC; None: not known."""


@dataclass(frozen=True, slots=True)
class Played:
    """A match with its seats in slot order, as rows of the dataset without `turns_missing`, and
    where its replay lies: `missing` says why there is none.
    """

    month: Month
    match: dict[str, Value]
    seats: tuple[dict[str, Value], ...]
    replay_path: str | None
    missing: str | None


def count(connection: Connection) -> int:
    """How many matches there are."""
    return connection.scalar(select(func.count()).select_from(Match).where(_OVER)) or 0


def history(store: Store, connection: Connection) -> Iterator[Played]:
    """Every match that is over, by end (unknown ones last), then uuid; a few thousand rows are held
    at a time.
    """
    rows = connection.execute(_query(store).execution_options(yield_per=_CHUNK))
    for _, group in groupby(rows, key=lambda row: row.id):
        seats = list(group)
        first = seats[0]
        ended_at = first.ended_at
        yield Played(
            None if ended_at is None else (ended_at.year, ended_at.month),
            _values(MATCHES, first, ""),
            tuple(
                _values(PARTICIPANTS, seat, _SEAT) for seat in seats if seat.seat_slot is not None
            ),
            first.replay_path,
            _reason(first),
        )


def _query(store: Store) -> Select[Any]:
    uuid = Match.uuid if store.is_sqlite else Match.uuid.collate("C")
    return (
        select(
            Match.id,
            Match.replay_path,
            Match.replay_missing,
            *(
                SOURCES.get(one.name, getattr(Match, one.name, None)).label(one.name)
                for one in MATCHES.columns
                if one.name != _FROM_REPLAYS
            ),
            *(_seat_column(one.name).label(_SEAT + one.name) for one in PARTICIPANTS.columns),
        )
        .join_from(Match, GameConfig, GameConfig.id == Match.config_id)
        .outerjoin(Instance, Instance.id == Match.instance_id)
        .outerjoin(Participant, Participant.match_id == Match.id)
        .outerjoin(Agent, Agent.id == Participant.agent_id)
        .outerjoin(Model, Model.id == Participant.model_id)
        .where(_OVER)
        .order_by(Match.ended_at.is_(None), Match.ended_at, uuid, Participant.slot)
    )


def _seat_column(name: str) -> Any:
    if name == "uuid":
        return Match.uuid
    return SOURCES[name] if name in SOURCES else getattr(Participant, name)


def _values(table: DatasetTable, row: Row[Any], prefix: str) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for one in table.columns:
        if one.name != _FROM_REPLAYS:
            value = getattr(row, prefix + one.name)
            is_json = one.type is Type.JSON and value is not None
            found[one.name] = json_text(value) if is_json else value
    return found


def _reason(row: Row[Any]) -> str | None:
    if row.replay_path is not None:
        return None
    if row.replay_missing is not None:
        return str(row.replay_missing)
    return "it was voided before its end" if row.state == MatchState.VOID else "it has no replay"
