"""What a ladder that ranks models needs: `flat_models` gives every agent the rating it counts for,
and the matches that do not count are found by their reason.
"""

from alembic import op

from arena_pipeline.store.migrations.versions.m0003_overrides import MODELS_SHOWN

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

BY_AGENT = "standings.agent_id = agents.id"
BY_COMPETITOR = """standings.competitor = CASE ladders.competitor
    WHEN 'agent' THEN agents.alias ELSE COALESCE(models.slug, agents.alias) END"""


def upgrade() -> None:
    """Make the view anew, and the index."""
    op.execute("DROP VIEW flat_models")
    op.execute(MODELS_SHOWN.replace(BY_AGENT, BY_COMPETITOR))
    op.execute(
        "CREATE INDEX ix_ladder_matches_reason ON ladder_matches (ladder_id, epoch, reason) "
        "WHERE reason IS NOT NULL"
    )


def downgrade() -> None:
    op.drop_index("ix_ladder_matches_reason", "ladder_matches")
    op.execute("DROP VIEW flat_models")
    op.execute(MODELS_SHOWN)
