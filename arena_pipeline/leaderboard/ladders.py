"""Ladders in the store: made, found by name, and the ones an arena starts with."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from arena_pipeline.errors import ArenaError, NotFound
from arena_pipeline.matches.configs import ensure_config
from arena_pipeline.matches.ladder_rules import LadderRule
from arena_pipeline.matches.ledger import rule_of
from arena_pipeline.registry.gateways import gateways, is_practice
from arena_pipeline.store import Store
from arena_pipeline.store.tables import CompetitorKind, Ladder, Ordering

DEFAULT_LADDER = "snake"
DEFAULT_CONFIG = "snake-standard"

PRACTICE_LADDER = "practice"
PRACTICE_CONFIG = "practice-snake"
PRACTICE_SETTINGS = {"width": 8, "height": 8, "apples": 4, "max_rounds": 40, "apple_target": 10}
"""A small board and few rounds, so that there is something to see soon."""


class BadLadder(ArenaError):
    """A ladder whose rules contradict each other."""


def ensure_defaults(store: Store) -> None:
    """The config and the ladder every arena starts with: Snake on the standard board; models, and
    bots beside them, by Elo, of the matches that say something of them.
    """
    ensure_config(store, DEFAULT_CONFIG, "snake")
    ensure_ladder(
        store,
        DEFAULT_LADDER,
        "snake",
        title="Snake",
        competitor=CompetitorKind.MODEL,
        is_default=True,
    )


def ensure_practice(store: Store) -> bool:
    """The config and the ladder on which models of practice gateways meet, made once one of those
    is declared; whether one is. Safe to repeat, beside others.
    """
    if not any(one.declared and is_practice(one.name) for one in gateways(store)):
        return False
    with store.read() as connection:
        made = connection.scalar(select(Ladder.id).where(Ladder.name == PRACTICE_LADDER))
    if made is None:
        ensure_config(store, PRACTICE_CONFIG, "snake", PRACTICE_SETTINGS)
        ensure_ladder(
            store,
            PRACTICE_LADDER,
            "snake",
            title="Practice: Snake for play money",
            competitor=CompetitorKind.MODEL,
            filter={"configs": [PRACTICE_CONFIG]},
        )
    return True


def ensure_ladder(
    store: Store,
    name: str,
    game: str,
    *,
    title: str | None = None,
    competitor: CompetitorKind = CompetitorKind.AGENT,
    ordering: Ordering = Ordering.FINISHED,
    filter: Mapping[str, Any] | None = None,  # noqa: A002 - the field's name
    policy: Mapping[str, Any] | None = None,
    is_default: bool = False,
) -> LadderRule:
    """The ladder `name`, made if it is not there (an existing one is left as it is). Safe to
    repeat, beside others.

    Filter and policy keys: `matches.ladder_rules.LadderRule`. Matches finished before a ladder was
    made are not on it until it is recomputed. Raises BadLadder for TrueSkill on a ladder that rates
    matches as they finish: it goes by their start.
    """
    if "trueskill" in (policy or {}) and ordering is Ordering.FINISHED:
        raise BadLadder(
            f"Ladder {name} can't keep TrueSkill, which goes by the start of matches, while it "
            "rates them as they finish; order it by ended_at"
        )
    row = {
        "name": name,
        "title": title or name,
        "game": game,
        "filter": dict(filter or {}),
        "competitor": competitor.value,
        "ordering": ordering.value,
        "policy": dict(policy or {}),
        "live": ordering is Ordering.FINISHED,
        "is_default": is_default,
        "created_at": datetime.now(UTC),
    }
    with store.write() as connection:
        connection.execute(store.insert_ignore(Ladder), [row])
        return rule_of(ladder_row(connection, name))


def ladder_row(connection: Connection, name: str) -> Row[Any]:
    """The row of the ladder `name`. Raises NotFound naming those there are."""
    row = connection.execute(select(Ladder.__table__).where(Ladder.name == name)).first()
    if row is None:
        names = connection.scalars(select(Ladder.name).order_by(Ladder.name)).all()
        raise NotFound(f"No ladder {name!r}; there are: {', '.join(names) or 'none'}")
    return row


def ladder_names(store: Store) -> list[str]:
    """All ladders, the default ones first."""
    with store.read() as connection:
        return list(
            connection.scalars(select(Ladder.name).order_by(Ladder.is_default.desc(), Ladder.name))
        )
