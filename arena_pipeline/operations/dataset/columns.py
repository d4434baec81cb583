"""Which tables the dataset has and what their columns mean, mostly in the words of the store.

Row numbers of the store are left out, since they mean nothing elsewhere: a match is known by its
uuid. So are paths of this machine's files and who is at work on a match.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from sqlalchemy import Boolean, Column, Double, Integer

from arena_pipeline.store.tables import Agent, GameConfig, Instance, Match, Model, Participant, Turn
from arena_pipeline.store.types import Document, Usd, UtcDateTime

if TYPE_CHECKING:
    import pyarrow as pa


class Type(StrEnum):
    """What a column holds; the value is the word for it in the card."""

    TEXT = "text"
    LONG_TEXT = "text, may be long"
    JSON = "text (JSON)"
    COUNT = "int64"
    NUMBER = "float64"
    TRUTH = "bool"
    MOMENT = "timestamp, microseconds, UTC"
    MONEY = "decimal(38, 12), USD"


@dataclass(frozen=True, slots=True)
class DatasetColumn:
    """One column; `comment` says what it is, in which unit, and what NULL means."""

    name: str
    type: Type
    comment: str
    nullable: bool


@dataclass(frozen=True, slots=True)
class DatasetTable:
    """One table, which lies by year and month of the match's end."""

    name: str
    comment: str
    columns: tuple[DatasetColumn, ...]


_TYPES: tuple[tuple[type[Any], Type], ...] = (
    (UtcDateTime, Type.MOMENT),
    (Usd, Type.MONEY),
    (Document, Type.JSON),
    (Boolean, Type.TRUTH),
    (Integer, Type.COUNT),
    (Double, Type.NUMBER),
)


def _stored(column: Any, name: str = "", comment: str = "") -> DatasetColumn:
    """A column as the store has it, perhaps under another name or with other words."""
    source: Column[Any] = column.property.columns[0]
    kind = next((ours for theirs, ours in _TYPES if isinstance(source.type, theirs)), Type.TEXT)
    words = comment or (source.doc or "").replace("in 1e-12 USD", "in USD")
    return DatasetColumn(name or source.name, kind, words, bool(source.nullable))


_UUID = _stored(Match.uuid, comment="The match (matches.uuid).")

MATCHES = DatasetTable(
    "matches",
    "One row per contest that is over: state finished, or void and not counted.",
    (
        _stored(Match.uuid),
        _stored(GameConfig.game, comment="What was played."),
        _stored(GameConfig.name, "config", "Name of the settings it was played with."),
        _stored(GameConfig.settings, comment="These settings, defaults filled in (JSON)."),
        DatasetColumn(
            "instance",
            Type.TEXT,
            "Name of the stored start it was played from; NULL: drawn by chance, or recorded only "
            "in its own replay.",
            nullable=True,
        ),
        _stored(Match.group),
        _stored(Match.purpose),
        _stored(Match.state, comment="finished, or void: kept on record, but counted nowhere."),
        _stored(Match.seed),
        _stored(Match.rule_version),
        _stored(Match.started_at),
        _stored(Match.ended_at),
        _stored(Match.started_at_text),
        _stored(Match.ended_at_text),
        _stored(Match.rounds),
        _stored(Match.ended_by),
        _stored(Match.winning_team),
        _stored(Match.total_score),
        _stored(Match.cost),
        _stored(Match.replay_digest),
        _stored(Match.source_digest),
        _stored(Match.verification),
        _stored(Match.crashed),
        _stored(Match.void_reason),
        _stored(Match.info),
        DatasetColumn(
            "turns_missing",
            Type.TEXT,
            "Why the table turns has nothing of this match; NULL: it has all of its turns.",
            nullable=True,
        ),
    ),
)

PARTICIPANTS = DatasetTable(
    "participants",
    "One row per seat in a match; NULL in `result` and what follows: it was voided before its end.",
    (
        _UUID,
        _stored(Participant.slot),
        _stored(Participant.name),
        DatasetColumn(
            "agent",
            Type.TEXT,
            "Alias of who sat there; NULL: known by name only.",
            nullable=True,
        ),
        DatasetColumn(
            "agent_kind",
            Type.TEXT,
            "What the agent is, such as llm or bot; NULL: known by name only.",
            nullable=True,
        ),
        DatasetColumn(
            "model",
            Type.TEXT,
            "Slug of what the agent played with; NULL: no model, or not known.",
            nullable=True,
        ),
        *(
            _stored(getattr(Participant, name))
            for name in (
                "team", "role", "score", "reward", "result", "placement", "death_round",
                "death_reason", "agent_faults", "gateway_faults", "faults", "metrics", "flags",
                "input_tokens", "output_tokens", "cost",
            )
        ),
    ),
)  # fmt: skip

TURNS = DatasetTable(
    "turns",
    "One row per decision, as the replays tell them.",
    (
        _UUID,
        _stored(Turn.step),
        _stored(Turn.slot),
        DatasetColumn(
            "state",
            Type.LONG_TEXT,
            "The position the decision was made in (JSON), before anybody moved; for Snake: board, "
            "snakes by slot (each a list of [x, y], head first, (0, 0) bottom left), apples, "
            "scores, alive.",
            nullable=False,
        ),
        _stored(Turn.action),
        _stored(Turn.fault),
        DatasetColumn("rationale", Type.LONG_TEXT, str(Turn.rationale.doc), nullable=True),
        *(_stored(getattr(Turn, name)) for name in ("input_tokens", "output_tokens", "cost")),
        DatasetColumn(
            "decided_at",
            Type.MOMENT,
            "When the decision came (UTC); NULL: not recorded.",
            nullable=True,
        ),
        _stored(Turn.duration_ms),
        _stored(Turn.extra),
    ),
)

TABLES: Mapping[str, DatasetTable] = MappingProxyType(
    {one.name: one for one in (MATCHES, PARTICIPANTS, TURNS)}
)

SOURCES: Mapping[str, Any] = MappingProxyType(
    {
        "game": GameConfig.game,
        "config": GameConfig.name,
        "settings": GameConfig.settings,
        "instance": Instance.name,
        "agent": Agent.alias,
        "agent_kind": Agent.kind,
        "model": Model.slug,
    }
)
"""Columns of matches and participants that come from other tables of the store."""


@cache
def schema_of(table: DatasetTable) -> "pa.Schema":
    """The table's columns for Arrow."""
    import pyarrow as pa

    types = {
        Type.COUNT: pa.int64(),
        Type.NUMBER: pa.float64(),
        Type.TRUTH: pa.bool_(),
        Type.MOMENT: pa.timestamp("us", "UTC"),
        Type.MONEY: pa.decimal128(38, 12),
    }
    return pa.schema(
        [
            pa.field(one.name, types.get(one.type, pa.string()), nullable=one.nullable)
            for one in table.columns
        ]
    )


Value = str | int | float | bool | datetime | Decimal | None
"""What a cell holds on its way into Parquet."""
