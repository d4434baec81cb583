"""The flat rows that older clients and analysts expect, as views: `flat_models`, `games`,
`game_participants`.

Columns and words are those of the older systems, which knew one game: `elo_rating`, `apples_eaten`
and `test_status` are those of Snake's default ladder. Prices are USD per million tokens, costs USD.
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

FLAT_MODELS = """
CREATE VIEW flat_models AS
SELECT
    agents.id AS id,
    agents.alias AS name,
    COALESCE(models.vendor, agents.kind) AS provider,
    COALESCE(models.slug, agents.alias) AS model_slug,
    agents.active AS is_active,
    COALESCE(
        (SELECT CASE evaluations.state
            WHEN 'ranked' THEN 'ranked'
            WHEN 'retired' THEN 'retired'
            WHEN 'failed' THEN 'untested'
            WHEN 'untested' THEN 'untested'
            ELSE 'testing' END
         FROM evaluations
         WHERE evaluations.agent_id = agents.id AND evaluations.ladder_id = ladders.id
         ORDER BY evaluations.attempt DESC LIMIT 1),
        'untested') AS test_status,
    COALESCE(standings.elo, 1500.0) AS elo_rating,
    COALESCE(standings.wins, 0) AS wins,
    COALESCE(standings.losses, 0) AS losses,
    COALESCE(standings.ties, 0) AS ties,
    COALESCE(standings.score_total, 0.0) AS apples_eaten,
    COALESCE(standings.matches, 0) AS games_played,
    models.price_prompt AS pricing_input_per_m,
    models.price_completion AS pricing_output_per_m,
    models.max_completion_tokens AS max_completion_tokens,
    standings.last_match_at AS last_played_at,
    COALESCE(models.discovered_at, agents.created_at) AS discovered_at,
    ladders.game AS game
FROM agents
LEFT JOIN models ON models.id = agents.model_id
LEFT JOIN ladders ON ladders.is_default AND ladders.game = 'snake'
LEFT JOIN standings ON standings.ladder_id = ladders.id AND standings.agent_id = agents.id
UNION ALL
SELECT
    -models.id, models.slug, models.vendor, models.slug, models.is_active,
    CASE WHEN models.retired_at IS NULL THEN 'untested' ELSE 'retired' END,
    1500.0, 0, 0, 0, 0.0, 0,
    models.price_prompt, models.price_completion, models.max_completion_tokens,
    NULL, models.discovered_at, NULL
FROM models
WHERE NOT EXISTS (SELECT 1 FROM agents WHERE agents.model_id = models.id)
"""

GAMES = """
CREATE VIEW games AS
SELECT
    matches.uuid AS id,
    matches.started_at AS start_time,
    matches.ended_at AS end_time,
    matches.rounds AS rounds,
    matches.replay_path AS replay_path,
    {width} AS board_width,
    {height} AS board_height,
    {apples} AS num_apples,
    matches.total_score AS total_score,
    matches.cost / 1e12 AS total_cost,
    matches.purpose AS game_type,
    game_configs.game AS game
FROM matches
JOIN game_configs ON game_configs.id = matches.config_id
WHERE matches.state = 'finished'
"""

GAME_PARTICIPANTS = """
CREATE VIEW game_participants AS
SELECT
    matches.uuid AS game_id,
    participants.agent_id AS model_id,
    participants.name AS model_name,
    participants.slot AS player_slot,
    participants.score AS score,
    participants.result AS result,
    participants.death_round AS death_round,
    participants.death_reason AS death_reason,
    participants.cost / 1e12 AS cost
FROM participants
JOIN matches ON matches.id = participants.match_id
WHERE matches.state = 'finished'
"""

SETTING = {
    "sqlite": "json_extract(game_configs.settings, '$.{key}')",
    "postgresql": "CAST(game_configs.settings ->> '{key}' AS integer)",
}


def upgrade() -> None:
    """Create the views; the two databases differ only in how a setting is read from JSON."""
    setting = SETTING[op.get_bind().dialect.name]
    settings = {key: setting.format(key=key) for key in ("width", "height", "apples")}
    for statement in (FLAT_MODELS, GAMES.format(**settings), GAME_PARTICIPANTS):
        op.execute(statement)


def downgrade() -> None:
    """Drop the views."""
    for name in ("game_participants", "games", "flat_models"):
        op.execute(f"DROP VIEW {name}")
