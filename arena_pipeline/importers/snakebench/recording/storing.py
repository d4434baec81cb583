"""Prepared games written into the store: new matches, and better versions of those that are there.

Each batch is one transaction through the recorder's own finishing, so that live ladders rate
imports as they rate everything. What the store holds already is looked at within it: whoever
imports at the same time comes to the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from sqlalchemy import Connection, and_, bindparam, delete, insert, select, text, update

from arena_pipeline.importers.snakebench.recording.choosing import is_better
from arena_pipeline.importers.snakebench.recording.prepared import Prepared, Version
from arena_pipeline.importers.snakebench.recording.preparing import GAME
from arena_pipeline.leaderboard.recompute import Recomputed, recompute_within
from arena_pipeline.matches.finishing import write_finished
from arena_pipeline.matches.rows import Columns, MatchRows, Names
from arena_pipeline.registry.acts.audit import By, SubjectKind, write_audit
from arena_pipeline.store import Store
from arena_pipeline.store.tables import (
    Agent,
    Ladder,
    LadderMatch,
    Match,
    MatchState,
    Model,
    Participant,
    PublishedRating,
    Purpose,
    RatingEvent,
)


class Relation(Enum):
    """How a version stands to what the store holds of its game."""

    NEW = auto()
    BETTER = auto()
    PRESENT = auto()
    LESSER = auto()
    FOREIGN = auto()
    """A match of this id that is no import."""


@dataclass(frozen=True, slots=True)
class Ready:
    """A version with its rows, complete: config and people have their numbers."""

    version: Version
    prepared: Prepared
    rows: MatchRows


@dataclass(frozen=True, slots=True)
class Stored:
    """What the store holds of a game."""

    id: int
    state: str
    purpose: str
    revision: int
    digest: str
    path: str
    replay_path: str | None
    info: Mapping[str, Any]

    def relation_to(self, version: Version) -> Relation:
        """How a version stands to it."""
        if self.purpose != Purpose.IMPORT or self.state not in _OVER:
            return Relation.FOREIGN
        if self.digest == version.digest:
            return Relation.PRESENT
        known = tuple(self.info.get("completeness", ()))
        is_new_better = is_better((version.worth, version.digest), (known, self.digest))
        return Relation.BETTER if is_new_better else Relation.LESSER


_OVER = (MatchState.FINISHED, MatchState.VOID)


def stored_games(
    connection: Connection, uuids: Sequence[str], *, lock: bool = False
) -> dict[str, Stored]:
    """What the store holds of these games, by id; with `lock`, until the transaction is over."""
    query = _STORED.with_for_update(key_share=True) if lock else _STORED
    rows = connection.execute(query, {"uuids": list(uuids)})
    return {uuid: Stored(*stored) for uuid, *stored in rows}


def is_kept(connection: Connection, digest: str) -> bool:
    """Whether the statistics with these bytes are in the store."""
    query = select(PublishedRating.position).where(PublishedRating.source_digest == digest)
    return connection.execute(query.limit(1)).first() is not None


def complete(
    version: Version, prepared: Prepared, config_id: int, people: Mapping[str, Any]
) -> Ready:
    """Fill in the numbers that the store gave to config and people."""
    match = {**prepared.match, "config_id": config_id, "source_path": version.path}
    seats = [
        {
            **seat,
            "agent_id": people[seat["name"]].agent_id,
            "model_id": people[seat["name"]].model_id,
        }
        for seat in prepared.seats
    ]
    return Ready(version, prepared, MatchRows(GAME, prepared.config, match, seats))


def write_new(
    store: Store, connection: Connection, batch: Sequence[Ready], names: Names
) -> frozenset[str]:
    """Record matches that are not there yet; returns the ids of those that were not."""
    there = stored_games(connection, [one.version.uuid for one in batch])
    fresh = [one.rows for one in batch if one.version.uuid not in there]
    return frozenset(write_finished(store, connection, fresh, names))


def write_better(
    connection: Connection, batch: Sequence[Ready], by: By
) -> tuple[dict[str, Stored], list[Recomputed]]:
    """Put better versions in the place of what is stored, and rebuild the ladders that had judged
    it.

    Returns what was there before of those replaced, and the ladders.
    """
    there = stored_games(connection, [one.version.uuid for one in batch], lock=True)
    replaced = {}
    for one in sorted(batch, key=lambda one: there[one.version.uuid].id):
        stored = there[one.version.uuid]
        if stored.relation_to(one.version) is Relation.BETTER:
            _replace(connection, stored, one.rows, by)
            replaced[one.version.uuid] = stored
    ladders = _judged_on(connection, [stored.id for stored in replaced.values()])
    return replaced, [recompute_within(connection, ladder) for ladder in ladders]


def count_anew(store: Store) -> None:
    """Let PostgreSQL see how large the tables have become: until it does by itself, it takes them
    for small, and reads a ladder's past several times slower. SQLite needs no telling.
    """
    if not store.is_sqlite:
        with store.write() as connection:
            connection.execute(text("ANALYZE " + ", ".join(_GROWN)))


def _replace(connection: Connection, stored: Stored, rows: MatchRows, by: By) -> None:
    values: Columns = {**rows.match, "state": stored.state, "revision": stored.revision + 1}
    connection.execute(update(Match).where(Match.id == stored.id).values(values))
    connection.execute(delete(Participant).where(Participant.match_id == stored.id))
    connection.execute(
        insert(Participant), [{"match_id": stored.id, **seat} for seat in rows.seats]
    )
    before = {"layout": stored.info.get("layout"), "source": stored.path}
    after = {"layout": rows.match["info"]["layout"], "source": rows.match["source_path"]}
    write_audit(connection, by, "improve", SubjectKind.MATCH, rows.uuid, before=before, after=after)


def _judged_on(connection: Connection, matches: Sequence[int]) -> list[str]:
    """Names of the ladders that judged any of these matches in the present epoch, locked."""
    found: set[int] = set()
    for start in range(0, len(matches), _PAGE):
        page = {"matches": matches[start : start + _PAGE]}
        found.update(connection.scalars(_PLACES, page))
    return list(
        connection.scalars(
            select(Ladder.name)
            .where(Ladder.id.in_(found))
            .order_by(Ladder.id)
            .with_for_update(key_share=True)
        )
    )


_PAGE = 500
_GROWN = tuple(
    table.__tablename__ for table in (Match, Participant, LadderMatch, RatingEvent, Model, Agent)
)
_STORED = (
    select(
        Match.uuid, Match.id, Match.state, Match.purpose, Match.revision, Match.source_digest,
        Match.source_path, Match.replay_path, Match.info,
    )
    .where(Match.uuid.in_(bindparam("uuids", expanding=True)))
    .order_by(Match.id)
)  # fmt: skip
_PLACES = (
    select(LadderMatch.ladder_id)
    .join(Ladder, and_(Ladder.id == LadderMatch.ladder_id, Ladder.epoch == LadderMatch.epoch))
    .where(LadderMatch.match_id.in_(bindparam("matches", expanding=True)))
    .distinct()
)
