"""Every table and view of the arena."""

import sqlalchemy as sa
from alembic import op

from arena_pipeline.store import types

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "catalog_snapshots",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("fetched_at", types.UtcDateTime(), nullable=False),
        sa.Column("source", types.OutsideText(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("file", sa.String(), nullable=True),
        sa.Column("etag", types.OutsideText(), nullable=True),
        sa.Column("is_sample", sa.Boolean(), nullable=False),
        sa.Column("accepted", sa.Boolean(), nullable=False),
        sa.Column("reason", types.OutsideText(), nullable=True),
        sa.Column("models", sa.Integer(), nullable=False),
        sa.Column("added", sa.Integer(), nullable=False),
        sa.Column("removed", sa.Integer(), nullable=False),
        sa.Column("returned", sa.Integer(), nullable=False),
        sa.Column("repriced", sa.Integer(), nullable=False),
        sa.Column("skipped", types.Document(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalog_snapshots")),
    )
    op.create_index(
        "ix_catalog_snapshots_accepted",
        "catalog_snapshots",
        ["accepted", "fetched_at"],
        unique=False,
    )
    op.create_index("ix_catalog_snapshots_digest", "catalog_snapshots", ["digest"], unique=False)
    op.create_table(
        "game_configs",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("game", sa.Text(), nullable=False),
        sa.Column("settings", types.Document(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_game_configs")),
        sa.UniqueConstraint("digest", name=op.f("uq_game_configs_digest")),
        sa.UniqueConstraint("name", name=op.f("uq_game_configs_name")),
    )
    op.create_index(op.f("ix_game_configs_game"), "game_configs", ["game"], unique=False)
    op.create_table(
        "kinds",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_kinds")),
    )
    op.create_table(
        "ladders",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("game", sa.String(), nullable=False),
        sa.Column("filter", types.Document(), nullable=False),
        sa.Column("competitor", sa.String(), nullable=False),
        sa.Column("ordering", sa.String(), nullable=False),
        sa.Column("policy", types.Document(), nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("next_sequence", sa.Integer(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "competitor IN ('agent', 'model', 'name')", name=op.f("ck_ladders_competitor")
        ),
        sa.CheckConstraint(
            "ordering IN ('finished', 'ended_at')", name=op.f("ck_ladders_ordering")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ladders")),
        sa.UniqueConstraint("name", name=op.f("uq_ladders_name")),
    )
    op.create_index("ix_ladders_live", "ladders", ["live", "game"], unique=False)
    op.create_index(
        "uq_ladders_default_of_game",
        "ladders",
        ["game"],
        unique=True,
        sqlite_where=sa.text("is_default"),
        postgresql_where=sa.text("is_default"),
    )
    op.create_table(
        "models",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("slug", types.OutsideText(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("display_name", types.OutsideText(), nullable=False),
        sa.Column("vendor", types.OutsideText(), nullable=False),
        sa.Column("client_name", types.OutsideText(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("is_active_set_by", sa.String(), nullable=True),
        sa.Column("access", sa.String(), nullable=False),
        sa.Column("access_set_by", sa.String(), nullable=True),
        sa.Column("context_length", sa.Integer(), nullable=True),
        sa.Column("max_completion_tokens", sa.Integer(), nullable=True),
        sa.Column("price_prompt", types.Price(), nullable=True),
        sa.Column("price_completion", types.Price(), nullable=True),
        sa.Column("details", types.Document(), nullable=False),
        sa.Column("upstream_created_at", types.UtcDateTime(), nullable=True),
        sa.Column("discovered_at", types.UtcDateTime(), nullable=False),
        sa.Column("last_seen_at", types.UtcDateTime(), nullable=True),
        sa.Column("removed_at", types.UtcDateTime(), nullable=True),
        sa.Column("retired_at", types.UtcDateTime(), nullable=True),
        sa.Column("retired_reason", types.OutsideText(), nullable=True),
        sa.CheckConstraint("access IN ('auto', 'allow', 'deny')", name=op.f("ck_models_access")),
        sa.CheckConstraint(
            "access_set_by IN ('person', 'yaml', 'policy')", name=op.f("ck_models_access_set_by")
        ),
        sa.CheckConstraint(
            "is_active_set_by IN ('person', 'yaml', 'policy')",
            name=op.f("ck_models_is_active_set_by"),
        ),
        sa.CheckConstraint(
            "source IN ('openrouter', 'yaml', 'import', 'training')", name=op.f("ck_models_source")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_models")),
        sa.UniqueConstraint("slug", name=op.f("uq_models_slug")),
    )
    op.create_index("ix_models_is_active", "models", ["is_active"], unique=False)
    op.create_index("ix_models_vendor", "models", ["vendor"], unique=False)
    op.create_table(
        "prompts",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("game", sa.String(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("details", types.Document(), nullable=False),
        sa.Column("forked_from", BIG_ID, nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["forked_from"], ["prompts.id"], name=op.f("fk_prompts_forked_from")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prompts")),
        sa.UniqueConstraint("digest", name=op.f("uq_prompts_digest")),
        sa.UniqueConstraint("name", "version", name=op.f("uq_prompts_name_version")),
    )
    op.create_index(op.f("ix_prompts_forked_from"), "prompts", ["forked_from"], unique=False)
    op.create_index("ix_prompts_game_active", "prompts", ["game", "active"], unique=False)
    op.create_table(
        "spend",
        sa.Column("budget", sa.Text(), nullable=False),
        sa.Column("window_start", types.UtcDateTime(), nullable=False),
        sa.Column("reserved", types.Usd(), nullable=False),
        sa.Column("spent", types.Usd(), nullable=False),
        sa.CheckConstraint("reserved >= 0 AND spent >= 0", name=op.f("ck_spend_amounts")),
        sa.PrimaryKeyConstraint("budget", "window_start", name=op.f("pk_spend")),
    )
    op.create_table(
        "agents",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("alias", types.OutsideText(), nullable=False),
        sa.Column("title", types.OutsideText(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("model_id", BIG_ID, nullable=True),
        sa.Column("prompt_id", BIG_ID, nullable=True),
        sa.Column("settings", types.Document(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("class", sa.Text(), nullable=True),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("config_digest", sa.Text(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "source IN ('yaml', 'enrolment', 'import', 'person')", name=op.f("ck_agents_source")
        ),
        sa.ForeignKeyConstraint(["kind"], ["kinds.name"], name=op.f("fk_agents_kind")),
        sa.ForeignKeyConstraint(["model_id"], ["models.id"], name=op.f("fk_agents_model_id")),
        sa.ForeignKeyConstraint(["prompt_id"], ["prompts.id"], name=op.f("fk_agents_prompt_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agents")),
        sa.UniqueConstraint("alias", name=op.f("uq_agents_alias")),
        sa.UniqueConstraint("config_digest", name=op.f("uq_agents_config_digest")),
    )
    op.create_index(op.f("ix_agents_kind"), "agents", ["kind"], unique=False)
    op.create_index(op.f("ix_agents_model_id"), "agents", ["model_id"], unique=False)
    op.create_index(op.f("ix_agents_prompt_id"), "agents", ["prompt_id"], unique=False)
    op.create_table(
        "catalog_changes",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("snapshot_id", BIG_ID, nullable=False),
        sa.Column("slug", types.OutsideText(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("before", types.Document(), nullable=True),
        sa.Column("after", types.Document(), nullable=True),
        sa.ForeignKeyConstraint(
            ["snapshot_id"], ["catalog_snapshots.id"], name=op.f("fk_catalog_changes_snapshot_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalog_changes")),
    )
    op.create_index(
        "ix_catalog_changes_slug", "catalog_changes", ["slug", "snapshot_id"], unique=False
    )
    op.create_index(
        op.f("ix_catalog_changes_snapshot_id"), "catalog_changes", ["snapshot_id"], unique=False
    )
    op.create_table(
        "instances",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("config_id", BIG_ID, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=True),
        sa.Column("position", types.Document(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["config_id"], ["game_configs.id"], name=op.f("fk_instances_config_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_instances")),
        sa.UniqueConstraint("config_id", "digest", name=op.f("uq_instances_config_id_digest")),
        sa.UniqueConstraint("config_id", "name", name=op.f("uq_instances_config_id_name")),
    )
    op.create_table(
        "model_aliases",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("model_id", BIG_ID, nullable=False),
        sa.Column("alias", types.OutsideText(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("first_seen_at", types.UtcDateTime(), nullable=False),
        sa.Column("last_seen_at", types.UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "origin IN ('catalog_name', 'canonical_slug', 'yaml', 'import', 'person')",
            name=op.f("ck_model_aliases_origin"),
        ),
        sa.ForeignKeyConstraint(
            ["model_id"], ["models.id"], name=op.f("fk_model_aliases_model_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_model_aliases")),
        sa.UniqueConstraint(
            "model_id", "alias", "origin", name=op.f("uq_model_aliases_model_id_alias_origin")
        ),
    )
    op.create_index("ix_model_aliases_alias", "model_aliases", ["alias"], unique=False)
    op.create_table(
        "model_prices",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("model_id", BIG_ID, nullable=False),
        sa.Column("snapshot_id", BIG_ID, nullable=True),
        sa.Column("valid_from", types.UtcDateTime(), nullable=False),
        sa.Column("price_prompt", types.Price(), nullable=True),
        sa.Column("price_completion", types.Price(), nullable=True),
        sa.Column("details", types.Document(), nullable=False),
        sa.ForeignKeyConstraint(["model_id"], ["models.id"], name=op.f("fk_model_prices_model_id")),
        sa.ForeignKeyConstraint(
            ["snapshot_id"], ["catalog_snapshots.id"], name=op.f("fk_model_prices_snapshot_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_model_prices")),
        sa.UniqueConstraint(
            "model_id", "valid_from", name=op.f("uq_model_prices_model_id_valid_from")
        ),
    )
    op.create_index(
        op.f("ix_model_prices_snapshot_id"), "model_prices", ["snapshot_id"], unique=False
    )
    op.create_table(
        "rating_events",
        sa.Column("ladder_id", BIG_ID, nullable=False),
        sa.Column("epoch", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sequence", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("competitor", types.OutsideText(), nullable=False),
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("before", sa.Double(), nullable=False),
        sa.Column("after", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ladder_id"], ["ladders.id"], name=op.f("fk_rating_events_ladder_id")
        ),
        sa.PrimaryKeyConstraint(
            "ladder_id", "epoch", "sequence", "competitor", "system", name=op.f("pk_rating_events")
        ),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_rating_events_competitor",
        "rating_events",
        ["ladder_id", "competitor", "epoch", "sequence"],
        unique=False,
    )
    op.create_table(
        "evaluations",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("agent_id", BIG_ID, nullable=False),
        sa.Column("ladder_id", BIG_ID, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("planned", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.String(), nullable=True),
        sa.Column("lease_owner", sa.String(), nullable=True),
        sa.Column("lease_until", types.UtcDateTime(), nullable=True),
        sa.Column("wait_until", types.UtcDateTime(), nullable=True),
        sa.Column("error", types.OutsideText(), nullable=True),
        sa.Column("budget", types.Usd(), nullable=True),
        sa.Column("spent", types.Usd(), nullable=True),
        sa.Column("queued_at", types.UtcDateTime(), nullable=False),
        sa.Column("started_at", types.UtcDateTime(), nullable=True),
        sa.Column("finished_at", types.UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "state IN ('untested', 'queued', 'running', 'waiting', 'ranked', 'failed', 'retired')",
            name=op.f("ck_evaluations_state"),
        ),
        sa.CheckConstraint("planned >= 1", name=op.f("ck_evaluations_planned")),
        sa.CheckConstraint("spent >= 0", name=op.f("ck_evaluations_spent")),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_evaluations_agent_id")),
        sa.ForeignKeyConstraint(
            ["ladder_id"], ["ladders.id"], name=op.f("fk_evaluations_ladder_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evaluations")),
        sa.UniqueConstraint(
            "agent_id",
            "ladder_id",
            "attempt",
            name=op.f("uq_evaluations_agent_id_ladder_id_attempt"),
        ),
    )
    op.create_index("ix_evaluations_ladder_id", "evaluations", ["ladder_id", "state"], unique=False)
    op.create_index("ix_evaluations_queue", "evaluations", ["state", "queued_at"], unique=False)
    op.create_index(
        "uq_evaluations_open",
        "evaluations",
        ["agent_id", "ladder_id"],
        unique=True,
        sqlite_where=sa.text("state IN ('queued', 'running', 'waiting')"),
        postgresql_where=sa.text("state IN ('queued', 'running', 'waiting')"),
    )
    op.create_table(
        "standings",
        sa.Column("ladder_id", BIG_ID, nullable=False),
        sa.Column("competitor", types.OutsideText(), nullable=False),
        sa.Column("agent_id", BIG_ID, nullable=True),
        sa.Column("model_id", BIG_ID, nullable=True),
        sa.Column("elo", sa.Double(), nullable=True),
        sa.Column("bt", sa.Double(), nullable=True),
        sa.Column("bt_deviation", sa.Double(), nullable=True),
        sa.Column("live_mu", sa.Double(), nullable=True),
        sa.Column("live_sigma", sa.Double(), nullable=True),
        sa.Column("mean_score", sa.Double(), nullable=True),
        sa.Column("matches", sa.Integer(), nullable=False),
        sa.Column("wins", sa.Integer(), nullable=False),
        sa.Column("losses", sa.Integer(), nullable=False),
        sa.Column("ties", sa.Integer(), nullable=False),
        sa.Column("score_total", sa.Double(), nullable=False),
        sa.Column("top_score", sa.Double(), nullable=True),
        sa.Column("first_match_at", types.UtcDateTime(), nullable=True),
        sa.Column("last_match_at", types.UtcDateTime(), nullable=True),
        sa.CheckConstraint("matches = wins + losses + ties", name=op.f("ck_standings_totals")),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_standings_agent_id")),
        sa.ForeignKeyConstraint(["ladder_id"], ["ladders.id"], name=op.f("fk_standings_ladder_id")),
        sa.ForeignKeyConstraint(["model_id"], ["models.id"], name=op.f("fk_standings_model_id")),
        sa.PrimaryKeyConstraint("ladder_id", "competitor", name=op.f("pk_standings")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_standings_agent_id", "standings", ["agent_id"], unique=False)
    op.create_index("ix_standings_elo", "standings", ["ladder_id", "elo"], unique=False)
    op.create_index("ix_standings_model_id", "standings", ["model_id"], unique=False)
    op.create_table(
        "incidents",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("happened_at", types.UtcDateTime(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("run_id", sa.String(), nullable=True),
        sa.Column("job", sa.String(), nullable=True),
        sa.Column("step", sa.String(), nullable=True),
        sa.Column("evaluation_id", BIG_ID, nullable=True),
        sa.Column("error", types.OutsideText(), nullable=False),
        sa.Column("released", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["evaluation_id"], ["evaluations.id"], name=op.f("fk_incidents_evaluation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incidents")),
        sa.UniqueConstraint("run_id", "kind", name=op.f("uq_incidents_run_id_kind")),
    )
    op.create_index(
        op.f("ix_incidents_evaluation_id"), "incidents", ["evaluation_id"], unique=False
    )
    op.create_index("ix_incidents_happened_at", "incidents", ["happened_at"], unique=False)
    op.create_table(
        "matches",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("uuid", sa.Text(), nullable=False),
        sa.Column("config_id", BIG_ID, nullable=False),
        sa.Column("instance_id", BIG_ID, nullable=True),
        sa.Column("evaluation_id", BIG_ID, nullable=True),
        sa.Column("group", sa.String(), nullable=True),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=True),
        sa.Column("rule_version", sa.String(), nullable=False),
        sa.Column("started_at", types.UtcDateTime(), nullable=True),
        sa.Column("ended_at", types.UtcDateTime(), nullable=True),
        sa.Column("rounds", sa.Integer(), nullable=True),
        sa.Column("ended_by", sa.String(), nullable=True),
        sa.Column("winning_team", sa.String(), nullable=True),
        sa.Column("total_score", sa.Double(), nullable=True),
        sa.Column("replay_path", sa.String(), nullable=True),
        sa.Column("replay_digest", sa.String(), nullable=True),
        sa.Column("replay_missing", sa.String(), nullable=True),
        sa.Column("cost", types.Usd(), nullable=True),
        sa.Column("source_path", types.OutsideText(), nullable=True),
        sa.Column("source_digest", sa.String(), nullable=True),
        sa.Column("started_at_text", types.OutsideText(), nullable=True),
        sa.Column("ended_at_text", types.OutsideText(), nullable=True),
        sa.Column("crashed", sa.Boolean(), nullable=False),
        sa.Column("void_reason", types.OutsideText(), nullable=True),
        sa.Column("lease_owner", sa.String(), nullable=True),
        sa.Column("lease_until", types.UtcDateTime(), nullable=True),
        sa.Column("info", types.Document(), nullable=False),
        sa.CheckConstraint(
            "purpose IN ('placement', 'league', 'manual', 'gauntlet', 'benchmark', 'import')",
            name=op.f("ck_matches_purpose"),
        ),
        sa.CheckConstraint(
            "state <> 'finished' OR (replay_digest IS NULL) = (replay_missing IS NOT NULL)",
            name=op.f("ck_matches_replay_or_reason"),
        ),
        sa.CheckConstraint(
            "state <> 'finished' OR rounds IS NOT NULL", name=op.f("ck_matches_finished")
        ),
        sa.CheckConstraint(
            "state IN ('running', 'paused', 'finished', 'void')", name=op.f("ck_matches_state")
        ),
        sa.CheckConstraint("cost >= 0", name=op.f("ck_matches_cost")),
        sa.ForeignKeyConstraint(
            ["config_id"], ["game_configs.id"], name=op.f("fk_matches_config_id")
        ),
        sa.ForeignKeyConstraint(
            ["evaluation_id"], ["evaluations.id"], name=op.f("fk_matches_evaluation_id")
        ),
        sa.ForeignKeyConstraint(
            ["instance_id"], ["instances.id"], name=op.f("fk_matches_instance_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_matches")),
        sa.UniqueConstraint("uuid", name=op.f("uq_matches_uuid")),
    )
    op.create_index("ix_matches_config_id", "matches", ["config_id", "ended_at"], unique=False)
    op.create_index("ix_matches_ended_at", "matches", ["ended_at"], unique=False)
    op.create_index("ix_matches_evaluation_id", "matches", ["evaluation_id"], unique=False)
    op.create_index("ix_matches_group", "matches", ["group"], unique=False)
    op.create_index("ix_matches_instance_id", "matches", ["instance_id"], unique=False)
    op.create_index(
        "ix_matches_open",
        "matches",
        ["lease_until"],
        unique=False,
        sqlite_where=sa.text("state IN ('running', 'paused')"),
        postgresql_where=sa.text("state IN ('running', 'paused')"),
    )
    op.create_index("ix_matches_started_at", "matches", ["started_at"], unique=False)
    op.create_table(
        "ladder_matches",
        sa.Column("ladder_id", BIG_ID, nullable=False),
        sa.Column("epoch", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("match_id", BIG_ID, nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.CheckConstraint(
            "(sequence IS NULL) = (reason IS NOT NULL)",
            name=op.f("ck_ladder_matches_sequence_or_reason"),
        ),
        sa.ForeignKeyConstraint(
            ["ladder_id"], ["ladders.id"], name=op.f("fk_ladder_matches_ladder_id")
        ),
        sa.ForeignKeyConstraint(
            ["match_id"], ["matches.id"], name=op.f("fk_ladder_matches_match_id")
        ),
        sa.PrimaryKeyConstraint("ladder_id", "epoch", "match_id", name=op.f("pk_ladder_matches")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_ladder_matches_match_id", "ladder_matches", ["match_id"], unique=False)
    op.create_index(
        "uq_ladder_matches_sequence",
        "ladder_matches",
        ["ladder_id", "epoch", "sequence"],
        unique=True,
        sqlite_where=sa.text("sequence IS NOT NULL"),
        postgresql_where=sa.text("sequence IS NOT NULL"),
    )
    op.create_table(
        "participants",
        sa.Column("match_id", BIG_ID, nullable=False),
        sa.Column("slot", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("agent_id", BIG_ID, nullable=True),
        sa.Column("model_id", BIG_ID, nullable=True),
        sa.Column("name", types.OutsideText(), nullable=False),
        sa.Column("team", sa.String(), nullable=True),
        sa.Column("role", sa.String(), nullable=True),
        sa.Column("score", sa.Double(), nullable=True),
        sa.Column("reward", sa.Double(), nullable=True),
        sa.Column("result", sa.String(), nullable=True),
        sa.Column("placement", sa.Integer(), nullable=True),
        sa.Column("death_round", sa.Integer(), nullable=True),
        sa.Column("death_reason", sa.String(), nullable=True),
        sa.Column("agent_faults", sa.Integer(), nullable=False),
        sa.Column("gateway_faults", sa.Integer(), nullable=False),
        sa.Column("faults", types.Document(), nullable=False),
        sa.Column("metrics", types.Document(), nullable=False),
        sa.Column("input_tokens", sa.BigInteger(), nullable=True),
        sa.Column("output_tokens", sa.BigInteger(), nullable=True),
        sa.Column("cost", types.Usd(), nullable=True),
        sa.CheckConstraint(
            "result IN ('won', 'lost', 'tied')", name=op.f("ck_participants_result")
        ),
        sa.CheckConstraint(
            "agent_faults >= 0 AND gateway_faults >= 0", name=op.f("ck_participants_faults")
        ),
        sa.CheckConstraint("cost >= 0", name=op.f("ck_participants_cost")),
        sa.CheckConstraint("placement >= 1", name=op.f("ck_participants_placement")),
        sa.CheckConstraint("slot >= 0", name=op.f("ck_participants_slot")),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_participants_agent_id")),
        sa.ForeignKeyConstraint(
            ["match_id"], ["matches.id"], name=op.f("fk_participants_match_id")
        ),
        sa.ForeignKeyConstraint(["model_id"], ["models.id"], name=op.f("fk_participants_model_id")),
        sa.PrimaryKeyConstraint("match_id", "slot", name=op.f("pk_participants")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_participants_agent_id", "participants", ["agent_id", "match_id"], unique=False
    )
    op.create_index(
        "ix_participants_model_id", "participants", ["model_id", "match_id"], unique=False
    )
    op.create_index("ix_participants_name", "participants", ["name", "match_id"], unique=False)
    op.create_table(
        "turns",
        sa.Column("match_id", BIG_ID, nullable=False),
        sa.Column("step", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("slot", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("action", types.OutsideText(), nullable=False),
        sa.Column("fault", sa.String(), nullable=True),
        sa.Column("rationale", types.OutsideText(), nullable=True),
        sa.Column("input_tokens", sa.Integer(), nullable=True),
        sa.Column("output_tokens", sa.Integer(), nullable=True),
        sa.Column("cost", types.Usd(), nullable=True),
        sa.Column("decided_at", types.UtcDateTime(), nullable=False),
        sa.Column("duration_ms", sa.Double(), nullable=True),
        sa.Column("extra", types.Document(), nullable=False),
        sa.ForeignKeyConstraint(["match_id"], ["matches.id"], name=op.f("fk_turns_match_id")),
        sa.PrimaryKeyConstraint("match_id", "step", "slot", name=op.f("pk_turns")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "llm_calls",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("match_id", sa.Integer(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("gateway", sa.String(), nullable=False),
        sa.Column("client_name", types.OutsideText(), nullable=False),
        sa.Column("host", types.OutsideText(), nullable=True),
        sa.Column("started_at", types.UtcDateTime(), nullable=False),
        sa.Column("first_byte_ms", sa.Double(), nullable=True),
        sa.Column("duration_ms", sa.Double(), nullable=True),
        sa.Column("http_status", sa.Integer(), nullable=True),
        sa.Column("error_kind", sa.String(), nullable=True),
        sa.Column("error", types.OutsideText(), nullable=True),
        sa.Column("request_id", types.OutsideText(), nullable=True),
        sa.Column("prompt_tokens", sa.Integer(), nullable=True),
        sa.Column("cached_tokens", sa.Integer(), nullable=True),
        sa.Column("completion_tokens", sa.Integer(), nullable=True),
        sa.Column("reasoning_tokens", sa.Integer(), nullable=True),
        sa.Column("cost_estimated", types.Usd(), nullable=True),
        sa.Column("cost_billed", types.Usd(), nullable=True),
        sa.Column("finish_reason", types.OutsideText(), nullable=True),
        sa.Column("payload", sa.String(), nullable=True),
        sa.CheckConstraint(
            "cost_billed >= 0 AND cost_estimated >= 0", name=op.f("ck_llm_calls_cost")
        ),
        sa.ForeignKeyConstraint(
            ["match_id", "slot"],
            ["participants.match_id", "participants.slot"],
            name=op.f("fk_llm_calls_match_id_slot"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_llm_calls")),
        sa.UniqueConstraint(
            "match_id",
            "step",
            "slot",
            "attempt",
            name=op.f("uq_llm_calls_match_id_step_slot_attempt"),
        ),
    )
    op.create_index("ix_llm_calls_gateway", "llm_calls", ["gateway", "started_at"], unique=False)
    op.create_index("ix_llm_calls_started_at", "llm_calls", ["started_at"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_llm_calls_started_at", table_name="llm_calls")
    op.drop_index("ix_llm_calls_gateway", table_name="llm_calls")
    op.drop_table("llm_calls")
    op.drop_table("turns")
    op.drop_index("ix_participants_name", table_name="participants")
    op.drop_index("ix_participants_model_id", table_name="participants")
    op.drop_index("ix_participants_agent_id", table_name="participants")
    op.drop_table("participants")
    op.drop_index(
        "uq_ladder_matches_sequence",
        table_name="ladder_matches",
        sqlite_where=sa.text("sequence IS NOT NULL"),
        postgresql_where=sa.text("sequence IS NOT NULL"),
    )
    op.drop_index("ix_ladder_matches_match_id", table_name="ladder_matches")
    op.drop_table("ladder_matches")
    op.drop_index("ix_matches_started_at", table_name="matches")
    op.drop_index(
        "ix_matches_open",
        table_name="matches",
        sqlite_where=sa.text("state IN ('running', 'paused')"),
        postgresql_where=sa.text("state IN ('running', 'paused')"),
    )
    op.drop_index("ix_matches_instance_id", table_name="matches")
    op.drop_index("ix_matches_group", table_name="matches")
    op.drop_index("ix_matches_evaluation_id", table_name="matches")
    op.drop_index("ix_matches_ended_at", table_name="matches")
    op.drop_index("ix_matches_config_id", table_name="matches")
    op.drop_table("matches")
    op.drop_index("ix_incidents_happened_at", table_name="incidents")
    op.drop_index(op.f("ix_incidents_evaluation_id"), table_name="incidents")
    op.drop_table("incidents")
    op.drop_index("ix_standings_model_id", table_name="standings")
    op.drop_index("ix_standings_elo", table_name="standings")
    op.drop_index("ix_standings_agent_id", table_name="standings")
    op.drop_table("standings")
    op.drop_index(
        "uq_evaluations_open",
        table_name="evaluations",
        sqlite_where=sa.text("state IN ('queued', 'running', 'waiting')"),
        postgresql_where=sa.text("state IN ('queued', 'running', 'waiting')"),
    )
    op.drop_index("ix_evaluations_queue", table_name="evaluations")
    op.drop_index("ix_evaluations_ladder_id", table_name="evaluations")
    op.drop_table("evaluations")
    op.drop_index("ix_rating_events_competitor", table_name="rating_events")
    op.drop_table("rating_events")
    op.drop_index(op.f("ix_model_prices_snapshot_id"), table_name="model_prices")
    op.drop_table("model_prices")
    op.drop_index("ix_model_aliases_alias", table_name="model_aliases")
    op.drop_table("model_aliases")
    op.drop_table("instances")
    op.drop_index(op.f("ix_catalog_changes_snapshot_id"), table_name="catalog_changes")
    op.drop_index("ix_catalog_changes_slug", table_name="catalog_changes")
    op.drop_table("catalog_changes")
    op.drop_index(op.f("ix_agents_prompt_id"), table_name="agents")
    op.drop_index(op.f("ix_agents_model_id"), table_name="agents")
    op.drop_index(op.f("ix_agents_kind"), table_name="agents")
    op.drop_table("agents")
    op.drop_table("spend")
    op.drop_index("ix_prompts_game_active", table_name="prompts")
    op.drop_index(op.f("ix_prompts_forked_from"), table_name="prompts")
    op.drop_table("prompts")
    op.drop_index("ix_models_vendor", table_name="models")
    op.drop_index("ix_models_is_active", table_name="models")
    op.drop_table("models")
    op.drop_index(
        "uq_ladders_default_of_game",
        table_name="ladders",
        sqlite_where=sa.text("is_default"),
        postgresql_where=sa.text("is_default"),
    )
    op.drop_index("ix_ladders_live", table_name="ladders")
    op.drop_table("ladders")
    op.drop_table("kinds")
    op.drop_index(op.f("ix_game_configs_game"), table_name="game_configs")
    op.drop_table("game_configs")
    op.drop_index("ix_catalog_snapshots_digest", table_name="catalog_snapshots")
    op.drop_index("ix_catalog_snapshots_accepted", table_name="catalog_snapshots")
    op.drop_table("catalog_snapshots")
