"""Who decided what about models and agents: overrides with their reasons, gateways, the audit.

Also which model an agent was made for, and whether a price only went back. `flat_models` shows the
price that counts.
"""

import sqlalchemy as sa
from alembic import op

from arena_pipeline.store import types
from arena_pipeline.store.migrations.versions.m0002_flat_views import FLAT_MODELS

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
SET_BY = ("person", "yaml", "policy")

COLUMNS = {
    "models": (
        "gateway TEXT",
        "is_active_reason TEXT",
        "access_reason TEXT",
        "override_prompt TEXT",
        "override_completion TEXT",
        "override_set_by",
        "retired_set_by",
    ),
    "agents": ("model_version INTEGER", "active_set_by"),
}

MODELS_SHOWN = FLAT_MODELS
for _kind in ("prompt", "completion"):
    MODELS_SHOWN = MODELS_SHOWN.replace(
        f"models.price_{_kind}",
        f"CASE WHEN models.override_set_by IS NULL THEN models.price_{_kind} "
        f"ELSE models.override_{_kind} END",
    )


def upgrade() -> None:
    """Add columns one by one: rebuilding a table that others refer to is not safe on SQLite."""
    op.execute("DROP VIEW flat_models")
    for table, columns in COLUMNS.items():
        for column in columns:
            op.execute(f"ALTER TABLE {table} ADD COLUMN {_declared(table, column)}")
    op.add_column(
        "catalog_changes",
        sa.Column("is_flip", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.execute("UPDATE models SET gateway = 'openrouter' WHERE source = 'openrouter'")
    op.execute(
        "UPDATE agents SET model_version = "
        "(SELECT version FROM models WHERE models.id = agents.model_id)"
    )
    op.execute("UPDATE models SET retired_set_by = 'person' WHERE retired_at IS NOT NULL")
    op.create_table(
        "gateways",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("base_url", sa.String(), nullable=False),
        sa.Column("key_variable", sa.String(), nullable=True),
        sa.Column("requests_per_minute", sa.Integer(), nullable=True),
        sa.Column("concurrency", sa.Integer(), nullable=True),
        sa.Column("daily_cap", types.Usd(), nullable=True),
        sa.Column("declared", sa.Boolean(), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(), nullable=False),
        sa.CheckConstraint("requests_per_minute > 0", name=op.f("ck_gateways_requests_per_minute")),
        sa.CheckConstraint("concurrency > 0", name=op.f("ck_gateways_concurrency")),
        sa.CheckConstraint("daily_cap >= 0", name=op.f("ck_gateways_daily_cap")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_gateways")),
    )
    op.create_table(
        "audit",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("at", types.UtcDateTime(), nullable=False),
        sa.Column("actor", types.OutsideText(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("subject_kind", sa.String(), nullable=False),
        sa.Column("subject", types.OutsideText(), nullable=False),
        sa.Column("reason", types.OutsideText(), nullable=True),
        sa.Column("before", types.Document(), nullable=True),
        sa.Column("after", types.Document(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_index("ix_audit_at", "audit", ["at"], unique=False)
    op.create_index("ix_audit_subject", "audit", ["subject_kind", "subject"], unique=False)
    op.execute(MODELS_SHOWN)


def downgrade() -> None:
    op.execute("DROP VIEW flat_models")
    op.drop_table("audit")
    op.drop_table("gateways")
    op.drop_column("catalog_changes", "is_flip")
    for table, columns in COLUMNS.items():
        for column in columns:
            op.execute(f"ALTER TABLE {table} DROP COLUMN {column.partition(' ')[0]}")
    op.execute(FLAT_MODELS)


def _declared(table: str, column: str) -> str:
    """A column as it is declared; one without a type holds who decided something."""
    if " " in column:
        return column
    words = ", ".join(f"'{word}'" for word in SET_BY)
    return f"{column} VARCHAR CONSTRAINT ck_{table}_{column} CHECK ({column} IN ({words}))"
