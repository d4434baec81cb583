"""In what the warehouse's tables differ from the store's: names beside the ids, what is left out,
which of them lie by month.

What belongs here: pure facts, table by table; the tables themselves are put together in
`warehouse.tables`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from arena_pipeline.warehouse.columns import WarehouseColumn


@dataclass(frozen=True, slots=True)
class Added:
    """A column that the store's table lacks, to stand after the column `after`."""

    after: str
    column: WarehouseColumn


@dataclass(frozen=True, slots=True)
class Shape:
    """How a table differs from the store's."""

    name: str = ""
    comment: str = ""
    joins: str = ""
    added: tuple[Added, ...] = ()
    left_out: frozenset[str] = field(default_factory=frozenset)
    is_fact: bool = False


def _name(after: str, name: str, comment: str, expression: str) -> Added:
    return Added(after, WarehouseColumn(name, "VARCHAR", comment, expression))


def _ended_at(after: str, expression: str) -> Added:
    comment = "When the match was over (UTC), as in matches; NULL: unknown."
    return Added(after, WarehouseColumn("ended_at", "TIMESTAMPTZ", comment, expression))


_AGENT = "LEFT JOIN agents ON agents.id = arrived.agent_id"
_MODEL = "LEFT JOIN models ON models.id = arrived.model_id"
_LADDER = "LEFT JOIN ladders ON ladders.id = arrived.ladder_id"
_LADDER_NAME = _name("ladder_id", "ladder", "Name of the ladder (ladders.name).", "ladders.name")
_SLUG = _name("model_id", "slug", "Slug of the model (models.slug).", "models.slug")
_ALIAS = _name("agent_id", "agent", "Alias of the agent (agents.alias).", "agents.alias")

SHAPES: Mapping[str, Shape] = MappingProxyType(
    {
        "models": Shape(),
        "model_prices": Shape(name="prices", joins=_MODEL, added=(_SLUG,)),
        "catalog_snapshots": Shape(),
        "catalog_changes": Shape(),
        "gateways": Shape(),
        "kinds": Shape(),
        "prompts": Shape(),
        "agents": Shape(
            joins=_MODEL,
            added=(
                _name(
                    "model_id",
                    "model",
                    "Slug of what it plays with (models.slug); NULL: no model.",
                    "models.slug",
                ),
            ),
        ),
        "model_aliases": Shape(joins=f"{_MODEL} {_AGENT}", added=(_SLUG, _ALIAS)),
        "game_configs": Shape(),
        "instances": Shape(
            joins="LEFT JOIN game_configs ON game_configs.id = arrived.config_id",
            added=(
                _name(
                    "config_id",
                    "config",
                    "Name of the config (game_configs.name).",
                    "game_configs.name",
                ),
            ),
        ),
        "ladders": Shape(),
        "published_ratings": Shape(),
        "standings": Shape(joins=_LADDER, added=(_LADDER_NAME,)),
        "standing_days": Shape(joins=_LADDER, added=(_LADDER_NAME,)),
        "evaluations": Shape(joins=f"{_AGENT} {_LADDER}", added=(_ALIAS, _LADDER_NAME)),
        "incidents": Shape(),
        "audit": Shape(),
        "spend": Shape(),
        "matches": Shape(
            is_fact=True,
            comment="One contest that is over: state finished, or void and not counted. What is "
            "still being played is not here.",
            joins="LEFT JOIN game_configs ON game_configs.id = arrived.config_id",
            added=(
                _name(
                    "config_id",
                    "config",
                    "Name of the config (game_configs.name).",
                    "game_configs.name",
                ),
                _name(
                    "config_id",
                    "game",
                    "Name of the game that was played (game_configs.game).",
                    "game_configs.game",
                ),
            ),
        ),
        "participants": Shape(
            is_fact=True,
            comment="An agent's seat in a match that is over; NULL in `result` and what follows: "
            "it was voided before its end.",
            joins=f"{_AGENT} {_MODEL} LEFT JOIN matches ON matches.id = arrived.match_id",
            added=(
                _ended_at("slot", "matches.ended_at"),
                _name(
                    "agent_id",
                    "agent",
                    "Alias of who sat there (agents.alias); NULL: known by name only.",
                    "agents.alias",
                ),
                _name(
                    "model_id",
                    "model",
                    "Slug of what the agent played with (models.slug); NULL: no model, or not "
                    "known.",
                    "models.slug",
                ),
            ),
        ),
        "ladder_matches": Shape(
            is_fact=True,
            comment="A match's place in a ladder's ledger, or the reason why it is not rated "
            "there; only the numbering in force (ladders.epoch).",
            joins=f"{_LADDER} LEFT JOIN matches ON matches.id = arrived.match_id",
            added=(
                _LADDER_NAME,
                _name(
                    "match_id",
                    "uuid",
                    "The match's name for ever (matches.uuid); NULL: it is not over.",
                    "matches.uuid",
                ),
            ),
        ),
        "rating_events": Shape(
            is_fact=True,
            comment="One line of the ledger: this match moved this competitor from `before` to "
            "`after`; only the numbering in force (ladders.epoch).",
            joins=f"{_LADDER} LEFT JOIN ladder_matches "
            "ON ladder_matches.ladder_id = arrived.ladder_id "
            "AND ladder_matches.sequence = arrived.sequence",
            added=(
                _LADDER_NAME,
                Added(
                    "sequence",
                    WarehouseColumn(
                        "match_id",
                        "BIGINT",
                        "The match that moved the rating (matches.id).",
                        "ladder_matches.match_id",
                    ),
                ),
                _ended_at("match_id", "ladder_matches.ended_at"),
            ),
        ),
        "llm_calls": Shape(
            is_fact=True,
            comment="One HTTP attempt made for a turn of a match that is over, without what was "
            "said. Billed and estimated cost apart; NULL is unknown.",
            joins="LEFT JOIN participants ON participants.match_id = arrived.match_id"
            " AND participants.slot = arrived.slot",
            left_out=frozenset({"payload"}),
            added=(
                _name(
                    "slot",
                    "agent",
                    "Alias of the agent that asked (agents.alias); NULL: known by name only.",
                    "participants.agent",
                ),
                _name(
                    "slot",
                    "model",
                    "Slug of the model that was asked (models.slug); NULL: not known.",
                    "participants.model",
                ),
            ),
        ),
    }
)
