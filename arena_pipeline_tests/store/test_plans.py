"""Every query that a list, a queue or a foreign key makes is answered by an index."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import UniqueConstraint, select, text

from arena_pipeline.store import Store
from arena_pipeline.store.tables import (
    AuditEntry,
    Base,
    CatalogChange,
    Evaluation,
    Ladder,
    LadderMatch,
    Match,
    Model,
    ModelAlias,
    ModelPrice,
    Notice,
    Participant,
    RatingEvent,
    Standing,
    StandingDay,
    Turn,
)

QUERIES: dict[str, Any] = {
    "match by uuid": select(Match.id).where(Match.uuid == "x"),
    "newest matches": select(Match.id).order_by(Match.ended_at.desc()).limit(50),
    "matches of an evaluation": select(Match.id).where(Match.evaluation_id == 1),
    "abandoned matches": select(Match.id).where(
        Match.state.in_(("running", "paused")), text("matches.state IN ('running', 'paused')")
    ),
    "an agent's matches": select(Participant.match_id).where(Participant.agent_id == 1),
    "a name's matches": select(Participant.match_id).where(Participant.name == "x"),
    "a match's seats": select(Participant.slot).where(Participant.match_id == 1),
    "a match's turns": select(Turn.action).where(Turn.match_id == 1),
    "a match's ladders": select(LadderMatch.ladder_id).where(LadderMatch.match_id == 1),
    "a ladder in sequence": select(LadderMatch.match_id)
    .where(LadderMatch.ladder_id == 1, LadderMatch.epoch == 1, LadderMatch.sequence.is_not(None))
    .order_by(LadderMatch.sequence),
    "standings by rating": select(Standing.competitor)
    .where(Standing.ladder_id == 1)
    .order_by(Standing.elo.desc()),
    "a competitor's history": select(RatingEvent.after)
    .where(RatingEvent.ladder_id == 1, RatingEvent.competitor == "x", RatingEvent.epoch == 1)
    .order_by(RatingEvent.sequence),
    "the newest day of a ladder": select(StandingDay.day)
    .where(StandingDay.ladder_id == 1, StandingDay.day <= date(2026, 1, 31))
    .order_by(StandingDay.day.desc())
    .limit(1),
    "the queue": select(Evaluation.id)
    .where(Evaluation.state == "queued")
    .order_by(Evaluation.queued_at),
    "evaluations of a ladder": select(Evaluation.id).where(
        Evaluation.ladder_id == 1, Evaluation.state == "ranked"
    ),
    "a model by slug": select(Model.id).where(Model.slug == "x"),
    "a model by any name": select(ModelAlias.model_id).where(ModelAlias.alias == "x"),
    "what a model cost": select(ModelPrice.price_prompt)
    .where(ModelPrice.model_id == 1)
    .order_by(ModelPrice.valid_from.desc()),
    "what happened to a model": select(CatalogChange.kind).where(CatalogChange.slug == "x"),
    "the last acts": select(AuditEntry.action).order_by(AuditEntry.at.desc()).limit(50),
    "acts on a model": select(AuditEntry.action).where(
        AuditEntry.subject_kind == "model", AuditEntry.subject == "x"
    ),
    "newest notices": select(Notice.id).order_by(Notice.created_at.desc()).limit(50),
    "notices that are due": select(Notice.id)
    .where(Notice.sent_at.is_(None), Notice.given_up_at.is_(None))
    .order_by(Notice.next_attempt_at)
    .limit(1),
    "a ladder by name": select(Ladder.id).where(Ladder.name == "x"),
}


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES.keys())
def test_the_plan_uses_an_index(store: Store, query: Any) -> None:
    sql = str(query.compile(store.engine, compile_kwargs={"literal_binds": True}))
    with store.read() as connection:
        if store.is_sqlite:
            rows = connection.execute(text(f"EXPLAIN QUERY PLAN {sql}")).all()
            plan = " ".join(row[-1] for row in rows)
            assert "INDEX" in plan or "PRIMARY KEY" in plan, plan
            assert "TEMP B-TREE" not in plan, plan
        else:
            # Tiny tables are always scanned; told not to, PostgreSQL shows whether it could do
            # better.
            connection.execute(text("SET LOCAL enable_seqscan = off"))
            connection.execute(text("SET LOCAL enable_sort = off"))
            plan = " ".join(connection.execute(text(f"EXPLAIN {sql}")).scalars())
            assert "Seq Scan" not in plan, plan
            assert "Sort" not in plan, plan


def leading_columns() -> set[tuple[str, str]]:
    found = set()
    for table in Base.metadata.sorted_tables:
        keys = [list(table.primary_key.columns), *(list(i.columns) for i in table.indexes)]
        keys += [list(c.columns) for c in table.constraints if isinstance(c, UniqueConstraint)]
        found |= {(table.name, key[0].name) for key in keys if key}
    return found


def test_every_foreign_key_has_an_index() -> None:
    """Else deleting or joining from the other side scans the table."""
    without = [
        f"{table.name}.{key.column_keys[0]}"
        for table in Base.metadata.sorted_tables
        for key in table.foreign_key_constraints
        if (table.name, key.column_keys[0]) not in leading_columns()
    ]

    assert without == []


def test_index_names_are_unique() -> None:
    names = [index.name for table in Base.metadata.sorted_tables for index in table.indexes]

    assert len(names) == len(set(names))
