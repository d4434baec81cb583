-- One row for each agent, and for each model without one, in the words of older clients; ratings are those of Snake's default ladder, where all agents of a model share one.
-- Example: FROM flat_models ORDER BY elo_rating DESC LIMIT 10
-- id: Row number of the agent; of a model without an agent its number made negative.
-- name: Alias of the agent, or slug of the model.
-- provider: Who made the model, or the kind of an agent without one.
-- model_slug: Slug of the model, or alias of an agent without one.
-- is_active: Whether it may play.
-- test_status: untested, testing, ranked or retired.
-- elo_rating: Elo points; 1500: not rated yet.
-- wins: Rated seats that won.
-- losses: Rated seats that lost.
-- ties: Rated seats that tied.
-- apples_eaten: Sum of all scores in rated matches.
-- games_played: Rated seats taken.
-- pricing_input_per_m: USD per million tokens sent, as it counts; 0: free, NULL: unknown.
-- pricing_output_per_m: USD per million tokens written, as it counts; 0: free, NULL: unknown.
-- max_completion_tokens: Most tokens that one reply may have; NULL: unknown.
-- last_played_at: When its latest rated match started (UTC); NULL: none yet.
-- discovered_at: When the arena first heard of the model, or registered the agent (UTC).
-- game: Game of the ladder; NULL: there is none, or no agent.
CREATE OR REPLACE VIEW flat_models AS
WITH newest AS (
    SELECT e.agent_id, e.ladder_id, arg_max(e.state, e.attempt) AS state
    FROM evaluations AS e
    GROUP BY ALL
)
SELECT
    a.id,
    a.alias AS name,
    coalesce(m.vendor, a.kind) AS provider,
    coalesce(m.slug, a.alias) AS model_slug,
    a.active AS is_active,
    CASE
        WHEN newest.state IN ('ranked', 'retired') THEN newest.state
        WHEN newest.state IS NULL OR newest.state IN ('failed', 'untested') THEN 'untested'
        ELSE 'testing'
    END AS test_status,
    coalesce(s.elo, 1500.0) AS elo_rating,
    coalesce(s.wins, 0) AS wins,
    coalesce(s.losses, 0) AS losses,
    coalesce(s.ties, 0) AS ties,
    coalesce(s.score_total, 0.0) AS apples_eaten,
    coalesce(s.matches, 0) AS games_played,
    CASE WHEN m.override_set_by IS NULL THEN m.price_prompt ELSE m.override_prompt END
        AS pricing_input_per_m,
    CASE WHEN m.override_set_by IS NULL THEN m.price_completion ELSE m.override_completion END
        AS pricing_output_per_m,
    m.max_completion_tokens,
    s.last_match_at AS last_played_at,
    coalesce(m.discovered_at, a.created_at) AS discovered_at,
    l.game
FROM agents AS a
LEFT JOIN models AS m ON m.id = a.model_id
LEFT JOIN ladders AS l ON l.is_default AND l.game = 'snake'
LEFT JOIN newest ON newest.agent_id = a.id AND newest.ladder_id = l.id
LEFT JOIN standings AS s
    ON s.ladder_id = l.id
    AND s.competitor = CASE l.competitor WHEN 'agent' THEN a.alias ELSE coalesce(m.slug, a.alias) END
UNION ALL
SELECT
    -m.id, m.slug, m.vendor, m.slug, m.is_active,
    CASE WHEN m.retired_at IS NULL THEN 'untested' ELSE 'retired' END,
    1500.0, 0, 0, 0, 0.0, 0,
    CASE WHEN m.override_set_by IS NULL THEN m.price_prompt ELSE m.override_prompt END,
    CASE WHEN m.override_set_by IS NULL THEN m.price_completion ELSE m.override_completion END,
    m.max_completion_tokens, NULL, m.discovered_at, NULL
FROM models AS m
ANTI JOIN agents AS a ON a.model_id = m.id
