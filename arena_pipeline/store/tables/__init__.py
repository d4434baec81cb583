"""Every table of the store as SQLAlchemy classes, by subject; views for older clients are in
`store.views`.
"""

from arena_pipeline.store.tables.audit import AuditEntry
from arena_pipeline.store.tables.base import Base
from arena_pipeline.store.tables.calling import (
    CallQuota,
    CallRate,
    Circuit,
    CircuitState,
    Switch,
)
from arena_pipeline.store.tables.catalog import (
    Access,
    AliasOrigin,
    Model,
    ModelAlias,
    ModelPrice,
    ModelSource,
    SetBy,
)
from arena_pipeline.store.tables.evaluation import (
    OPEN_STATES,
    Evaluation,
    EvaluationState,
    Incident,
    Spend,
)
from arena_pipeline.store.tables.imports import PublishedRating
from arena_pipeline.store.tables.ladders import (
    CompetitorKind,
    Ladder,
    LadderMatch,
    Ordering,
    RatingEvent,
)
from arena_pipeline.store.tables.matches import (
    Match,
    MatchResult,
    MatchState,
    Participant,
    Purpose,
)
from arena_pipeline.store.tables.notices import Notice, NoticeKind
from arena_pipeline.store.tables.registry import (
    Agent,
    AgentSource,
    GameConfig,
    Gateway,
    Instance,
    Kind,
    Prompt,
)
from arena_pipeline.store.tables.snapshots import CatalogChange, CatalogSnapshot
from arena_pipeline.store.tables.standings import Standing, StandingDay
from arena_pipeline.store.tables.turns import LlmCall, Turn

__all__ = [
    "OPEN_STATES",
    "Access",
    "Agent",
    "AgentSource",
    "AliasOrigin",
    "AuditEntry",
    "Base",
    "CallQuota",
    "CallRate",
    "CatalogChange",
    "CatalogSnapshot",
    "Circuit",
    "CircuitState",
    "CompetitorKind",
    "Evaluation",
    "EvaluationState",
    "GameConfig",
    "Gateway",
    "Incident",
    "Instance",
    "Kind",
    "Ladder",
    "LadderMatch",
    "LlmCall",
    "Match",
    "MatchResult",
    "MatchState",
    "Model",
    "ModelAlias",
    "ModelPrice",
    "ModelSource",
    "Notice",
    "NoticeKind",
    "Ordering",
    "Participant",
    "Prompt",
    "PublishedRating",
    "Purpose",
    "RatingEvent",
    "SetBy",
    "Spend",
    "Standing",
    "StandingDay",
    "Switch",
    "Turn",
]
