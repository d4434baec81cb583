-- The leaderboard as it was published on a day (UTC), or last before it: what was seen then, whatever was recomputed since.
-- Example: FROM standings_on(NULL, today())
CREATE OR REPLACE MACRO standings_on(ladder, day) AS TABLE
WITH asked AS (
    SELECT
        known_ladder(ladder) AS board,
        CAST(utc_moment(day) AT TIME ZONE 'UTC' AS DATE) AS until
),
newest AS (
    SELECT max(d.day) AS taken
    FROM standing_days AS d
    WHERE d.ladder = (SELECT board FROM asked) AND d.day <= (SELECT until FROM asked)
)
SELECT
    d.position,
    d.competitor,
    coalesce(d.elo, d.mean_score) AS rating,
    d.matches,
    d.wins,
    d.losses,
    d.ties,
    d.score_total,
    d.day,
    d.taken_at
FROM standing_days AS d
WHERE d.ladder = (SELECT board FROM asked) AND d.day = (SELECT taken FROM newest)
ORDER BY d.position, d.competitor
