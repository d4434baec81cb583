"""What operating an arena needs: the digest chain of each ladder, revisions of matches, standings by
day, notices.

Links of the chain are not made here: the rules for them belong to `matches.chain`, and a ladder
without them is rebuilt when the arena is prepared.
"""

import sqlalchemy as sa
from alembic import op

from arena_pipeline.store import types

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
NOTICE_KINDS = ("run_failed", "catalog_refused", "check_failed", "budget_exhausted", "test")

COLUMNS = {
    "ladders": ("next_position INTEGER NOT NULL DEFAULT 1", "chain_head VARCHAR"),
    "ladder_matches": (
        "position INTEGER NOT NULL DEFAULT 0",
        "digest VARCHAR",
        "ended_at {moment}",
    ),
    "matches": ("revision INTEGER NOT NULL DEFAULT 0",),
}

PLACES = """
UPDATE ladder_matches SET position = ranked.position, ended_at = ranked.ended_at
FROM (
    SELECT ladder_id, epoch, match_id, matches.ended_at,
        ROW_NUMBER() OVER (
            PARTITION BY ladder_id, epoch ORDER BY sequence IS NULL, sequence, match_id
        ) AS position
    FROM ladder_matches JOIN matches ON matches.id = match_id
) AS ranked
WHERE ranked.ladder_id = ladder_matches.ladder_id AND ranked.epoch = ladder_matches.epoch
    AND ranked.match_id = ladder_matches.match_id
"""

NEXT_PLACES = """
UPDATE ladders SET next_position = 1 + (
    SELECT COUNT(*) FROM ladder_matches
    WHERE ladder_matches.ladder_id = ladders.id AND ladder_matches.epoch = ladders.epoch
)
"""


def upgrade() -> None:
    """Add columns one by one: rebuilding a table that others refer to is not safe on SQLite."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    moment = "DATETIME" if is_sqlite else "TIMESTAMP WITH TIME ZONE"
    for table, columns in COLUMNS.items():
        for column in columns:
            op.execute(f"ALTER TABLE {table} ADD COLUMN {column.format(moment=moment)}")
    op.execute(PLACES)
    op.execute(NEXT_PLACES)
    op.drop_index("ix_matches_ended_at", "matches")
    op.create_index("ix_matches_ended_at", "matches", ["ended_at", "state", "revision"])
    op.create_index(
        "ix_ladder_matches_ended_at", "ladder_matches", ["ladder_id", "epoch", "ended_at"]
    )
    op.create_table(
        "standing_days",
        sa.Column("ladder_id", BIG_ID, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("competitor", types.OutsideText(), nullable=False),
        sa.Column("taken_at", types.UtcDateTime(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("elo", sa.Float(), nullable=True),
        sa.Column("bt", sa.Float(), nullable=True),
        sa.Column("bt_deviation", sa.Float(), nullable=True),
        sa.Column("mean_score", sa.Float(), nullable=True),
        sa.Column("matches", sa.Integer(), nullable=False),
        sa.Column("wins", sa.Integer(), nullable=False),
        sa.Column("losses", sa.Integer(), nullable=False),
        sa.Column("ties", sa.Integer(), nullable=False),
        sa.Column("score_total", sa.Float(), nullable=False),
        sa.CheckConstraint("position >= 1", name=op.f("ck_standing_days_position")),
        sa.ForeignKeyConstraint(
            ["ladder_id"], ["ladders.id"], name=op.f("fk_standing_days_ladder_id_ladders")
        ),
        sa.PrimaryKeyConstraint("ladder_id", "day", "competitor", name=op.f("pk_standing_days")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_standing_days_competitor", "standing_days", ["ladder_id", "competitor", "day"]
    )
    op.create_table(
        "notices",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("happened_at", types.UtcDateTime(), nullable=False),
        sa.Column("title", types.OutsideText(), nullable=False),
        sa.Column("body", types.Document(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", types.UtcDateTime(), nullable=False),
        sa.Column("sent_at", types.UtcDateTime(), nullable=True),
        sa.Column("given_up_at", types.UtcDateTime(), nullable=True),
        sa.Column("error", types.OutsideText(), nullable=True),
        sa.CheckConstraint(
            f"kind IN ({', '.join(repr(kind) for kind in NOTICE_KINDS)})",
            name=op.f("ck_notices_kind"),
        ),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_notices_attempts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
        sa.UniqueConstraint("key", name=op.f("uq_notices_key")),
    )
    op.create_index("ix_notices_created_at", "notices", ["created_at"])
    due = sa.text("sent_at IS NULL AND given_up_at IS NULL")
    op.create_index(
        "ix_notices_due", "notices", ["next_attempt_at"], sqlite_where=due, postgresql_where=due
    )


def downgrade() -> None:
    op.drop_table("notices")
    op.drop_table("standing_days")
    op.drop_index("ix_ladder_matches_ended_at", "ladder_matches")
    op.drop_index("ix_matches_ended_at", "matches")
    op.create_index("ix_matches_ended_at", "matches", ["ended_at"])
    for table, columns in COLUMNS.items():
        for column in columns:
            op.drop_column(table, column.partition(" ")[0])
