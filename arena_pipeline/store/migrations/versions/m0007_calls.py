"""What calls to language models need: reservations, budgets, rates, circuit breakers, and matches
that stand still.
"""

import sqlalchemy as sa
from alembic import op

from arena_pipeline.store import types

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

COLUMNS = {
    "llm_calls": (
        "question INTEGER NOT NULL DEFAULT 0",
        "evaluation_id BIGINT",
        "agent_id BIGINT",
        "model_id BIGINT",
        "settled_at {moment}",
        "reserved BIGINT NOT NULL DEFAULT 0",
        "cost_counted BIGINT",
        "payload_at VARCHAR",
    ),
    "evaluations": ("strategy VARCHAR", "cancelled_at {moment}"),
    "spend": ("assumed BIGINT NOT NULL DEFAULT 0", "overrun BIGINT NOT NULL DEFAULT 0"),
    "matches": ("paused_at {moment}", "resume_at {moment}", "pause_reason TEXT"),
    "participants": (
        "expected_cost BIGINT",
        "calls_set_aside INTEGER",
        "calls_window {moment}",
    ),
    "models": ("retired_until_change BOOLEAN NOT NULL DEFAULT {false}",),
    "gateways": ("price_prompt TEXT", "price_completion TEXT"),
}


def upgrade() -> None:
    """Add columns one by one: rebuilding a table that others refer to is not safe on SQLite."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    moment = "DATETIME" if is_sqlite else "TIMESTAMP WITH TIME ZONE"
    false = "0" if is_sqlite else "false"
    for table, columns in COLUMNS.items():
        for column in columns:
            added = column.format(moment=moment, false=false)
            op.execute(f"ALTER TABLE {table} ADD COLUMN {added}")
    op.execute("UPDATE llm_calls SET settled_at = started_at")
    op.create_index("ix_llm_calls_model_id", "llm_calls", ["model_id", "started_at"])
    op.create_index("ix_llm_calls_evaluation_id", "llm_calls", ["evaluation_id"])
    op.execute("CREATE INDEX ix_llm_calls_open ON llm_calls (gateway) WHERE settled_at IS NULL")
    op.create_table(
        "circuits",
        sa.Column("gateway", sa.Text(), nullable=False),
        sa.Column("client_name", types.OutsideText(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("openings", sa.Integer(), nullable=False),
        sa.Column("since", types.UtcDateTime(), nullable=False),
        sa.Column("until", types.UtcDateTime(), nullable=True),
        sa.Column("last_error", types.OutsideText(), nullable=True),
        sa.Column("last_error_at", types.UtcDateTime(), nullable=True),
        sa.Column("last_ok_at", types.UtcDateTime(), nullable=True),
        sa.CheckConstraint("failures >= 0", name=op.f("ck_circuits_failures")),
        sa.CheckConstraint(
            "state IN ('closed', 'open', 'stopped')", name=op.f("ck_circuits_state")
        ),
        sa.PrimaryKeyConstraint("gateway", "client_name", name=op.f("pk_circuits")),
    )
    op.create_table(
        "call_rates",
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("next_at", types.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("scope", name=op.f("pk_call_rates")),
    )
    op.create_table(
        "call_quotas",
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("window_start", types.UtcDateTime(), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.Column("set_aside", sa.Integer(), nullable=False),
        sa.Column("exhausted_until", types.UtcDateTime(), nullable=True),
        sa.CheckConstraint("used >= 0 AND set_aside >= 0", name=op.f("ck_call_quotas_amounts")),
        sa.PrimaryKeyConstraint("scope", "window_start", name=op.f("pk_call_quotas")),
    )
    op.create_table(
        "switches",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("reason", types.OutsideText(), nullable=True),
        sa.Column("set_by", types.OutsideText(), nullable=False),
        sa.Column("set_at", types.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_switches")),
    )


def downgrade() -> None:
    for table in ("switches", "call_quotas", "call_rates", "circuits"):
        op.drop_table(table)
    for index in ("open", "evaluation_id", "model_id"):
        op.drop_index(f"ix_llm_calls_{index}", "llm_calls")
    for table, columns in COLUMNS.items():
        for column in columns:
            op.drop_column(table, column.partition(" ")[0])
