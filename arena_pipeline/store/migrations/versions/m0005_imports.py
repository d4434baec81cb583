"""What importing another arena's history needs: flags of seats, how a match fits the rules, who a
published name belongs to, and the ratings others published.
"""

import sqlalchemy as sa
from alembic import op

from arena_pipeline.store import types

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

COLUMNS = {
    "matches": ("verification VARCHAR",),
    "participants": ("flags {json} NOT NULL DEFAULT '{{}}'",),
    "model_aliases": (
        "agent_id BIGINT CONSTRAINT fk_model_aliases_agent_id_agents REFERENCES agents (id)",
        "rule VARCHAR",
    ),
}


def upgrade() -> None:
    """Add columns one by one: rebuilding a table that others refer to is not safe on SQLite."""
    json = "JSON" if op.get_bind().dialect.name == "sqlite" else "JSONB"
    for table, columns in COLUMNS.items():
        for column in columns:
            op.execute(f"ALTER TABLE {table} ADD COLUMN {column.format(json=json)}")
    op.create_index("ix_matches_source_digest", "matches", ["source_digest"])
    op.create_index("ix_model_aliases_agent_id", "model_aliases", ["agent_id"])
    op.create_table(
        "published_ratings",
        sa.Column("source_digest", sa.Text(), nullable=False),
        sa.Column("competitor", types.OutsideText(), nullable=False),
        sa.Column("source_path", types.OutsideText(), nullable=False),
        sa.Column("ladder", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("elo", sa.Float(), nullable=True),
        sa.Column("trueskill_mu", sa.Float(), nullable=True),
        sa.Column("trueskill_sigma", sa.Float(), nullable=True),
        sa.Column("trueskill_exposed", sa.Float(), nullable=True),
        sa.Column("matches", sa.Integer(), nullable=True),
        sa.Column("wins", sa.Integer(), nullable=True),
        sa.Column("losses", sa.Integer(), nullable=True),
        sa.Column("ties", sa.Integer(), nullable=True),
        sa.Column("score_total", sa.Float(), nullable=True),
        sa.Column("imported_at", types.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("source_digest", "competitor", name=op.f("pk_published_ratings")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_published_ratings_competitor", "published_ratings", ["ladder", "competitor"]
    )


def downgrade() -> None:
    op.drop_table("published_ratings")
    op.drop_index("ix_model_aliases_agent_id", "model_aliases")
    op.drop_index("ix_matches_source_digest", "matches")
    for table, columns in COLUMNS.items():
        for column in columns:
            op.drop_column(table, column.partition(" ")[0])
