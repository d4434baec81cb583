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
statuses AS (
    SELECT
        CASE WHEN c.of_models THEN a.model_id ELSE a.id END AS subject,
        last(e.state ORDER BY e.attempt, e.id) AS state
    FROM evaluations AS e
    JOIN chosen AS c ON c.id = e.ladder_id
    JOIN agents AS a ON a.id = e.agent_id
    WHERE a.is_default OR NOT c.of_models
    GROUP BY ALL
),
standing AS (
    SELECT
        s.*,
        c.of_models,
        CASE WHEN c.by_score THEN s.mean_score ELSE s.elo END AS rating
    FROM standings AS s
    JOIN chosen AS c ON c.id = s.ladder_id
)
SELECT
    rank() OVER (ORDER BY s.rating DESC) AS position,
    s.competitor,
    coalesce(
        nullif(CASE WHEN s.of_models THEN m.display_name ELSE a.title END, ''), s.competitor
    ) AS title,
    CASE WHEN s.of_models THEN 'model' ELSE coalesce(a.kind, 'name') END AS kind,
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
        WHEN NOT a.active THEN 'inactive'
        WHEN t.state IN ('queued', 'running', 'waiting') THEN 'placing'
        ELSE coalesce(t.state, 'untested')
    END AS status
FROM standing AS s
LEFT JOIN agents AS a ON a.id = s.agent_id
LEFT JOIN models AS m ON m.id = s.model_id
LEFT JOIN statuses AS t
    ON t.subject = CASE WHEN s.of_models THEN s.model_id ELSE s.agent_id END
WHERE s.matches > 0 AND s.rating IS NOT NULL
ORDER BY s.rating DESC, s.competitor
