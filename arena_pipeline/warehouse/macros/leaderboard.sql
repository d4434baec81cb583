-- The leaderboard of a ladder (without a name: the default one), best first; equal ratings share a position.
-- Example: FROM leaderboard() LIMIT 10
CREATE OR REPLACE MACRO leaderboard(ladder := NULL) AS TABLE
WITH chosen AS (
    SELECT
        l.id,
        l.competitor = 'model' AS of_models,
        coalesce(l.policy ->> 'system', 'elo') = 'mean_score' AS by_score
    FROM ladders AS l
    WHERE l.name = known_ladder(ladder)
),
evaluated AS (
    SELECT a.id AS agent_id, a.model_id, a.is_default, e.state, e.attempt, e.id
    FROM evaluations AS e
    JOIN chosen AS c ON c.id = e.ladder_id
    JOIN agents AS a ON a.id = e.agent_id
),
of_agents AS (
    SELECT agent_id, last(state ORDER BY attempt, id) AS state
    FROM evaluated
    GROUP BY ALL
),
of_models AS (
    SELECT model_id, last(state ORDER BY attempt, id) AS state
    FROM evaluated
    WHERE is_default AND model_id IS NOT NULL
    GROUP BY ALL
),
standing AS (
    SELECT
        s.*,
        c.of_models AND s.model_id IS NOT NULL AS is_model,
        CASE WHEN c.by_score THEN s.mean_score ELSE s.elo END AS rating
    FROM standings AS s
    JOIN chosen AS c ON c.id = s.ladder_id
),
stated AS (
    SELECT
        s.competitor,
        CASE
            WHEN coalesce(one.state, other.state) IN ('queued', 'running', 'waiting')
            THEN 'placing'
            ELSE coalesce(one.state, other.state, 'untested')
        END AS state
    FROM standing AS s
    LEFT JOIN of_models AS one ON s.is_model AND one.model_id = s.model_id
    LEFT JOIN of_agents AS other ON NOT s.is_model AND other.agent_id = s.agent_id
)
SELECT
    rank() OVER (ORDER BY s.rating DESC) AS position,
    s.competitor,
    coalesce(
        nullif(CASE WHEN s.is_model THEN m.display_name ELSE a.title END, ''), s.competitor
    ) AS title,
    CASE WHEN s.is_model THEN 'model' ELSE coalesce(a.kind, 'name') END AS kind,
    s.rating,
    s.matches,
    s.wins,
    s.losses,
    s.ties,
    s.wins / s.matches AS win_rate,
    s.score_total,
    s.score_total / s.matches AS score_per_match,
    s.top_score,
    s.first_match_at,
    s.last_match_at,
    CASE
        WHEN s.is_model AND NOT m.is_active AND m.is_active_set_by IN ('person', 'yaml') THEN 'inactive'
        WHEN NOT s.is_model AND NOT a.active THEN 'inactive'
        ELSE t.state
    END AS status,
    s.live_mu AS trueskill_mu,
    s.live_sigma AS trueskill_sigma,
    s.live_mu - 3 * s.live_sigma AS trueskill_exposed
FROM standing AS s
JOIN stated AS t ON t.competitor = s.competitor
LEFT JOIN agents AS a ON a.id = s.agent_id
LEFT JOIN models AS m ON m.id = s.model_id
WHERE s.matches > 0 AND s.rating IS NOT NULL
ORDER BY s.rating DESC, s.competitor
