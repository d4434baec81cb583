-- What two players made of the matches in which both sat, each named as agent, model or as called there; a match of several counts by who did better.
-- Example: FROM head_to_head('greedy', 'flood')
CREATE OR REPLACE MACRO head_to_head(a, b) AS TABLE
SELECT
    a AS a,
    b AS b,
    count(*) AS matches,
    count(*) FILTER (p.points = 1) AS a_wins,
    count(*) FILTER (p.points = 0) AS b_wins,
    count(*) FILTER (p.points = 0.5) AS ties,
    avg(p.points) AS a_points_per_match,
    avg(p.score) AS a_score_per_match,
    avg(p.opponent_score) AS b_score_per_match,
    avg(p.score_points) AS a_points_by_score,
    avg(p.survival_points) AS a_points_by_survival,
    min(p.ended_at) AS first_at,
    max(p.ended_at) AS last_at
FROM pairs AS p
WHERE a IN (p.agent, p.model, p.name)
    AND b IN (p.opponent_agent, p.opponent_model, p.opponent_name)
